import type { Exit, Process, Task } from './types.ts';

/** Ends a process and all its tasks (do_group_exit). With the first process the run ends: its memory stays for hashes and dumps. */
export function exitProcess(process: Process, exit: Exit): void {
  if (process.exit !== null) return;
  process.exit = exit;
  for (const task of [...process.tasks]) endTask(task);
  process.mm.mmu.cache.flushAll();
  process.files.closeAll();
  process.kernel.timers.cancel(process.intervalTimers.real);
  if (process === process.kernel.init) process.kernel.exit = exit;
}

/** exit(2): one task ends; the last one takes the process with it. */
export function exitTask(task: Task, code: number): void {
  const { process, kernel } = task;
  if (process.tasks.filter(({ state }) => state !== 'dead').length <= 1) {
    exitProcess(process, { kind: 'exit', code });
    return;
  }
  if (task.clearChildTid !== 0) {
    task.user.writeU32(task.clearChildTid, 0);
    kernel.futexes.wake(futexKey(task, task.clearChildTid), 1, -1);
  }
  endTask(task);
}

function endTask(task: Task): void {
  if (task.state === 'dead') return;
  task.wait?.done?.();
  task.kernel.scheduler.remove(task);
  task.state = 'dead';
  task.kernel.plugins.task?.({ kind: 'exit', thread: task.tid });
}

/** Identity of a futex word: the process and the address, as FUTEX_PRIVATE_FLAG has it. */
export const futexKey = (task: Task, address: number): string => `${task.process.pid}:${address}`;
