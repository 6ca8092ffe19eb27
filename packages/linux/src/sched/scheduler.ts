import type { Task, WakeReason } from '../kernel/types.ts';
import { createDeadlineHeap, type Deadline } from './deadlines.ts';
import type { Turns } from './turns.ts';
import type { Wait, Waiter } from './wait.ts';

/** Decides which task runs; deterministic: turns are counted in instructions, and begin and end at the same ones however a run is cut in slices. */
export interface Scheduler {
  /** Tasks that want the CPU. */
  readonly readyCount: number;
  add(task: Task): void;
  remove(task: Task): void;
  /** The task whose turn it is; null if all sleep or are stopped. */
  next(): Task | null;
  /** Instructions left of its turn, which passes only while others are ready. */
  readonly turn: number;
  /** The task whose turn it is ran so many: at the end of the turn others come first. */
  spend(instructions: number): void;
  /** The task gives up its turn: others come first. */
  rotate(task: Task): void;
  /** The task sleeps. */
  park(task: Task, wait: Wait): void;
  /** A sleeping task is to be looked at; does nothing for one that is awake. */
  wake(task: Task, reason: WakeReason): void;
  /** The wait is over: its queues forget the task. */
  unpark(task: Task): void;
  /** The earliest deadline of all sleepers, in monotonic nanoseconds. */
  nextDeadline(): number;
  /** Wakes those whose deadline has passed. */
  expire(now: number): void;
  sleepers(): Iterable<Task>;
  /** What sleepers wait for outside of the machine. */
  hostPromises(): readonly Promise<unknown>[];
}

interface Sleeper {
  readonly waiter: Waiter;
  readonly deadline: Deadline<Task> | null;
}

/**
 * A task that wakes another one, which has run for so much less, gives up its turn to it: else who wakes and goes on at once, as with a lock that it takes
 * again, could starve the other for ever. And a sleeper saves up no more than that (kernel/sched/fair.c, wakeup_preempt_entity and place_entity); instructions.
 */
const WAKEUP_GRANULARITY = 1_000_000;
const SLEEPER_CREDIT = 3_000_000;

/** A scheduler without tasks. */
export function createScheduler(turns: Turns): Scheduler {
  // In the order in which they became ready.
  const ready = new Set<Task>();
  const sleeping = new Map<Task, Sleeper>();
  const onHost = new Set<Task>();
  const deadlines = createDeadlineHeap<Task>();
  /** Instructions that each ran while others were ready, or as good as ran. */
  const runtime = new WeakMap<Task, number>();
  const ran = (task: Task): number => runtime.get(task) ?? 0;
  let holder: Task | null = null;
  let left = 0;

  function* runnable(): Iterable<Task> {
    for (const task of ready) if (task.process.stopped === 0) yield task;
  }
  const rotate = (task: Task): void => {
    if (holder === task) holder = null;
    if (ready.delete(task)) ready.add(task);
  };
  const wake = (task: Task, reason: WakeReason): void => {
    if (task.state !== 'waiting') return;
    const deadline = sleeping.get(task)?.deadline ?? null;
    if (deadline !== null) deadlines.remove(deadline);
    onHost.delete(task);
    task.state = 'running';
    task.wakeReason = reason;
    ready.add(task);
    if (holder === null || holder === task || !ready.has(holder)) return;
    const now = ran(holder);
    runtime.set(task, Math.max(ran(task), now - SLEEPER_CREDIT));
    if (now - ran(task) > WAKEUP_GRANULARITY) rotate(holder);
  };
  const unpark = (task: Task): void => {
    const sleeper = sleeping.get(task);
    if (sleeper === undefined) return;
    sleeping.delete(task);
    onHost.delete(task);
    if (sleeper.deadline !== null) deadlines.remove(sleeper.deadline);
    for (const queue of task.wait?.queues ?? []) queue.remove(sleeper.waiter);
    task.wait = null;
    task.wakeReason = null;
  };
  return {
    get readyCount() {
      return ready.size;
    },
    get turn() {
      return left;
    },
    add(task) {
      ready.add(task);
      if (holder !== null && !runtime.has(task)) runtime.set(task, ran(holder));
    },
    remove(task) {
      ready.delete(task);
      unpark(task);
    },
    next() {
      if (holder !== null && holder.process.stopped === 0 && ready.has(holder)) return holder;
      holder = turns.pick(runnable());
      if (holder !== null) left = turns.length();
      return holder;
    },
    spend(instructions) {
      left -= instructions;
      if (holder !== null) runtime.set(holder, ran(holder) + instructions);
      if (left <= 0 && holder !== null) rotate(holder);
    },
    rotate,
    park(task, wait) {
      unpark(task);
      ready.delete(task);
      task.state = 'waiting';
      task.wait = wait;
      const waiter: Waiter = { notify: () => wake(task, 'event') };
      sleeping.set(task, { waiter, deadline: wait.deadline === Infinity ? null : deadlines.add(task, wait.deadline) });
      for (const queue of wait.queues) queue.add(waiter);
      if (wait.host === undefined) return;
      onHost.add(task);
      const settled = (): void => {
        if (task.wait === wait) wake(task, 'event');
      };
      wait.host.then(settled, settled);
    },
    wake,
    unpark,
    nextDeadline: () => deadlines.next,
    expire(now) {
      for (let task = deadlines.take(now); task !== undefined; task = deadlines.take(now)) wake(task, 'timeout');
    },
    sleepers: () => [...sleeping.keys()].filter((task) => task.state === 'waiting'),
    hostPromises: () => [...onHost].map((task) => task.wait!.host!),
  };
}
