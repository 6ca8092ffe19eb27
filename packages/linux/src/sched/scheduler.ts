import type { Task, WakeReason } from '../kernel/types.ts';
import type { Wait, Waiter } from './wait.ts';

/** Decides which task runs; deterministic: round robin by instruction quanta, in order of readiness. */
export interface Scheduler {
  /** Instructions a task runs before the next one gets its turn. */
  readonly quantum: number;
  /** Tasks that want the CPU. */
  readonly readyCount: number;
  add(task: Task): void;
  remove(task: Task): void;
  /** The task whose turn it is; null if all sleep or are stopped. */
  next(): Task | null;
  /** The task used up its quantum or called sched_yield: others come first. */
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
}

export function createScheduler(quantum: number): Scheduler {
  const ready: Task[] = [];
  const sleeping = new Map<Task, Waiter>();
  const drop = (task: Task): void => {
    const index = ready.indexOf(task);
    if (index >= 0) ready.splice(index, 1);
  };
  const wake = (task: Task, reason: WakeReason): void => {
    if (task.state !== 'waiting') return;
    task.state = 'running';
    task.wakeReason = reason;
    ready.push(task);
  };
  const unpark = (task: Task): void => {
    const waiter = sleeping.get(task);
    if (waiter === undefined) return;
    sleeping.delete(task);
    for (const queue of task.wait?.queues ?? []) queue.remove(waiter);
    task.wait = null;
    task.wakeReason = null;
  };
  return {
    quantum,
    get readyCount() {
      return ready.length;
    },
    add: (task) => void ready.push(task),
    remove(task) {
      drop(task);
      unpark(task);
    },
    next: () => ready.find((task) => task.process.stopped === 0) ?? null,
    rotate(task) {
      if (ready.length < 2) return;
      drop(task);
      ready.push(task);
    },
    park(task, wait) {
      unpark(task);
      drop(task);
      task.state = 'waiting';
      task.wait = wait;
      const waiter: Waiter = { notify: () => wake(task, 'event') };
      sleeping.set(task, waiter);
      for (const queue of wait.queues) queue.add(waiter);
      const settled = (): void => {
        if (task.wait === wait) wake(task, 'event');
      };
      wait.host?.then(settled, settled);
    },
    wake,
    unpark,
    nextDeadline() {
      let first = Infinity;
      for (const task of sleeping.keys()) if (task.state === 'waiting' && task.wait!.deadline < first) first = task.wait!.deadline;
      return first;
    },
    expire(now) {
      for (const task of sleeping.keys()) if (task.state === 'waiting' && task.wait!.deadline <= now) wake(task, 'timeout');
    },
    sleepers: () => [...sleeping.keys()].filter((task) => task.state === 'waiting'),
  };
}
