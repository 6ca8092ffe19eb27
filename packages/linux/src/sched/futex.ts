import { E } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { createWaitQueue, type WaitQueue } from './wait.ts';

/** A lock with priority inheritance that somebody waits for (struct futex_pi_state). */
export interface PiState {
  readonly key: string;
  owner: Task;
  /** In the order they came: all tasks have one priority. */
  readonly waiters: Set<FutexWaiter>;
}

/** A task asleep on a futex word. */
export interface FutexWaiter {
  readonly task: Task;
  key: string;
  readonly bitset: number;
  /** The word belongs to no mapping of the waker's: where the sleeper itself sees it. */
  address: number;
  /** Woken by another task (not by a signal or the time-out). */
  woken: boolean;
  /** What its system call then answers. */
  result: number;
  readonly queue: WaitQueue;
  /** The lock it waits for. */
  pi: PiState | null;
  /** FUTEX_WAIT_REQUEUE_PI: the lock that it is to be moved to. */
  readonly lock: { readonly key: string; readonly address: number } | null;
}

/** The sleepers of all futexes, by key: in the order they came (kernel/futex). */
export interface FutexTable {
  /** A number for an object, as part of keys. */
  identify(object: object): number;
  add(task: Task, key: string, address: number, bitset: number, lock?: FutexWaiter['lock']): FutexWaiter;
  remove(waiter: FutexWaiter): void;
  /** The first sleeper. */
  top(key: string): FutexWaiter | null;
  /** All sleepers at this moment. */
  waiters(key: string): readonly FutexWaiter[];
  /** Wakes up to `count` waiters whose bitset meets `bitset`; returns how many, −EINVAL if it meets one that waits for a lock. */
  wake(key: string, count: number, bitset: number): number;
  /** Wakes `wake` waiters and moves up to `move` others to another key; returns how many in all, or −EINVAL. */
  requeue(from: string, to: string, address: number, wake: number, move: number): number;
  release(waiter: FutexWaiter, result: number): void;
  moveTo(waiter: FutexWaiter, key: string, address: number): void;
  /** Makes it a waiter for a lock. */
  attach(waiter: FutexWaiter, state: PiState): void;
  setOwner(state: PiState, owner: Task): void;
  /** Locks with waiters that a task owns; the lock that it waits for. */
  owned(task: Task): readonly PiState[];
  blockedOn(task: Task): PiState | null;
}

export function createFutexTable(): FutexTable {
  const byKey = new Map<string, Set<FutexWaiter>>();
  const ids = new WeakMap<object, number>();
  const locksOf = new Map<Task, Set<PiState>>();
  const blocked = new Map<Task, PiState>();
  let lastId = 0;

  const enqueue = (waiter: FutexWaiter): void => {
    let waiters = byKey.get(waiter.key);
    if (waiters === undefined) byKey.set(waiter.key, (waiters = new Set()));
    waiters.add(waiter);
  };
  const dequeue = (waiter: FutexWaiter): void => {
    const waiters = byKey.get(waiter.key);
    waiters?.delete(waiter);
    if (waiters?.size === 0) byKey.delete(waiter.key);
  };
  const disown = (state: PiState): void => {
    const locks = locksOf.get(state.owner);
    locks?.delete(state);
    if (locks?.size === 0) locksOf.delete(state.owner);
  };
  const own = (state: PiState): void => {
    const locks = locksOf.get(state.owner);
    if (locks === undefined) locksOf.set(state.owner, new Set([state]));
    else locks.add(state);
  };
  const remove = (waiter: FutexWaiter): void => {
    dequeue(waiter);
    const { pi } = waiter;
    if (pi === null) return;
    waiter.pi = null;
    pi.waiters.delete(waiter);
    blocked.delete(waiter.task);
    if (pi.waiters.size === 0) disown(pi);
  };
  const release = (waiter: FutexWaiter, result: number): void => {
    remove(waiter);
    waiter.woken = true;
    waiter.result = result;
    waiter.queue.wake();
  };
  const moveTo = (waiter: FutexWaiter, key: string, address: number): void => {
    dequeue(waiter);
    waiter.key = key;
    waiter.address = address;
    enqueue(waiter);
  };
  const waitsForLock = ({ pi, lock }: FutexWaiter): boolean => pi !== null || lock !== null;
  const waiters = (key: string): readonly FutexWaiter[] => [...(byKey.get(key) ?? [])];

  return {
    identify(object) {
      let id = ids.get(object);
      if (id === undefined) ids.set(object, (id = lastId += 1));
      return id;
    },
    add(task, key, address, bitset, lock = null) {
      const waiter: FutexWaiter = { task, key, address, bitset, woken: false, result: 0, queue: createWaitQueue(), pi: null, lock };
      enqueue(waiter);
      return waiter;
    },
    remove, waiters, release, moveTo,
    top(key) {
      for (const waiter of byKey.get(key) ?? []) return waiter;
      return null;
    },
    wake(key, count, bitset) {
      let woken = 0;
      for (const waiter of byKey.get(key) ?? []) {
        if (woken >= count) break;
        if (waitsForLock(waiter)) return -E.EINVAL;
        if ((waiter.bitset & bitset) === 0) continue;
        release(waiter, 0);
        woken += 1;
      }
      return woken;
    },
    requeue(from, to, address, wake, move) {
      let done = 0;
      for (const waiter of waiters(from)) {
        if (done - wake >= move) break;
        if (waitsForLock(waiter)) return -E.EINVAL;
        done += 1;
        if (done <= wake) release(waiter, 0);
        else moveTo(waiter, to, address);
      }
      return done;
    },
    attach(waiter, state) {
      waiter.pi = state;
      if (state.waiters.size === 0) own(state);
      state.waiters.add(waiter);
      blocked.set(waiter.task, state);
    },
    setOwner(state, owner) {
      disown(state);
      state.owner = owner;
      if (state.waiters.size > 0) own(state);
    },
    owned: (task) => [...(locksOf.get(task) ?? [])],
    blockedOn: (task) => blocked.get(task) ?? null,
  };
}
