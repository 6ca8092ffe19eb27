import { createWaitQueue, type SyscallResult, type Wait } from '../sched/wait.ts';
import type { Task } from './types.ts';

/** The caller sleeps until the task executes another program or ends; only what kills the caller ends the sleep before (wait_for_vfork_done). */
export function waitForVfork(child: Task): SyscallResult {
  const { tid } = child;
  const done = createWaitQueue();
  child.vforkDone = done;
  const wait: Wait = {
    kind: 'wait', what: `the child ${tid} of vfork`, queues: [done], deadline: Infinity, killable: true,
    wake: () => (child.vforkDone === null ? tid : wait),
  };
  return wait;
}

/** A task lets go of the memory that it shares: who waits for that goes on (complete_vfork_done). */
export function finishVfork(task: Task): void {
  const { vforkDone } = task;
  task.vforkDone = null;
  vforkDone?.wake();
}
