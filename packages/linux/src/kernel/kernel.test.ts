import { E, errnoName, SYS } from '@tally86/abi';
import { type Plugin, REG } from '@tally86/core';
import { describe, expect, it } from 'vitest';
import { createGuest, DATA, tinyProgram, type Guest } from '../../test/guest.ts';
import { createTestMachine, spawn } from '../../test/harness.ts';
import { compatibilityRows, createDefaultSyscalls, createSeededEntropy } from '../index.ts';
import { chachaBlock } from '../time/entropy.ts';

const name = (result: number): number | string => (result < 0 && result >= -4095 ? `-${errnoName(-result)}` : result);
const put = (guest: Guest, address: number, ...values: bigint[]) => guest.poke(address, new Uint8Array(BigInt64Array.from(values).buffer));
const get = (guest: Guest, address: number): bigint => new DataView(guest.peek(address, 8).buffer).getBigInt64(0, true);

describe('the virtual clock', () => {
  it('goes by instructions and jumps over sleep', () => {
    const guest = createGuest();
    const start = guest.machine.clock.monotonic();
    guest.idle(1000);
    expect(guest.machine.clock.monotonic() - start).toBe(1000);
    put(guest, DATA, 3600n, 5n);
    expect(guest.call('nanosleep', DATA, 0)).toBe(0);
    expect(guest.machine.clock.monotonic() - start).toBeGreaterThanOrEqual(3_600_000_000_005 + 1000);
    expect(guest.machine.counts().retired).toBeLessThan(1010);
  });
  const rows: [string, string, number[], number | string][] = [
    ['an unknown clock', 'clock_gettime', [99, DATA], '-EINVAL'],
    ['a wild pointer', 'clock_gettime', [0, 1], '-EFAULT'],
    ['a negative sleep', 'nanosleep', [DATA + 64, 0], '-EINVAL'],
    ['nanoseconds out of range', 'nanosleep', [DATA + 80, 0], '-EINVAL'],
    ['an absolute time that has passed', 'clock_nanosleep', [1, 1, DATA + 96, 0], 0],
    ['seconds since 1970', 'time', [0], 1_704_067_200],
    ['ticks', 'times', [0], 100_000],
  ];
  it.each(rows)('%s', (_, call, args, expected) => {
    const guest = createGuest();
    put(guest, DATA + 64, -1n, 0n, 0n, 1_000_000_000n, 1n, 0n);
    expect(name(guest.call(call as 'time', ...args))).toBe(expected);
  });
  it('fires alarm and interval timers at their instruction', () => {
    const guest = createGuest();
    put(guest, DATA, 0x400800n, 0x0400_0000n, 0x400900n, 0n);
    for (const signal of [14, 26]) guest.call('rt_sigaction', signal, DATA, 0, 8);
    put(guest, DATA, 0n, 0n, 0n, 5n); // 5 µs once
    guest.call('setitimer', 0, DATA, 0);
    const before = guest.machine.counts().retired;
    guest.idle(4_999);
    expect(guest.register(REG.rdi)).not.toBe(14n);
    guest.idle(2);
    expect([guest.register(REG.rdi), guest.machine.counts().retired - before]).toEqual([14n, 5_001]);
    expect(guest.call('getitimer', 0, DATA)).toBe(0);
    expect(get(guest, DATA + 24)).toBe(0n);
    put(guest, DATA, 0n, 3n, 0n, 3n);
    guest.call('setitimer', 1, DATA, 0);
    guest.idle(3_001);
    expect(guest.register(REG.rdi)).toBe(26n);
  });
});

describe('what never ends', () => {
  it('a wait that nothing can end is a deadlock, named', () => {
    const guest = createGuest();
    guest.start('futex', DATA, 0, 0, 0);
    guest.idle(1);
    expect(guest.machine.exit).toEqual({ kind: 'deadlock', reason: 'nothing can wake the program: thread 1000 waits for futex 0x401000' });
  });
  it('a futex time-out passes at once', () => {
    const guest = createGuest();
    put(guest, DATA + 64, 100n, 0n);
    expect(name(guest.call('futex', DATA, 0, 0, DATA + 64))).toBe('-ETIMEDOUT');
    expect(name(guest.call('futex', DATA, 0, 7, DATA + 64))).toBe('-EAGAIN');
    expect(guest.call('futex', DATA, 1, 5)).toBe(0);
  });
  it('the budget of instructions ends the run exactly', async () => {
    const guest = createGuest({ maxInstructions: 12_345 });
    expect(await guest.machine.run()).toMatchObject({ kind: 'budget' });
    expect(guest.machine.counts().retired).toBe(12_345);
  });
  it('a string instruction that repeats for ever is charged, so that the budget ends it', async () => {
    let runs = 0;
    const test = createTestMachine({
      name: 'stuck',
      create: () => ({ name: 'stuck', run: () => (runs++, { kind: 'budget' }), invalidate: () => undefined, stats: () => ({}) }),
    }, { maxInstructions: 1_000_000 });
    spawn(test, { '/p': tinyProgram() }, { path: '/p' });
    expect(await test.machine.run()).toMatchObject({ kind: 'budget' });
    expect(runs).toBe(Math.ceil(1_000_000 / 16_384));
  });
  it('exit and exit_group carry 8 bits', () => {
    for (const call of ['exit', 'exit_group'] as const) {
      const guest = createGuest();
      guest.call(call, 0x1ff);
      expect(guest.machine.exit).toEqual({ kind: 'exit', code: 255 });
    }
  });
});

describe('plugins', () => {
  it('see system calls and may answer them', () => {
    const seen: string[] = [];
    const plugin: Plugin = {
      name: 'test',
      syscall: ({ number, args }) => (number === SYS.read && args[0] === 0xcafebaben ? 42 : undefined),
      syscallResult: ({ number, thread }, result) => void seen.push(`${thread} ${number} ${result}`),
      task: ({ kind, thread }) => void seen.push(`${kind} ${thread}`),
      mapping: ({ kind, start }) => void (start < 0x5000_0000 && seen.push(`${kind} ${start.toString(16)}`)),
    };
    const guest = createGuest({ plugins: [plugin] });
    expect([guest.call('read', 0xcafebabe, 0, 8), guest.call('getpid')]).toEqual([42, 1000]);
    guest.call('mmap', 0x1000_0000, 0x1000, 3, 0x32, -1, 0);
    guest.call('mprotect', 0x1000_0000, 0x1000, 1);
    guest.call('munmap', 0x1000_0000, 0x1000);
    guest.call('exit_group', 0);
    expect(seen).toEqual([
      'create 1000', 'map 400000', 'map 401000', '1000 0 42', '1000 39 1000', 'map 10000000', '1000 9 268435456', 'protect 10000000', '1000 10 0',
      'unmap 10000000', '1000 11 0', 'exit 1000',
    ]);
  });
});

describe('the table', () => {
  const table = createDefaultSyscalls();
  it('knows every number that Linux assigns', () => {
    const numbers = new Set(table.entries().map(({ number }) => number));
    expect(Object.values(SYS).filter((number) => !numbers.has(number))).toEqual([]);
    expect(compatibilityRows(table).filter(({ support, note }) => support !== 'full' && note === '')).toEqual([]);
  });
  it('can be changed without changing the original', () => {
    const guest = createGuest({ syscalls: table.without('getpid').wrap('getppid', (next) => (task, args) => (next(task, args) as number) + 1) });
    expect([guest.call('getpid'), guest.call('getppid')].map(name)).toEqual(['-ENOSYS', 1000]);
    expect(() => table.without('nothing')).toThrow(/nothing/);
    expect(table.get(SYS.getpid)?.support).toBe('full');
  });
  it('answers unknown numbers with ENOSYS and a note', () => {
    const guest = createGuest();
    expect([5000, -1, 0x4000_0000].map((number) => name(guest.call(number)))).toEqual(['-ENOSYS', '-ENOSYS', '-ENOSYS']);
    expect(guest.notes).toContain('system call 5000 is unknown: ENOSYS');
    expect(name(guest.call('kcmp'))).toBe('-ENOSYS');
    expect(guest.notes).toContain('system call kcmp is not supported: ENOSYS');
  });
});

describe('strace', () => {
  const rows: [string, Parameters<Guest['call']>, string][] = [
    ['mmap', ['mmap', 0, 4096, 3, 0x22, -1, 0], 'mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, NULL) = 0x7ffff7ffe000'],
    ['a failure', ['munmap', 1, 1], 'munmap(0x1, 1) = -1 EINVAL (Invalid argument)'],
    ['wild pointers', ['execve', -1, 8, 0], 'execve(0xffffffffffffffff, 0x8, NULL) = -1 EFAULT (Bad address)'],
    ['signals', ['kill', 1000, 0], 'kill(1000, 0) = 0'],
    ['exit', ['exit_group', 3], 'exit_group(3) = ?'],
    ['unknown', [4999], 'syscall_4999(NULL, NULL, NULL, NULL, NULL, NULL) = -1 ENOSYS (Function not implemented) [unknown to tally86]'],
  ];
  it.each(rows)('%s', (_, call, line) => {
    const guest = createGuest();
    guest.call(...call);
    expect(guest.strace).toEqual([line]);
  });
});

describe('entropy', () => {
  it('is ChaCha20 (RFC 8439, 2.3.2)', () => {
    const state = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, 0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c, 0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c, 1, 0x09000000, 0x4a000000, 0);
    const out = new Uint32Array(16);
    chachaBlock(state, out);
    expect([...out].map((word) => word.toString(16))).toEqual('e4e7f110 15593bd1 1fdd0f50 c47120a3 c7f4d1c7 368c033 9aaa2204 4e6cd4c3 466482d2 9aa9f07 5d7c214 a2028bd9 d19c12b5 b94e16de e883d0cb 4e3c50a2'.split(' '));
  });
  it('does not depend on how it is asked', () => {
    const [a, b] = [new Uint8Array(200), new Uint8Array(200)];
    createSeededEntropy(7n).fill(a);
    const other = createSeededEntropy(7n);
    for (let at = 0; at < 200; at += 8) other.fill(b.subarray(at, at + 8));
    expect(a).toEqual(b);
  });
  it('getrandom', () => {
    const guest = createGuest();
    expect([guest.call('getrandom', DATA, 16, 0), guest.call('getrandom', 0, 16, 0), guest.call('getrandom', DATA, 16, 8), guest.call('getrandom', DATA + 0xff8, 16, 0)].map(name)).toEqual([16, '-EFAULT', '-EINVAL', 8]);
  });
});

it('limits', () => {
  const guest = createGuest();
  put(guest, DATA, 100n, 50n, 10n, 20n);
  expect([guest.call('setrlimit', 7, DATA), guest.call('setrlimit', 7, DATA + 16), guest.call('getrlimit', 7, DATA + 64), guest.call('getrlimit', 16, DATA)].map(name)).toEqual(['-EINVAL', 0, 0, '-EINVAL']);
  expect([get(guest, DATA + 64), get(guest, DATA + 72)]).toEqual([10n, 20n]);
  put(guest, DATA, 10n, 30n);
  expect([guest.call('prlimit64', 0, 7, DATA, 0), guest.call('prlimit64', 4242, 7, 0, 0)]).toEqual([-E.EPERM, -E.ESRCH]);
});
