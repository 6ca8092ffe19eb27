import { CLONE, E } from '@tally86/abi';
import { checkNamespaces, NAMESPACES } from './clone.ts';
import { unshareFiles } from './shared-files.ts';
import type { Process, Task } from './types.ts';

const KNOWN = CLONE.THREAD | CLONE.FS | CLONE.SIGHAND | CLONE.VM | CLONE.FILES | CLONE.SYSVSEM | CLONE.NEWUSER | NAMESPACES;

/**
 * The table of descriptors becomes the caller's own (unshare_fd). −EINVAL in a process of several threads: here they share one table until
 * the end, and a copy would be a second thread's surprise.
 */
export function ownFiles({ process, kernel }: Task): number {
  if (!isAlone(process)) {
    kernel.note('a table of descriptors for one thread among several is not supported: EINVAL');
    return -E.EINVAL;
  }
  unshareFiles(process);
  return 0;
}

/** unshare(2), in the order of ksys_unshare. */
export function unshare(task: Task, asked: number): number {
  const flags = widen(asked);
  const { process } = task;
  const has = (wanted: number): boolean => (flags & wanted) !== 0;
  if (has(~KNOWN)) return -E.EINVAL;
  if (has(CLONE.THREAD | CLONE.SIGHAND | CLONE.VM) && !isAlone(process)) return -E.EINVAL;
  if (has(CLONE.SIGHAND | CLONE.VM) && sharesHandlers(process)) return -E.EINVAL;
  if (has(CLONE.VM) && process.mm.users > 1) return -E.EINVAL;
  const refused = checkNamespaces(task, flags);
  if (refused < 0) return refused;
  if (has(CLONE.FS) && !isAlone(process)) {
    task.kernel.note('a working directory for one thread among several is not supported: EINVAL');
    return -E.EINVAL;
  }
  const error = has(CLONE.FILES) ? ownFiles(task) : 0;
  if (error < 0) return error;
  if (has(CLONE.FS)) process.fs = process.fs.fork();
  return 0;
}

/** What goes along with what was asked for. */
function widen(asked: number): number {
  let flags = asked;
  if ((flags & CLONE.NEWUSER) !== 0) flags |= CLONE.THREAD | CLONE.FS;
  if ((flags & CLONE.VM) !== 0) flags |= CLONE.SIGHAND;
  if ((flags & CLONE.SIGHAND) !== 0) flags |= CLONE.THREAD;
  if ((flags & CLONE.NEWNS) !== 0) flags |= CLONE.FS;
  return flags;
}

/** Its thread is the only one (thread_group_empty). */
const isAlone = ({ tasks }: Process): boolean => tasks.length === 1;

/** Another process has the same signal handlers (sighand_struct). */
function sharesHandlers(process: Process): boolean {
  for (const other of process.kernel.processes.values()) if (other !== process && other.exit === null && other.signals === process.signals) return true;
  return false;
}
