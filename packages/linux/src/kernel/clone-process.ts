import { CLONE, E, O } from '@tally86/abi';
import { tableOf } from '../fs/access.ts';
import { openAnonymous } from '../fs/anonymous.ts';
import { PidFile } from '../fs/pidfd.ts';
import { forkAddressSpace } from '../mm/fork.ts';
import { dropAddressSpace } from '../mm/replace.ts';
import type { SyscallResult } from '../sched/wait.ts';
import { type CloneRequest, numberFor } from './clone-request.ts';
import { copyRegisters } from './clone-thread.ts';
import { createProcess, createTask, type TaskFiles } from './create-task.ts';
import { copyLimits } from './limits.ts';
import { inheritScheduling } from './scheduling.ts';
import { createSettings } from './settings.ts';
import { dropFiles, inheritFiles } from './shared-files.ts';
import type { Process, Task } from './types.ts';
import { waitForVfork } from './vfork.ts';

/** A new process (copy_process without CLONE_THREAD): its number, −errno, or with CLONE_VFORK the wait until it has let go of our memory. */
export function cloneProcess(task: Task, request: CloneRequest): SyscallResult {
  const { flags } = request;
  const pid = numberFor(task, request);
  if (pid < 0) return pid;
  const child = copyProcess(task, request, pid);
  if (child === null) return -E.ENOMEM;
  const { kernel } = task;
  const files = inheritFiles(task, flags);
  if ((flags & CLONE.PIDFD) !== 0) {
    const fd = openAnonymous(task, '[pidfd]', new PidFile(child), O.CLOEXEC);
    if (fd >= 0 && !task.user.writeU32(request.pidfd, fd)) {
      tableOf(task).close(fd);
      discard(child, files);
      return -E.EFAULT;
    }
    if (fd < 0) {
      discard(child, files);
      return fd;
    }
  }
  const thread = createTask(child, pid, task.name, files);
  copyRegisters(task, thread, request);
  thread.signalMask = task.signalMask;
  thread.scheduling = inheritScheduling(task.scheduling);
  // A child that shares the memory has a stack of its own, and no alternate one.
  if ((flags & (CLONE.VM | CLONE.VFORK)) !== CLONE.VM) thread.altStack = task.altStack;
  thread.trap = task.trap;
  if ((flags & CLONE.CHILD_CLEARTID) !== 0) thread.clearChildTid = Math.max(request.childTid, 0);
  kernel.adopt(child);
  if (child.parent !== null) child.parent.children.add(child);
  if ((flags & CLONE.PARENT_SETTID) !== 0) task.user.writeU32(request.parentTid, pid);
  if ((flags & CLONE.CHILD_SETTID) !== 0) thread.user.writeU32(request.childTid, pid);
  kernel.scheduler.add(thread);
  return (flags & CLONE.VFORK) === 0 ? pid : waitForVfork(thread);
}

/** The process without its task; null: the memory budget does not hold its address space. */
function copyProcess(task: Task, { flags, clearHandlers, exitSignal }: CloneRequest, pid: number): Process | null {
  const { process: from, kernel } = task;
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const limits = copyLimits(from.limits);
  const mm = has(CLONE.VM) ? from.mm : forkAddressSpace(from.mm, limits);
  if (mm === null) return null;
  if (has(CLONE.VM)) mm.users += 1;
  else kernel.engines.share(from.mm, mm);
  const signals = has(CLONE.SIGHAND) ? from.signals : from.signals.fork();
  if (clearHandlers) signals.resetHandlers();
  const child = createProcess(kernel, {
    pid, limits, mm, signals,
    parent: has(CLONE.PARENT) ? from.parent : from,
    processGroup: from.processGroup, session: from.session,
    credentials: { ...from.credentials },
    settings: createSettings(from.settings),
  });
  child.terminal = from.terminal;
  child.exitSignal = has(CLONE.PARENT) ? from.exitSignal : exitSignal;
  child.image = from.image;
  child.personality = from.personality;
  child.dumpable = from.dumpable;
  child.noNewPrivileges = from.noNewPrivileges;
  return child;
}

/** Gives back what was made for a child that there is not going to be. */
function discard(child: Process, { files }: TaskFiles): void {
  dropFiles(files);
  dropAddressSpace(child);
}
