import { bequeathLocks } from '../sched/futex-pi.ts';
import { releaseRobustLocks, wakeOne } from '../sched/robust-list.ts';
import type { Task } from './types.ts';
import { finishVfork } from './vfork.ts';

/**
 * The end of one thread (do_exit): what waits for it is told, its counts stay. A leader that ends before the others stays as a zombie
 * in the list of threads; `last` tells that nobody shares the memory any more.
 */
export function endThread(task: Task, last: boolean): void {
  const { process, kernel } = task;
  if (task.state === 'dead') return;
  task.wait?.done?.();
  kernel.scheduler.remove(task);
  releaseMemory(task, last);
  kernel.ledger.end(task);
  process.endedTime += kernel.cpuTime(task);
  task.state = 'dead';
  if (task.tid !== process.pid) {
    process.tasks.splice(process.tasks.indexOf(task), 1);
    kernel.tasks.delete(task.tid);
  }
  kernel.plugins.task?.({ kind: 'exit', thread: task.tid });
}

/** What a task leaves behind in memory when it ends or executes another program (mm_release): locks, who waits for its vfork, and the word of CLONE_CHILD_CLEARTID. */
export function releaseMemory(task: Task, last: boolean): void {
  releaseRobustLocks(task);
  bequeathLocks(task);
  finishVfork(task);
  const address = task.clearChildTid;
  task.clearChildTid = 0;
  if (address === 0 || last) return;
  task.user.writeU32(address, 0);
  wakeOne(task, address);
}
