import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AT_FDCWD, F, O, POLL, SYS, type SyscallName } from '@tally86/abi';
import { createMemoryFileSystem, createOverlayFileSystem } from '@tally86/vfs';
import { createHostFileSystem } from '@tally86/vfs/host';
import type { FileSystem } from '@tally86/core';
import { describe, expect, it } from 'vitest';
import { compile, hasOracle, kernelAtLeast } from '../../../../tools/oracle/src/index.ts';
import { createGuest } from '../../test/guest.ts';
import { createCredentials, createDefaultSyscalls, createMachineFiles } from '../index.ts';

/** The kernel of this machine is the oracle: random calls about files on random arguments, in an empty directory. */
const BASE = 0x1000_0000;
/** Where a step's bytes are put, and how many of a result are compared. */
const PATH_A = BASE;
const PATH_B = BASE + 0x200;
const DATA = BASE + 0x400;
const BUFFER = BASE + 0x1000;
const SIZE = 0x3000;

interface FileStep {
  readonly name: SyscallName;
  readonly args: readonly (number | bigint)[];
  /** Bytes put before the call. */
  readonly put: readonly (readonly [address: number, bytes: Uint8Array])[];
  /** Bytes compared after it. */
  readonly get: readonly (readonly [address: number, length: number])[];
}

function picker(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const text = (value: string): Uint8Array => new TextEncoder().encode(`${value}\0`);
const words = (...values: readonly (number | bigint)[]): Uint8Array => new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);

/** A random step: valid enough to get far, wrong often enough to meet every error. */
function randomStep(pick: (below: number) => number): FileStep {
  const from = <T>(...choices: readonly T[]): T => choices[pick(choices.length)]!;
  const fd = (): number => from(3, 3, 3, 4, 4, 4, 5, 5, 6, 7, 8, 300, -1);
  const path = (): string => from('a', 'a', 'b', 'b', 'c', 'd', 'd', 'd/a', 'd/b', 'd/e', 'd/e/f', 'a/', 'd/', './a', 'd/../b', 'd/.', '', 'x/y', 'l', 'l/a', 'a/b');
  const length = (): number => from(0, 1, 5, 100, 4096, 5000, 70_000, -1);
  const offset = (): number => from(0, 0, 1, 10, 4096, 5000, 100_000, -1, -5);
  // Before Linux 6.4 O_DIRECTORY | O_CREAT was no error.
  const supported = (bits: number): number => (kernelAtLeast(6, 4) || (bits & O.DIRECTORY) === 0 ? bits : bits & ~O.CREAT);
  const flags = (): number => supported(from<number>(O.RDONLY, O.WRONLY, O.RDWR, O.RDWR) | from(0, O.CREAT, O.CREAT, O.CREAT | O.EXCL) | from(0, 0, O.TRUNC)
    | from(0, 0, 0, O.APPEND, O.NONBLOCK, O.DIRECTORY, O.CLOEXEC, O.NOFOLLOW, O.PATH));
  const one = path();
  const two = path();
  const paths = [[PATH_A, text(one)], [PATH_B, text(two)]] as const;
  const data = from('hello world', 'x'.repeat(64), 'some more text');
  const content = [[BUFFER, text(data.repeat(80))]] as const;
  const step = (name: SyscallName, args: FileStep['args'], put: FileStep['put'] = [], get: FileStep['get'] = []): FileStep => ({ name, args, put, get });
  const buffer = from(BUFFER, BUFFER, BUFFER, BUFFER, 0, -4096);
  const clear = [[BUFFER, new Uint8Array(2048)]] as const;
  const vectors = [[DATA, words(BUFFER, pick(50), BUFFER + 100, pick(5000), BUFFER, 3)]] as const;
  const rows: readonly (() => FileStep)[] = [
    () => step('openat', [AT_FDCWD, PATH_A, flags(), 0o644], paths),
    () => step('openat', [AT_FDCWD, PATH_A, O.RDWR | O.CREAT, 0o644], paths),
    () => step('openat', [AT_FDCWD, PATH_A, O.RDWR | O.CREAT, 0o644], [[PATH_A, text(from('a', 'b', 'c', 'd/a'))]]),
    () => step('openat', [AT_FDCWD, PATH_A, O.DIRECTORY, 0o644], [[PATH_A, text(from('d', '.'))]]),
    () => step('openat', [fd(), PATH_A, flags(), 0o644], paths),
    () => step('close', [fd()]),
    () => step('read', [fd(), buffer, length()], clear, [[BUFFER, 200]]),
    () => step('write', [fd(), buffer, length()], content),
    () => step('write', [fd(), BUFFER, pick(900)], content),
    () => step('pread64', [fd(), BUFFER, length(), offset()], clear, [[BUFFER, 200]]),
    () => step('pwrite64', [fd(), BUFFER, pick(900), offset()], content),
    () => step('readv', [fd(), DATA, from(1, 2, 3, 0, -1, 2000)], [...clear, ...vectors], [[BUFFER, 200]]),
    () => step('writev', [fd(), DATA, from(1, 2, 3, 0, -1, 2000)], [...content, ...vectors]),
    () => step('lseek', [fd(), offset(), from(0, 1, 2, 5)]),
    () => step('dup', [fd()]),
    () => step('dup2', [fd(), from(3, 4, 5, 6, 9, 100_000, -1)]),
    () => step('dup3', [fd(), from(3, 4, 5, 6, 9), from(0, O.CLOEXEC, 1)]),
    () => step('fcntl', [fd(), from(F.GETFD, F.GETFL, F.GETFL, F.SETFD, F.GETPIPE_SZ, 77), from(0, 1, 5)]),
    // Never without O_NONBLOCK: the driver would sleep.
    () => step('fcntl', [fd(), F.SETFL, from(O.NONBLOCK, O.NONBLOCK | O.APPEND, O.NONBLOCK | O.RDWR)]),
    () => step('fcntl', [fd(), from(F.DUPFD, F.DUPFD_CLOEXEC), from(0, 3, 7, 12, -1)]),
    () => step('ftruncate', [fd(), offset()]),
    () => step('truncate', [PATH_A, offset()], paths),
    () => step('rename', [PATH_A, PATH_B], paths),
    () => step('renameat2', [AT_FDCWD, PATH_A, AT_FDCWD, PATH_B, from(0, 1, 3, 8)], paths),
    () => step('link', [PATH_A, PATH_B], paths),
    // AT_EMPTY_PATH asked for a capability before Linux 6.10.
    () => step('linkat', [AT_FDCWD, PATH_A, AT_FDCWD, PATH_B, from(0, 0x400, kernelAtLeast(6, 10) ? 0x1000 : 0, 1)], paths),
    () => step('symlinkat', [PATH_A, AT_FDCWD, PATH_B], [[PATH_A, text(from('a', 'd', 'nowhere', 'l', ''))], [PATH_B, text(from('l', 'l', 'c', 'd/e'))]]),
    () => step('unlinkat', [from<number>(AT_FDCWD, AT_FDCWD, fd()), PATH_A, from(0, 0, 0x200, 1)], paths),
    () => step('mkdirat', [AT_FDCWD, PATH_A, 0o755], [[PATH_A, text(from('d', 'd', 'd/e', 'a', '', 'd/', 'x/y'))]]),
    () => step('rmdir', [PATH_A], paths),
    () => step('readlink', [PATH_A, BUFFER, from(0, 2, 100, -1)], [...paths, ...clear], [[BUFFER, 20]]),
    () => step('faccessat2', [AT_FDCWD, PATH_A, from(0, 4, 6, 8), from(0, 0x100, 0x200, 3)], paths),
    // st_mode, and the size of what is no directory.
    () => step('newfstatat', [AT_FDCWD, PATH_A, BUFFER, from(0, 0x100, 0x1000, 2)], [...paths, ...clear], [[BUFFER + 24, 4]]),
    () => step('fstat', [fd(), from(BUFFER, BUFFER, 0)], clear, [[BUFFER + 24, 4]]),
    () => step('pipe2', [from(BUFFER, BUFFER, 0), O.NONBLOCK | from(0, O.CLOEXEC, 1)], clear, [[BUFFER, 8]]),
    () => step('poll', [DATA, from(0, 1, 3), 0], [[DATA, new Uint8Array(Int32Array.of(fd(), POLL.IN | POLL.OUT, fd(), POLL.IN, fd(), POLL.OUT).buffer)]], [[DATA, 24]]),
    () => step('select', [from(0, 12, -1), DATA, DATA + 128, 0, DATA + 256], [[DATA, words(pick(2048) & ~7, 0)], [DATA + 128, words(pick(2048) & ~7, 0)], [DATA + 256, words(0, 0)]], [[DATA, 8], [DATA + 128, 8]]),
    () => step('sendfile', [fd(), fd(), from(0, DATA), from(0, 10, 5000)], [[DATA, words(from(0, 5, -1))]], [[DATA, 8]]),
    () => step('splice', [fd(), 0, fd(), 0, from(0, 10, 5000), from(2, 2, 16)]),
    () => step('tee', [fd(), fd(), from(0, 10, 5000), 2]),
    () => step('flock', [fd(), from(1, 2, 8, 0) | 4]),
    () => step('fsync', [fd()]),
    () => step('umask', [from(0o022, 0o022)]),
    () => step('fchdir', [from(fd(), 300)]),
    () => step('close_range', [from(8, 9, 5), from(4, 9, 10), from(0, 0, 8)]),
    () => step('statfs', [PATH_A, from(0, BUFFER)], paths),
    () => step('fadvise64', [fd(), 0, from(0, 10), from(0, 4, 9)]),
    () => step('memfd_create', [PATH_A, from(0, 1, 64)], [[PATH_A, text('name')]]),
    () => step('ioctl', [fd(), from(0x5401, 0x541b, 0x5451, 0x5421, 0x1234), BUFFER], clear, [[BUFFER, 4]]),
  ];
  return rows[pick(rows.length)]!();
}

const hex = (value: number | bigint): string => BigInt.asUintN(64, BigInt(value)).toString(16);
/** The struct sigaction at DATA is SIG_IGN. */
const IGNORE_SIGPIPE = { name: 'rt_sigaction', args: [13, DATA, 0, 8] } as const;
const SETUP = { name: 'mmap', args: [BASE, SIZE, 3, 0x32, -1, 0] } as const;

function emptyDirectory(): string {
  // tmpfs where there is one: what other file systems say of directories' positions is their own.
  const path = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tally86-files-'));
  chmodSync(path, 0o755);
  return path;
}

function nativeAnswers(steps: readonly FileStep[]): string[][] {
  const driver = compile([fileURLToPath(new URL('../../test/syscall-driver.c', import.meta.url))], { flags: ['-O1', '-static', '-no-pie'] });
  const call = ({ name, args }: Pick<FileStep, 'name' | 'args'>): string => `c ${hex(SYS[name])} ${args.map(hex).join(' ')}`;
  const lines = [call(SETUP), `p ${hex(DATA)} 1`, call(IGNORE_SIGPIPE)];
  for (const step of steps) {
    for (const [address, bytes] of step.put) bytes.forEach((byte, index) => lines.push(`p ${hex(address + index)} ${hex(byte)}`));
    lines.push(call(step));
    for (const [address, length] of step.get) for (let index = 0; index < length; index += 1) lines.push(`g ${hex(address + index)}`);
  }
  const directory = emptyDirectory();
  try {
    const output = execFileSync(driver, { input: `${lines.join('\n')}\n`, encoding: 'utf8', cwd: directory, maxBuffer: 1 << 28 }).trimEnd().split('\n');
    let at = 2;
    return steps.map((step) => {
      const count = 1 + step.get.reduce((sum, [, length]) => sum + length, 0);
      return output.slice(at, (at += count));
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function ourAnswers(steps: readonly FileStep[], root: FileSystem): string[][] {
  const uid = process.getuid?.() ?? 1000;
  // As under the driver: output is a pipe, input is one whose end was read.
  const stream = { kind: 'pipe' as const, read: () => 0, write: (from: Uint8Array) => from.length, readable: () => true, wait: () => Promise.resolve() };
  const files = createMachineFiles({ root, credentials: createCredentials(uid, uid), stdin: stream, stdout: stream, stderr: stream });
  const guest = createGuest({ files, syscalls: createDefaultSyscalls() });
  (guest.task as { fs: unknown }).fs = files.fs;
  Object.assign(guest.process.credentials, createCredentials(uid, uid));
  guest.call(SETUP.name, ...SETUP.args);
  guest.poke(DATA, Uint8Array.of(1));
  guest.call(IGNORE_SIGPIPE.name, ...IGNORE_SIGPIPE.args);
  return steps.map((step) => {
    for (const [address, bytes] of step.put) guest.poke(address, bytes);
    const answers = [String(guest.call(step.name, ...step.args))];
    for (const [address, length] of step.get) answers.push(...[...guest.peek(address, length)].map(String));
    return answers;
  });
}

const SEEDS = Array.from({ length: Number(process.env.TALLY86_FILE_SEEDS ?? 12) }, (_, index) => index + 1);
const STEPS = 400;

describe.skipIf(!hasOracle('native', 'gcc'))('calls about files answer as the kernel of this machine does', () => {
  it.each(SEEDS)('seed %d', (seed) => {
    const pick = picker(seed);
    const steps = Array.from({ length: STEPS }, () => randomStep(pick));
    const native = nativeAnswers(steps);
    const scratch = emptyDirectory();
    try {
      const roots: Readonly<Record<string, FileSystem>> = {
        memory: createMemoryFileSystem(),
        overlay: createOverlayFileSystem({ lower: createMemoryFileSystem() }),
        host: createHostFileSystem({ path: scratch }),
      };
      for (const [name, root] of Object.entries(roots)) {
        const ours = ourAnswers(steps, root);
        const wrong = steps.findIndex((_, index) => ours[index]!.join() !== native[index]!.join());
        if (wrong < 0) continue;
        const show = (index: number): string => {
          const { name: call, args, put } = steps[index]!;
          const shown = args.map((arg) => put.find(([address]) => address === arg)?.[1] ?? arg).map((arg) => (typeof arg === 'object' ? JSON.stringify(new TextDecoder('latin1').decode(arg.subarray(0, 12)).replace(/\0.*/s, '')) : String(arg)));
          return `${call}(${shown.join(', ')}) = ${native[index]![0]}`;
        };
        const before = Array.from({ length: Math.min(wrong, 60) }, (_, index) => show(wrong - Math.min(wrong, 60) + index));
        expect.fail(`${name}, step ${wrong}: ${ours[wrong]!.slice(0, 40).join()} instead of ${native[wrong]!.slice(0, 40).join()}\n${[...before, show(wrong)].join('\n')}`);
      }
    } finally {
      rmSync(scratch, { recursive: true });
    }
  });
});
