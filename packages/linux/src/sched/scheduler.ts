import type { Task } from '../kernel/types.ts';

/** Decides which task runs; deterministic: round robin by instruction quanta, in order of readiness. */
export interface Scheduler {
  readonly tasks: readonly Task[];
  /** Instructions a task runs before the next one gets its turn. */
  readonly quantum: number;
  add(task: Task): void;
  remove(task: Task): void;
  /** The next task that can run, or null if all sleep. */
  next(): Task | null;
}
