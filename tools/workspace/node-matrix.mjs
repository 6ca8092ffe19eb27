// Runs one Node program under every Node we support and demands the same exit status and the same bytes on stdout:
//   npm run node-matrix -- [--versions 20,22,24] FILE [ARGS]
// npm's own packages carry the binaries; they are kept under node_modules/.cache.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fail, root, run } from './setup.mjs';

export const NODE_VERSIONS = ['20', '22', '24'];

const PLATFORMS = { linux: 'linux', darwin: 'darwin', win32: 'win' };

/**
 * Path of a Node binary of the given major version, installed on first use.
 * @param {string} version
 */
export function nodeBinary(version) {
  const name = `node-${PLATFORMS[process.platform]}-${process.arch}`;
  const folder = join(root, 'node_modules', '.cache', 'tally86', `node-${version}`);
  const binary = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    const args = ['install', '--prefix', folder, '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`];
    const { status, output } = run('npm', args);
    if (status !== 0 || !existsSync(binary)) fail(`cannot install Node ${version}\n${output}`);
  }
  return binary;
}

function main() {
  const args = process.argv.slice(2);
  const versions = args[0] === '--versions' ? args.splice(0, 2)[1].split(',') : NODE_VERSIONS;
  if (args.length === 0) fail('usage: node-matrix [--versions 20,22,24] FILE [ARGS]');
  const results = versions.map((version) => {
    const binary = nodeBinary(version);
    const ran = spawnSync(binary, args, { stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 30 });
    const name = spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout.trim();
    const result = `status ${ran.status ?? ran.signal}, ${ran.stdout.length} bytes of output, sha256 ${createHash('sha256').update(ran.stdout).digest('hex').slice(0, 16)}`;
    console.log(`${name}: ${result}`);
    return { result, failed: ran.status !== 0 };
  });
  if (results.some(({ failed }) => failed)) fail('the program failed');
  if (new Set(results.map(({ result }) => result)).size > 1) fail('the results differ between versions of Node');
  console.log(`the same under ${versions.length} versions of Node`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main();
