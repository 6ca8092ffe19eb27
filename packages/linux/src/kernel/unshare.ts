import { CLONE, E } from '@tally86/abi';
import { checkNamespaces, NAMESPACES } from './clone.ts';
import { unshareFiles } from './shared-files.ts';
import type { Process, Task } from './types.ts';

const KNOWN = CLONE.THREAD | CLONE.FS | CLONE.SIGHAND | CLONE.VM | CLONE.FILES | CLONE.SYSVSEM | CLONE.NEWUSER | NAMESPACES;

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
  if (has(CLONE.FILES)) unshareFiles(task);
  if (has(CLONE.FS)) task.fs = task.fs.fork();
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
