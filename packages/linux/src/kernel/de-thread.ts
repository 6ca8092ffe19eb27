import { endThread, releaseMemory } from './exit-thread.ts';
import { dropFiles } from './shared-files.ts';
import type { Task } from './types.ts';

/** execve: the other threads end and the caller becomes the leader, with its number (fs/exec.c, de_thread; then exec_mm_release). */
export function becomeOnlyThread(task: Task, sharesMemory: boolean): void {
  const { process, kernel } = task;
  for (const other of process.tasks.filter(({ state }) => state !== 'dead')) {
    if (other === task) continue;
    endThread(other, false);
    dropFiles(other.files);
  }
  process.tasks.splice(0, process.tasks.length, task);
  if (task.tid !== process.pid) {
    kernel.tasks.delete(task.tid);
    kernel.plugins.task?.({ kind: 'exit', thread: task.tid });
    task.tid = process.pid;
    kernel.tasks.set(task.tid, task);
    kernel.plugins.task?.({ kind: 'create', thread: task.tid });
  }
  releaseMemory(task, !sharesMemory);
}
