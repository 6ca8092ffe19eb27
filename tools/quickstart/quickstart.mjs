// `npm run quickstart`: install, build, then count the instructions of a guest program that ships with the repository and, where there
// is one, of this machine's own /bin/ls.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, fail, root } from '../workspace/setup.mjs';

const ELF_MAGIC = '\x7fELF';
const E_MACHINE = 18;
const EM_X86_64 = 62;

/**
 * Whether a file is an x86-64 ELF program; on other machines /bin/ls is something else.
 * @param {string} path
 */
function isGuest(path) {
  if (!existsSync(path)) return false;
  const header = Buffer.alloc(20);
  readSync(openSync(path, 'r'), header, 0, header.length, 0);
  return header.toString('latin1', 0, 4) === ELF_MAGIC && header.readUInt16LE(E_MACHINE) === EM_X86_64;
}

/**
 * @param {string} scratch
 * @param {string[]} command
 */
function count(scratch, command) {
  const file = join(scratch, 'count.json');
  console.log(`\n$ tally86 count ${command.join(' ')}`);
  const args = [join(root, 'packages', 'cli', 'dist', 'bin.cjs'), 'count', '--json', file, ...command];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0 || !existsSync(file)) fail(`tally86 count ended with status ${status}`);
  const report = JSON.parse(readFileSync(file, 'utf8'));
  console.log(`${Number(report.total).toLocaleString('en-US')} instructions (convention ${report.convention})`);
  for (const window of report.windows) console.log(`${Number(window.count).toLocaleString('en-US')} of them between the program's own marks`);
}

ensureInstalled();
ensureBuilt();
const scratch = mkdtempSync(join(tmpdir(), 'tally86-quickstart-'));
try {
  count(scratch, ['tools/guests/prebuilt/hello']);
  if (isGuest('/bin/ls')) count(scratch, ['/bin/ls', '/']);
  else console.log('\nThis machine has no x86-64 /bin/ls to count.');
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log('\nThe same counts on every run. Next: node packages/cli/dist/bin.cjs count PROGRAM');
