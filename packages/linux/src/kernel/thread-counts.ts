import type { ByteString, InstructionCounts } from '@tally86/core';
import type { Task } from './types.ts';

/** What one thread executed, living or ended. */
export interface ThreadCounts {
  readonly thread: number;
  readonly process: number;
  readonly name: ByteString;
  readonly counts: InstructionCounts;
}

/** Counts of all threads there ever were. */
export interface CountLedger {
  /** The thread ended: its counts stay. */
  end(task: Task): void;
  /** Of one thread, or in sum. */
  of(tid?: number): InstructionCounts;
  /** By thread number; of the ended ones the first 65,536. */
  threads(): readonly ThreadCounts[];
}

/** Ended threads that are remembered one by one; the others are in the sum only. */
const MAX_ENDED = 65_536;
type Raw = readonly number[];
const add = (a: Raw, b: Raw): number[] => a.map((value, i) => value + b[i]);
const named = ([retired, repIterations, repCompleted, repEmpty, repExhausted]: Raw): InstructionCounts => ({ retired, repIterations, repCompleted, repEmpty, repExhausted });
const NOTHING: Raw = [0, 0, 0, 0, 0];

/** `countersOf` reads the five counters of a task, in the order of InstructionCounts. */
export function createCountLedger(tasks: ReadonlyMap<number, Task>, countersOf: (task: Task) => Raw): CountLedger {
  interface Ended {
    readonly process: number;
    readonly name: ByteString;
    readonly counters: Raw;
  }
  const ended = new Map<number, Ended>();
  let sum: Raw = NOTHING;
  const living = (): Task[] => [...tasks.values()].filter(({ state }) => state !== 'dead');
  return {
    end(task) {
      const counters = countersOf(task);
      sum = add(sum, counters);
      const before = ended.get(task.tid);
      if (before === undefined && ended.size >= MAX_ENDED) return;
      ended.set(task.tid, { process: task.process.pid, name: task.name, counters: add(before?.counters ?? NOTHING, counters) });
    },
    of(tid) {
      if (tid === undefined) return named(living().reduce((total, task) => add(total, countersOf(task)), sum));
      const task = tasks.get(tid);
      const now = task === undefined || task.state === 'dead' ? NOTHING : countersOf(task);
      return named(add(ended.get(tid)?.counters ?? NOTHING, now));
    },
    threads() {
      const all = new Map(ended);
      for (const task of living()) {
        all.set(task.tid, { process: task.process.pid, name: task.name, counters: add(ended.get(task.tid)?.counters ?? NOTHING, countersOf(task)) });
      }
      return [...all].sort(([a], [b]) => a - b).map(([thread, { process, name, counters }]) => ({ thread, process, name, counts: named(counters) }));
    },
  };
}
