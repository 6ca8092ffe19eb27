import type { InstructionCounts, PluginHost } from '@tally86/core';
import { describe, expect, it } from 'vitest';
import { CONVENTION_NAMES, conventionByName, createCounter, markOf, reconcile, type ConventionName } from './index.ts';

const START = 0xcafebaben;
const STOP = 0xcafebabfn;

/** A machine whose counts the test moves by hand. */
function machine() {
  const state = { counts: { retired: 0, repIterations: 0, repCompleted: 0, repEmpty: 0, repExhausted: 0 } as InstructionCounts, written: [] as [number, bigint][] };
  const threads = new Map<number, InstructionCounts>();
  const host: PluginHost = {
    counts: (thread) => (thread === undefined ? state.counts : threads.get(thread)!),
    copyIn: () => 0,
    copyOut: (address, from) => (state.written.push([address, new DataView(from.buffer).getBigUint64(0, true)]), from.length),
    note: () => undefined,
  };
  return { state, threads, host };
}
const args = (fd: bigint, length = 8n, buffer = 0x1000n): bigint[] => [fd, buffer, length, 0n, 0n, 0n];

describe('conventions', () => {
  const rows: [string, InstructionCounts, Record<ConventionName, number>][] = [
    ['no rep', { retired: 7, repIterations: 0, repCompleted: 0, repEmpty: 0, repExhausted: 0 }, { retired: 7, 'rep-iteration': 7, 'qemu-plugin': 7 }],
    ['rep of 5, count ran out', { retired: 1, repIterations: 5, repCompleted: 1, repEmpty: 0, repExhausted: 1 }, { retired: 1, 'rep-iteration': 5, 'qemu-plugin': 6 }],
    ['rep of 0', { retired: 1, repIterations: 0, repCompleted: 1, repEmpty: 1, repExhausted: 0 }, { retired: 1, 'rep-iteration': 1, 'qemu-plugin': 1 }],
    ['repne ended by its condition after 3', { retired: 1, repIterations: 3, repCompleted: 1, repEmpty: 0, repExhausted: 0 }, { retired: 1, 'rep-iteration': 3, 'qemu-plugin': 3 }],
    ['rep stopped by a fault after 2', { retired: 0, repIterations: 2, repCompleted: 0, repEmpty: 0, repExhausted: 0 }, { retired: 0, 'rep-iteration': 2, 'qemu-plugin': 2 }],
  ];
  for (const [name, counts, expected] of rows) it(name, () => expect(reconcile(counts).conventions).toEqual(expected));
  it('names what there is when asked for what is not', () => {
    expect(() => conventionByName('ticks')).toThrow(CONVENTION_NAMES.join(', '));
  });
});

describe('marks', () => {
  const rows: [bigint, string | undefined][] = [
    [0xcafebaben, 'start'], [0xcafebabfn, 'stop'], [0xcafebac0n, 'bytes-read'], [0xcafebac1n, 'bytes-written'], [0xcafebac2n, undefined], [0xcafebabdn, undefined],
    [0xffffffffcafebaben, 'start'], [0x0afebaben, 'start'], [0x0afebac1n, 'bytes-written'], [0n, undefined],
  ];
  for (const [fd, mark] of rows) it(`fd ${fd.toString(16)} is ${mark}`, () => expect(markOf(fd)).toBe(mark));
});

describe('counter', () => {
  it('delivers the count of a window, and EBADF', () => {
    const { state, host } = machine();
    const counter = createCounter();
    counter.attach!(host);
    state.counts = { ...state.counts, retired: 100 };
    expect(counter.syscall!({ thread: 1, number: 0, args: args(START) })).toBe(-9);
    state.counts = { ...state.counts, retired: 142 };
    expect(counter.syscall!({ thread: 1, number: 0, args: args(STOP) })).toBe(-9);
    expect(state.written).toEqual([[0x1000, 1n], [0x1000, 42n]]);
    expect(counter.windows).toEqual([{ count: 42, bytesRead: 0, bytesWritten: 0, thread: 1 }]);
    expect(counter.total()).toBe(142);
  });
  it('a stop without a start delivers 0 and is no window', () => {
    const { state, host } = machine();
    const counter = createCounter();
    counter.attach!(host);
    state.counts = { ...state.counts, retired: 5 };
    counter.syscall!({ thread: 1, number: 0, args: args(STOP) });
    expect(state.written).toEqual([[0x1000, 0n]]);
    expect(counter.windows).toEqual([]);
  });
  it('acts without writing when the length is not 8, and on a wild buffer', () => {
    const { state, host } = machine();
    const counter = createCounter();
    counter.attach!(host);
    counter.syscall!({ thread: 1, number: 0, args: args(START, 4n) });
    state.counts = { ...state.counts, retired: 3 };
    counter.syscall!({ thread: 1, number: 0, args: args(STOP, 8n, 1n << 63n) });
    expect(state.written).toEqual([]);
    expect(counter.windows.map((w) => w.count)).toEqual([3]);
  });
  it('counts bytes of the read and write families that succeeded between the marks', () => {
    const { state, host } = machine();
    const counter = createCounter();
    counter.attach!(host);
    counter.syscallResult!({ thread: 1, number: 0, args: [] }, 1000);
    counter.syscall!({ thread: 1, number: 0, args: args(START) });
    for (const [number, result] of [[0, 5], [17, 6], [19, -14], [295, 0], [1, 7], [20, 8], [2, 9]] as const) counter.syscallResult!({ thread: 1, number, args: [] }, result);
    counter.syscall!({ thread: 1, number: 0, args: args(STOP) });
    counter.syscallResult!({ thread: 1, number: 0, args: [] }, 1000);
    counter.syscall!({ thread: 1, number: 0, args: args(0xcafebac0n) });
    counter.syscall!({ thread: 1, number: 0, args: args(0xcafebac1n) });
    expect(counter.windows).toEqual([{ count: 0, bytesRead: 11, bytesWritten: 15, thread: 1 }]);
    expect(state.written.slice(-2).map(([, v]) => v)).toEqual([11n, 15n]);
  });
  it('leaves other reads and other calls to the kernel', () => {
    const counter = createCounter();
    expect(counter.syscall!({ thread: 1, number: 0, args: args(0n) })).toBeUndefined();
    expect(counter.syscall!({ thread: 1, number: 1, args: args(START) })).toBeUndefined();
  });
  it('keeps windows of threads apart if asked to', () => {
    const { threads, host } = machine();
    const counter = createCounter({ perThread: true });
    counter.attach!(host);
    const at = (retired: number): InstructionCounts => ({ retired, repIterations: 0, repCompleted: 0, repEmpty: 0, repExhausted: 0 });
    threads.set(1, at(10)).set(2, at(100));
    counter.syscall!({ thread: 1, number: 0, args: args(START) });
    counter.syscall!({ thread: 2, number: 0, args: args(START) });
    threads.set(1, at(11)).set(2, at(150));
    counter.syscall!({ thread: 2, number: 0, args: args(STOP) });
    counter.syscall!({ thread: 1, number: 0, args: args(STOP) });
    expect(counter.windows.map((w) => [w.thread, w.count])).toEqual([[2, 50], [1, 1]]);
  });
});
