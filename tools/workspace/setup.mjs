// What every command of the README needs first. Plain JavaScript on Node's own modules: it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const OLDEST_NODE = [20, 19];

/** Runs a program in the workspace's root. Returns its exit status and, unless `live`, what it printed. */
export function run(command, args, { live = false, env = {} } = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: live ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    // npm is a .cmd file there.
    shell: process.platform === 'win32',
  });
  if (result.error) return { status: 127, output: `${command}: ${result.error.message}` };
  return { status: result.status ?? 1, output: live ? '' : result.stdout + result.stderr };
}

/** The same without waiting: resolves to the exit status and what it printed. */
export function runBeside(command, args) {
  return new Promise((resolve) => {
    const output = [];
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => output.push(bytes));
    child.on('error', (error) => resolve({ status: 127, output: `${command}: ${error.message}` }));
    child.on('close', (status) => resolve({ status: status ?? 1, output: Buffer.concat(output).toString() }));
  });
}

/** Stops with a sentence, not a stack trace. */
export function fail(message) {
  console.error(`tally86: ${message}`);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    fail(`Node ${OLDEST_NODE.join('.')} or newer is needed, this is ${process.versions.node}`);
  }
}

/** Whether node_modules holds every version the lock file asks for (packages for other platforms are left out by npm). */
function isInstalled() {
  const installedLock = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedLock)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedLock, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) => !path.startsWith('node_modules/') || entry.optional || entry.link || installed[path]?.version === entry.version,
  );
}

export function ensureInstalled() {
  checkNode();
  if (isInstalled()) return;
  console.log('Installing dependencies ...');
  const { status } = run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { live: true });
  if (status !== 0) fail('npm ci failed (see above)');
}

export function ensureBuilt() {
  console.log('Building ...');
  const { status, output } = run('npm', ['run', '--silent', 'build']);
  if (status !== 0) fail(`the build failed\n${output}`);
}
