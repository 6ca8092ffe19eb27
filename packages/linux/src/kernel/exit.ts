import { dropAddressSpace } from '../mm/replace.ts';
import { leaveTerminal } from '../tty/controlling.ts';
import { becomeZombie } from './children.ts';
import { endThread } from './exit-thread.ts';
import { dropFiles } from './shared-files.ts';
import type { Exit, Process, Task } from './types.ts';

/** Ends a process and all its tasks (do_group_exit). With the first process the run ends: its memory stays for hashes and dumps. */
export function exitProcess(process: Process, exit: Exit): void {
  if (process.exit !== null) return;
  process.exit = exit;
  const living = process.tasks.filter(({ state }) => state !== 'dead');
  living.forEach((task, index) => endThread(task, index === living.length - 1 && process.mm.users === 1));
  process.mm.mmu.cache.flushAll();
  for (const { files } of living) dropFiles(files);
  leaveTerminal(process);
  process.kernel.timers.cancel(process.intervalTimers.real);
  process.posixTimers.clear();
  process.kernel.tasks.delete(process.pid);
  process.residentPeak = Math.max(process.residentPeak, process.mm.mmu.residentPeak);
  if (process === process.kernel.init) {
    process.kernel.exit = exit;
    return;
  }
  dropAddressSpace(process);
  becomeZombie(process);
}

/** exit(2): one task ends; the last one takes the process with it. The status is the last one's. */
export function exitTask(task: Task, code: number): void {
  const { process } = task;
  if (process.tasks.every((other) => other === task || other.state === 'dead')) exitProcess(process, { kind: 'exit', code });
  else {
    endThread(task, false);
    dropFiles(task.files);
  }
}
