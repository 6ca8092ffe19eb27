/**
 * A sleeping system call: what a handler returns in place of a number when it cannot answer yet.
 * The task is parked; nothing polls it. It is looked at again when one of its queues is woken, its host promise settles,
 * its deadline passes or a signal arrives.
 */
export interface Wait {
  readonly kind: 'wait';
  /** What it waits for, in words a person reads in a deadlock report: `futex 0x4040`, `read of an empty pipe`. */
  readonly what: string;
  /** Queues that may make it ready. */
  readonly queues: readonly WaitQueue[];
  /** Monotonic clock in nanoseconds; Infinity: no time-out. */
  readonly deadline: number;
  /** Only what kills the process interrupts it (TASK_KILLABLE). */
  readonly killable?: boolean;
  /** Settles when the host may have made it ready; absent: nothing outside can. */
  readonly host?: Promise<unknown>;
  /** Woken by a queue or the host: a result ends the call, a Wait (itself, if nothing changed) sleeps on. */
  wake(): SyscallResult;
  /** The deadline passed. Absent: the result is 0. */
  timeout?(): SyscallResult;
  /** A signal is to be delivered. Absent: −ERESTARTSYS. */
  interrupt?(): number;
  /** The wait ends for any reason: the last call made on it. */
  done?(): void;
}

/** Tasks asleep on one thing, in the order they came. */
export interface WaitQueue {
  readonly size: number;
  add(waiter: Waiter): void;
  remove(waiter: Waiter): void;
  /** Wakes up to `count` waiters (default: all); returns how many. `events`: the POLL bits that came true; absent: any may have. */
  wake(count?: number, events?: number): number;
}

/** One sleeper on a queue. */
export interface Waiter {
  notify(events: number): void;
  /** Stays in the queue when it is woken, and does not count: it looks on, and takes nothing. */
  readonly watches?: boolean;
}

/** An empty queue. */
export function createWaitQueue(): WaitQueue {
  const waiters = new Set<Waiter>();
  return {
    get size() {
      return waiters.size;
    },
    add: (waiter) => void waiters.add(waiter),
    remove: (waiter) => void waiters.delete(waiter),
    wake(count = Infinity, events = -1) {
      let woken = 0;
      for (const waiter of [...waiters]) {
        if (waiter.watches !== true) {
          if (woken >= count) continue;
          waiters.delete(waiter);
          woken += 1;
        }
        waiter.notify(events);
      }
      return woken;
    },
  };
}

/** What a handler returns that set the registers itself or ended the task: rax is left alone. */
export interface NoResult {
  readonly kind: 'none';
}
export const NO_RESULT: NoResult = { kind: 'none' };
export type SyscallResult = number | Wait | NoResult;

export function isWait(result: SyscallResult): result is Wait {
  return typeof result === 'object' && result.kind === 'wait';
}
