import type { Task } from './types.ts';

/**
 * The end of one thread (do_exit): what waits for it is told, its counts stay. A leader that ends before the others stays as a zombie
 * in the list of threads; `last` tells that nobody shares the memory any more.
 */
export function endThread(task: Task, last: boolean): void {
  const { process, kernel } = task;
  if (task.state === 'dead') return;
  task.wait?.done?.();
  kernel.scheduler.remove(task);
  if (!last) clearChildTid(task);
  kernel.ledger.end(task);
  process.endedTime += kernel.cpuTime(task);
  task.state = 'dead';
  if (task.tid !== process.pid) {
    process.tasks.splice(process.tasks.indexOf(task), 1);
    kernel.tasks.delete(task.tid);
  }
  kernel.plugins.task?.({ kind: 'exit', thread: task.tid });
}

/** CLONE_CHILD_CLEARTID and set_tid_address: the word becomes 0 and one waiter is woken (mm_release). */
function clearChildTid(task: Task): void {
  const address = task.clearChildTid;
  task.clearChildTid = 0;
  if (address === 0) return;
  task.user.writeU32(address, 0);
  task.kernel.futexes.wake(futexKey(task, address), 1, -1);
}

/** Identity of a futex word: the process and the address, as FUTEX_PRIVATE_FLAG has it. */
export const futexKey = (task: Task, address: number): string => `${task.process.pid}:${address}`;
