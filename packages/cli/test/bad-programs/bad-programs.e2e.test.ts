import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasOracle } from '../../../../tools/oracle/src/index.ts';
import { CLI, ENGINES, hasProgram } from '../support/programs.ts';

const guest = (name: string): string => fileURLToPath(new URL(`../../../../tools/guests/prebuilt/${name}`, import.meta.url));

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line to its end, which must come; 128 + N stands for signal N, as in a shell. */
function run(argv: readonly string[], cwd?: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000, killSignal: 'SIGKILL', ...(cwd === undefined ? {} : { cwd }) });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString('latin1')));
    child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString('latin1')));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ status: code ?? 128 + constants.signals[signal!], stdout, stderr }));
  });
}
const tally86 = (args: readonly string[], cwd?: string): Promise<Ended> => run([process.execPath, CLI, ...args], cwd);

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tally86-bad-'));
  const hello = readFileSync(guest('hello'));
  const write = (name: string, contents: Uint8Array | string, mode = 0o755): void => writeFileSync(join(directory, name), contents, { mode });
  const changed = (at: number, ...bytes: number[]): Buffer => {
    const copy = Buffer.from(hello);
    Buffer.from(bytes).copy(copy, at);
    return copy;
  };
  mkdirSync(join(directory, 'directory'));
  write('not-executable', hello, 0o644);
  write('empty', '');
  write('text', 'just words\n');
  write('header-only', hello.subarray(0, 40));
  write('no-table', hello.subarray(0, 64));
  write('half', hello.subarray(0, 200));
  write('arm', changed(18, 183, 0));
  write('i386', changed(4, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0));
  write('object', changed(16, 1, 0));
  write('far-entry', changed(24, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
  write('lost-script', '#!/nowhere/at/all\n');
  write('endless-script', `#!${join(directory, 'endless-script')}\n`);
  write('line\nbreak', 'words');
  const dynamic = readFileSync(guest('dynamic'));
  write('lost-loader', dynamic);
  copyFileSync(guest('hello'), join(directory, 'hello'));
  chmodSync(join(directory, 'hello'), 0o755);
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Every file that is no program ends with one line that names it, and the status a shell has for it. */
describe('files that are no program', () => {
  const rows: readonly (readonly [name: string, status: number, reason: RegExp])[] = [
    ['missing', 127, /No such file/], ['directory', 126, /Permission denied|not a file/], ['hello/below', 127, /No such file|Not a directory/],
    ['not-executable', 126, /Permission denied|not executable/], ['empty', 126, /not an ELF file/], ['text', 126, /not an ELF file/], ['header-only', 126, /truncated/],
    ['no-table', 126, /truncated/], ['half', 126, /truncated/], ['arm', 126, /AArch64/], ['i386', 126, /32-bit/], ['object', 126, /relocatable/],
    ['far-entry', 126, /entry point/], ['lost-script', 127, /its interpreter \/nowhere\/at\/all: No such file/], ['endless-script', 126, /symbolic links|levels/], ['lost-loader', 127, /its interpreter \/tally86\/loader[^\n]*: No such file/], ['line\nbreak', 126, /not an ELF file/],
  ];
  const profiles = { run: ['run'], count: ['count'], 'in a sandbox': ['run', '--sandbox'] };
  describe.each(Object.entries(profiles))('%s', (_, options) => {
    it.each(rows)('%j', async (name, status, reason) => {
      const path = join(directory, name);
      const ended = await tally86([...options, path]);
      expect(ended.stderr).toMatch(reason);
      // one line, that begins with the file
      expect(ended.stderr).toMatch(/^tally86: [^\n]+\n$/);
      expect(ended.stderr.startsWith(`tally86: ${path.replaceAll('\n', '\\n')}: `)).toBe(true);
      expect(ended.status).toBe(status);
    });
  });
  it('a bare name that PATH does not have', async () => {
    expect(await tally86(['run', 'tally86-has-no-such-program'])).toEqual({ status: 127, stdout: '', stderr: 'tally86: tally86-has-no-such-program: not found in PATH\n' });
  });
});

/** Deeds of prebuilt/bad: the status is what a shell sees of the same program natively. */
describe('programs that do bad things', () => {
  const SEGV = 128 + 11;
  const rows: readonly (readonly [deed: string, status: number])[] = [
    ['null', SEGV], ['kernel', SEGV], ['non-canonical', SEGV], ['nowhere', SEGV], ['beyond', SEGV], ['nx', SEGV], ['read-only', SEGV], ['recursion', SEGV], ['stosb', SEGV],
    ['movsq-down', SEGV], ['hlt', SEGV], ['int80', SEGV], ['no-stack', SEGV], ['handler-nowhere', SEGV], ['sigreturn', SEGV], ['unmap', SEGV],
    ['illegal', 128 + 4], ['int3', 128 + 5], ['divide', 128 + 8], ['overflow', 128 + 8], ['abort', 128 + 6], ['kill', 128 + 9],
    // 100,000 mappings that cannot merge: vm.max_map_count ends it by ENOMEM
    ['maps', 42],
  ];
  it.each(rows)('%s', async (deed, status) => {
    for (const engine of ENGINES) {
      const ended = await tally86(['run', '--sandbox', '--engine', engine, guest('bad'), deed]);
      expect(ended, engine).toMatchObject({ status, stdout: '' });
      expect(ended.stderr.split('\n').length, engine).toBeLessThanOrEqual(2);
    }
    if (hasOracle('native')) expect((await run([guest('bad'), deed])).status).toBe(status);
  });

  const budgets: readonly (readonly [string, readonly string[], number, string])[] = [
    ['memory until ENOMEM', ['--max-memory', '64M', guest('bad'), 'allocate'], 42, ''],
    ['memory for less than the program', ['--max-memory', '64k', '--page-table', 'qemu-4.2', guest('hello')], 125, 'does not hold'],
    ['an endless loop', ['--max-instructions', '1000000', guest('bad'), 'forever'], 124, 'budget of 1000000 instructions'],
    ['a fault that its handler does not mend', ['--max-instructions', '10000', guest('bad'), 'handler-again'], 124, 'budget of 10000 instructions'],
    ['a fork bomb', ['--max-tasks', '100', '--max-instructions', '1000000', guest('forks'), 'bomb'], 124, 'budget of 1000000 instructions'],
    ['output', ['--max-written', '3', guest('hello')], 124, 'budget of 3 bytes written'],
    ['no instructions at all', ['--max-instructions', '0', guest('hello')], 124, 'budget of 0 instructions'],
  ];
  it.each(budgets)('under a budget: %s', async (_, args, status, message) => {
    for (const engine of ENGINES) {
      const ended = await tally86(['run', '--sandbox', '--engine', engine, ...args]);
      expect(ended.status, engine).toBe(status);
      expect(ended.stderr, engine).toMatch(message === '' ? /^$/ : new RegExp(`^tally86: [^\n]*${message}[^\n]*\n$`));
    }
  });
});

/** Its processes sleep for seconds where fork fails: of the virtual clock. */
describe.skipIf(!hasProgram('bash'))('a fork bomb of bash', () => {
  it.each(['foreground', 'background'])('in the %s ends by its budget', async (place) => {
    const bomb = place === 'foreground' ? ':(){ :|:; };:' : ':(){ :|:& wait; };:';
    const ended = await tally86(['run', '--clock', 'virtual', '--max-tasks', '20', '--max-instructions', '5000000', '/bin/bash', '-c', bomb]);
    expect(ended.status).toBe(124);
    expect(ended.stderr).toMatch(/: fork: retry: Resource temporarily unavailable\n(.*\n)*tally86: the budget of 5000000 instructions is spent\n$/);
  });
});

/** Wrong options end with 2 and a line that says which; none starts a program. */
describe('options', () => {
  const hello = guest('hello');
  const rows: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ['no command', [], 2, /Usage/], ['an unknown command', ['fly'], 2, /unknown command 'fly'/], ['no program', ['run'], 2, /missing required argument/],
    ['an unknown option', ['run', '--fast', hello], 2, /unknown option '--fast'/], ['an unknown engine', ['run', '--engine', 'steam', hello], 2, /steam.*invalid.*interpreter/s],
    ['a negative budget', ['run', '--max-instructions', '-5', hello], 2, /max-instructions/], ['no number', ['count', '--max-instructions', 'lots', hello], 2, /whole number/],
    ['no size', ['run', '--max-memory', '12 parsecs', hello], 2, /number of bytes/], ['more memory than there can be', ['run', '--max-memory', '64G', hello], 2, /memory|budget/i],
    ['no number of files', ['run', '--max-files', '-1', hello], 2, /max-files/], ['no size of output', ['run', '--max-written', 'much', hello], 2, /number of bytes/],
    ['no memory', ['run', '--max-memory', '0', hello], 2, /memory|budget/i],
    ['a mount without a place', ['run', '--mount', '/tmp', hello], 2, /SRC:\/DST/], ['a mount of nothing', ['run', '--mount', '/no/such:/x', hello], 127, /\/no\/such: No such file/],
    ['a mount of the host\'s processes', ['run', '--mount', '/proc:/x', hello], 2, /processes cannot be shown/],
    ['a mount over everything', ['run', '--mount', '/tmp:/', hello], 2, /cannot be the place of a mount/],
    ['a variable without a value', ['run', '-E', 'X', hello], 2, /NAME=VALUE/], ['a directory that is none', ['run', '--cwd', hello, hello], 2, /no such directory/],
    ['a sysroot that is none', ['run', '-L', '/no/such', hello], 2, /no such directory/], ['a report where none can be', ['count', '--json', '/no/such/file', hello], 125, /no such file/],
    ['a trace where none can be', ['run', '--mtrace', '/no/such/file', hello], 125, /no such file/], ['memory of a program that is none', ['memory', '--program', '/no/such'], 127, /\/no\/such/],
    ['an unknown strategy', ['memory', '--mmap', 'random'], 2, /random/],
  ];
  it.each(rows)('%s', async (_, args, status, message) => {
    const ended = await tally86(args);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).not.toMatch(/^\s+at |this is a bug/m);
    expect(ended.status).toBe(status);
  });
});
