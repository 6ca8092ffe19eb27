/**
 * Checks the package in the current folder as it would be published: the tarball's contents, publint, are-the-types-wrong, and its
 * exported names against `exports.snapshot.txt`. `--update` writes the snapshot instead.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describeExports, readManifest } from './exports.ts';
import { pack } from './pack.ts';

const folder = process.cwd();
const manifest = readManifest(folder);
const problems: string[] = [];

function checkFiles(files: readonly string[]): void {
  for (const needed of ['LICENSE', 'README.md', 'package.json']) if (!files.includes(needed)) problems.push(`tarball lacks ${needed}`);
  for (const file of files) if (/\.test\.ts$|(^|\/)tsconfig|\.tsbuildinfo$/.test(file)) problems.push(`tarball holds ${file}`);
}

async function checkManifest(tarball: string): Promise<void> {
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(readFileSync(tarball)).buffer }, strict: true });
  for (const message of messages) problems.push(`publint: ${formatMessage(message, pkg, { color: false })}`);
}

function checkTypes(tarball: string): void {
  const attw = join(dirname(createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json')), 'dist', 'index.js');
  try {
    // ESM only on purpose: `require()` of ESM works in every Node we support.
    execFileSync(process.execPath, [attw, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji', tarball], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    problems.push(`are-the-types-wrong:\n${(error as { stdout?: string }).stdout ?? String(error)}`);
  }
}

function checkExports(): void {
  const file = join(folder, 'exports.snapshot.txt');
  const now = describeExports(folder);
  if (process.argv.includes('--update')) {
    writeFileSync(file, now);
    return;
  }
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (before === now) return;
  const old = new Set(before.split('\n'));
  const current = new Set(now.split('\n'));
  const lines = [...[...old].filter((line) => !current.has(line)).map((line) => `- ${line}`), ...[...current].filter((line) => !old.has(line)).map((line) => `+ ${line}`)];
  problems.push(`exports changed (a changed export is a decision: npm run exports:update and add a changeset)\n${lines.join('\n')}`);
}

const scratch = mkdtempSync(join(tmpdir(), 'tally86-pack-'));
try {
  const { tarball, files } = pack(folder, scratch);
  checkFiles(files);
  await checkManifest(tarball);
  checkTypes(tarball);
  checkExports();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
for (const problem of problems) console.error(`${manifest.name}: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
