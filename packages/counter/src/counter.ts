import type { InstructionCounts, Plugin, PluginHost } from '@tally86/core';
import { conventionByName, type ConventionName } from './conventions.ts';
import { EBADF, markOf, READ_FAMILY, VALUE_BYTES, WRITE_FAMILY } from './protocol.ts';

/** One measured stretch: from a start mark to a stop mark. */
export interface CountWindow {
  /** Instructions under the counter's convention. The start mark's own are not counted, the stop's `syscall` is. */
  readonly count: number;
  /** Bytes that system calls of the read and write families moved in between. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** The thread that set the stop mark. */
  readonly thread: number;
}

export interface CounterOptions {
  /** Default: retired. */
  readonly convention?: ConventionName;
  /** Each thread has its own windows, over its own instructions. Default: one window over all threads. */
  readonly perThread?: boolean;
}

/** The counting plugin: answers the marks and keeps the windows. */
export interface Counter extends Plugin {
  readonly convention: ConventionName;
  /** Windows in the order of their stops. */
  readonly windows: readonly CountWindow[];
  /** Instructions so far, of all threads, under the convention. Before the machine runs: 0. */
  total(): number;
  /** The raw counts so far, of all threads. */
  counts(): InstructionCounts;
}

interface OpenWindow {
  running: boolean;
  from: number;
  bytesRead: number;
  bytesWritten: number;
}

const NOTHING: InstructionCounts = { retired: 0, repIterations: 0, repCompleted: 0, repEmpty: 0, repExhausted: 0 };

/** A counter, to be given to a machine as a plugin. @throws EmulatorError E_NOT_FOUND for an unknown convention. */
export function createCounter(options: CounterOptions = {}): Counter {
  const convention = conventionByName(options.convention ?? 'retired');
  const perThread = options.perThread ?? false;
  const windows: CountWindow[] = [];
  const open = new Map<number, OpenWindow>();
  let host: PluginHost | null = null;

  function windowOf(thread: number): OpenWindow {
    const key = perThread ? thread : 0;
    let window = open.get(key);
    if (window === undefined) open.set(key, (window = { running: false, from: 0, bytesRead: 0, bytesWritten: 0 }));
    return window;
  }
  function now(thread: number): number {
    return host === null ? 0 : convention.of(perThread ? host.counts(thread) : host.counts());
  }
  /** A buffer that cannot be written is the guest's own affair: the mark acts all the same. */
  function deliver(args: readonly bigint[], value: number): void {
    if (args[2] !== BigInt(VALUE_BYTES) || args[1]! >= 1n << 47n) return;
    const bytes = new Uint8Array(VALUE_BYTES);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
    host?.copyOut(Number(args[1]!), bytes);
  }

  return {
    name: 'counter',
    convention: convention.name,
    windows,
    total: () => (host === null ? 0 : convention.of(host.counts())),
    counts: () => (host === null ? NOTHING : host.counts()),
    attach(machine) {
      host = machine;
    },
    syscall({ thread, number, args }) {
      if (number !== 0) return undefined;
      const mark = markOf(args[0]!);
      if (mark === undefined) return undefined;
      const window = windowOf(thread);
      switch (mark) {
        case 'start':
          window.running = true;
          window.from = now(thread);
          window.bytesRead = window.bytesWritten = 0;
          deliver(args, 1);
          break;
        case 'stop': {
          const count = window.running ? now(thread) - window.from : 0;
          if (window.running) windows.push({ count, bytesRead: window.bytesRead, bytesWritten: window.bytesWritten, thread });
          window.running = false;
          deliver(args, count);
          break;
        }
        case 'bytes-read':
          deliver(args, window.bytesRead);
          break;
        case 'bytes-written':
          deliver(args, window.bytesWritten);
          break;
      }
      return -EBADF;
    },
    syscallResult({ thread, number }, result) {
      if (result <= 0) return;
      const window = open.get(perThread ? thread : 0);
      if (window === undefined || !window.running) return;
      if (READ_FAMILY.has(number)) window.bytesRead += result;
      else if (WRITE_FAMILY.has(number)) window.bytesWritten += result;
    },
  };
}
