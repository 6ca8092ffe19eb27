import { CLONE, CLONE_ARGS, MAP, packStruct } from '@tally86/abi';
import { describe, expect, it } from 'vitest';
import { hasOracle } from '../../../../tools/oracle/src/index.ts';
import { runHere, runNatively, type Step } from '../../test/native.ts';

const DATA = 0x1000_0000, EDGE = DATA + 0x2000;
const { VM, SIGHAND, THREAD, FS, NEWNS, NEWUSER, NEWPID, PIDFD, PARENT_SETTID, DETACHED, PARENT, SETTLS, NEWTIME } = CLONE;
const THREADS = VM | SIGHAND | THREAD;
type Fields = Partial<Record<keyof typeof CLONE_ARGS.fields, number | bigint>>;

/** Requests that are refused whoever asks: nothing is made natively. */
const clone: readonly (readonly [name: string, flags: number, stack?: number, word?: number, tls?: bigint])[] = [
  ['a thread without handlers', THREAD | VM], ['a thread alone', THREAD], ['handlers without memory', SIGHAND], ['a name space and a root', NEWNS | FS],
  ['a user name space and a root', NEWUSER | FS], ['a thread in a name space of pids', THREADS | NEWPID], ['a thread in a user name space', THREADS | NEWUSER],
  ['one word for two numbers', PIDFD | PARENT_SETTID, 0, DATA], ['a detached pidfd', PIDFD | DETACHED, 0, DATA],
  ['thread storage in the kernel', THREADS | SETTLS, 0, 0, 1n << 63n], ['thread storage above user space', THREADS | SETTLS, 0, 0, 1n << 47n],
];
const clone3: readonly (readonly [name: string, fields: Fields, size?: number, tail?: number])[] = [
  ['no version has 63 bytes', {}, 63], ['none', {}, 0], ['more than a page', {}, 4097],
  ['a tail that is not zero', { flags: SIGHAND }, 96, 1], ['a zero tail', { flags: SIGHAND }, 96], ['a tail out of memory', { flags: SIGHAND }, 4096],
  ['the signal in the flags', { flags: 17 }], ['detached', { flags: DETACHED }], ['an unknown flag', { flags: 1n << 40n }], ['handlers kept and cleared', { flags: BigInt(VM | SIGHAND) | (1n << 32n) }],
  ['a signal for a thread', { flags: THREADS, exit_signal: 17 }], ['a signal for a sibling', { flags: PARENT, exit_signal: 17 }],
  ['no such signal', { exit_signal: 65 }], ['a signal of nine bits', { exit_signal: 256 }], ['a signal above 32 bits', { exit_signal: 1n << 40n }],
  ['a stack without a size', { stack: DATA }], ['a size without a stack', { stack_size: 4096 }], ['a stack in the kernel', { stack: 1n << 63n, stack_size: 4096 }],
  ['numbers without a count', { set_tid: DATA }], ['a count without numbers', { set_tid_size: 1 }], ['too many numbers', { set_tid: DATA, set_tid_size: 33 }],
  ['numbers out of memory', { set_tid: 16, set_tid_size: 1 }], ['number 0', { set_tid: DATA + 0x800, set_tid_size: 1 }],
  ['a control group above an int', { flags: 1n << 33n, cgroup: 1n << 31n }], ['a control group in the first version', { flags: 1n << 33n }, 64],
  ['a thread without handlers', { flags: THREAD | VM }], ['one word for two numbers', { flags: PIDFD | PARENT_SETTID, pidfd: DATA, parent_tid: DATA }],
  ['a name space of time and a wrong signal', { flags: NEWTIME, exit_signal: 65 }],
];

const SETUP: Step = { kind: 'call', name: 'mmap', args: [DATA, EDGE - DATA, 3, MAP.PRIVATE | MAP.ANONYMOUS | MAP.FIXED, -1, 0] };
/** What lies behind the struct is `tail`, then zero to the end of memory. */
function stepsOf(fields: Fields, size: number = CLONE_ARGS.size, tail = 0): Step[] {
  const bytes = [...packStruct(CLONE_ARGS, fields), tail];
  const at = EDGE - 0x100;
  return [SETUP, ...bytes.map((value, i): Step => ({ kind: 'put', address: at + i, value })), { kind: 'call', name: 'clone3', args: [at, size] }];
}

describe.skipIf(!hasOracle('native', 'gcc'))('refusals agree with the kernel of this machine', () => {
  it.each(clone.map((row) => [row[0], row] as const))('clone: %s', (_, [, flags, stack = 0, word = 0, tls = 0n]) => {
    const steps: Step[] = [SETUP, { kind: 'call', name: 'clone', args: [flags, stack, word, 0, tls] }];
    expect(runHere(steps)).toEqual(runNatively(steps));
  });
  it.each(clone3.map((row) => [row[0], row] as const))('clone3: %s', (_, [, ...request]) => {
    const steps = stepsOf(...request);
    expect(runHere(steps)).toEqual(runNatively(steps));
  });
});
