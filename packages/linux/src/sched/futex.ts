import { createWaitQueue, type WaitQueue } from './wait.ts';

/** A task asleep on a futex word. */
export interface FutexWaiter {
  key: string;
  readonly bitset: number;
  /** Woken by FUTEX_WAKE (not by a signal or the time-out). */
  woken: boolean;
  readonly queue: WaitQueue;
}

/** The sleepers of all futexes, by key: in the order they came (kernel/futex). */
export interface FutexTable {
  add(key: string, bitset: number): FutexWaiter;
  remove(waiter: FutexWaiter): void;
  /** Wakes up to `count` waiters whose bitset meets `bitset`; returns how many. */
  wake(key: string, count: number, bitset: number): number;
  /** Moves up to `count` waiters to another key; returns how many. */
  requeue(from: string, to: string, count: number): number;
}

export function createFutexTable(): FutexTable {
  const byKey = new Map<string, FutexWaiter[]>();
  const list = (key: string): FutexWaiter[] => {
    let waiters = byKey.get(key);
    if (waiters === undefined) byKey.set(key, (waiters = []));
    return waiters;
  };
  const remove = (waiter: FutexWaiter): void => {
    const waiters = byKey.get(waiter.key);
    const index = waiters?.indexOf(waiter) ?? -1;
    if (index >= 0) waiters!.splice(index, 1);
    if (waiters?.length === 0) byKey.delete(waiter.key);
  };
  return {
    add(key, bitset) {
      const waiter: FutexWaiter = { key, bitset, woken: false, queue: createWaitQueue() };
      list(key).push(waiter);
      return waiter;
    },
    remove,
    wake(key, count, bitset) {
      let woken = 0;
      for (const waiter of [...(byKey.get(key) ?? [])]) {
        if (woken >= count) break;
        if ((waiter.bitset & bitset) === 0) continue;
        remove(waiter);
        waiter.woken = true;
        waiter.queue.wake();
        woken += 1;
      }
      return woken;
    },
    requeue(from, to, count) {
      const moved = [...(byKey.get(from) ?? [])].slice(0, Math.max(count, 0));
      for (const waiter of moved) {
        remove(waiter);
        waiter.key = to;
        list(to).push(waiter);
      }
      return moved.length;
    },
  };
}
