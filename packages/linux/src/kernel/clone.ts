import { CLONE, E, RLIMIT } from '@tally86/abi';
import { USER_END } from '@tally86/core';
import type { SyscallResult } from '../sched/wait.ts';
import { cloneProcess } from './clone-process.ts';
import type { CloneRequest } from './clone-request.ts';
import { cloneThread } from './clone-thread.ts';
import { softLimit } from './limits.ts';
import { PID_MAX } from './pids.ts';
import type { Task } from './types.ts';

export const NAMESPACES = CLONE.NEWNS | CLONE.NEWUTS | CLONE.NEWIPC | CLONE.NEWPID | CLONE.NEWNET | CLONE.NEWCGROUP | CLONE.NEWTIME;

/** A new task: its number, or −errno (kernel_clone). */
export function cloneTask(task: Task, request: CloneRequest): SyscallResult {
  const { flags } = request;
  if (hasAll(flags, CLONE.PIDFD | CLONE.PARENT_SETTID) && request.pidfd === request.parentTid) return -E.EINVAL;
  const error = checkFlags(flags) || checkLimits(task) || checkNamespaces(task, flags) || checkTls(request) || checkTid(task, request);
  if (error < 0) return error;
  // There are no control groups: no descriptor is one.
  if (request.intoCgroup) return -E.EBADF;
  return (flags & CLONE.THREAD) === 0 ? cloneProcess(task, request) : cloneThread(task, request);
}

const hasAll = (flags: number, wanted: number): boolean => ((flags & wanted) >>> 0) === wanted >>> 0;

/** The combinations that copy_process refuses first. */
function checkFlags(flags: number): number {
  const has = (wanted: number): boolean => (flags & wanted) !== 0;
  const refused = hasAll(flags, CLONE.NEWNS | CLONE.FS) || hasAll(flags, CLONE.NEWUSER | CLONE.FS) ||
    (has(CLONE.THREAD) && !has(CLONE.SIGHAND)) || (has(CLONE.SIGHAND) && !has(CLONE.VM)) ||
    (has(CLONE.THREAD) && has(CLONE.NEWUSER | CLONE.NEWPID)) || (has(CLONE.PIDFD) && has(CLONE.DETACHED | CLONE.THREAD));
  return refused ? -E.EINVAL : 0;
}

/** The budget of tasks, and RLIMIT_NPROC of the user; root is free of the second. */
function checkLimits({ kernel, process: { credentials, limits } }: Task): number {
  if (kernel.tasks.size >= kernel.maxTasks) {
    kernel.note(`the budget of ${kernel.maxTasks} tasks is spent: clone answers EAGAIN`);
    return -E.EAGAIN;
  }
  const limit = softLimit(limits, RLIMIT.NPROC);
  if (credentials.euid === 0 || kernel.tasks.size < limit) return 0;
  let own = 0;
  for (const { process } of kernel.tasks.values()) if (process.credentials.uid === credentials.uid) own += 1;
  return own + 1 > limit ? -E.EAGAIN : 0;
}

/** A kernel without name spaces; those that need no privilege are not offered either. */
export function checkNamespaces({ process: { credentials } }: Task, flags: number): number {
  if ((flags & CLONE.NEWUSER) !== 0) return -E.EINVAL;
  if ((flags & NAMESPACES) === 0) return 0;
  return credentials.euid === 0 ? -E.EINVAL : -E.EPERM;
}

const checkTls = ({ flags, tls }: CloneRequest): number => ((flags & CLONE.SETTLS) !== 0 && tls >= BigInt(USER_END) ? -E.EPERM : 0);

/** Chosen numbers are for root; there is one name space of pids (alloc_pid). */
function checkTid({ kernel, process: { credentials } }: Task, { setTid }: CloneRequest): number {
  if (setTid.length === 0) return 0;
  if (setTid.length > 1) return -E.EINVAL;
  const [tid] = setTid;
  if (tid < 1 || tid >= PID_MAX) return -E.EINVAL;
  if (credentials.euid !== 0) return -E.EPERM;
  return kernel.pids.isUsed(tid) ? -E.EEXIST : 0;
}
