import type { Task } from '../kernel/types.ts';

/** A living thread of any process; 0: the caller (find_process_by_pid). */
export function findThread(task: Task, tid: number): Task | null {
  if (tid === 0) return task;
  const found = task.kernel.tasks.get(tid);
  return found === undefined || found.state === 'dead' ? null : found;
}
