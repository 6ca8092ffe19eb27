import { CLONE } from '@tally86/abi';
import { CELL, REG } from '@tally86/core';
import { saveState } from '../sched/cpu-switch.ts';
import type { SyscallResult } from '../sched/wait.ts';
import { type CloneRequest, numberFor } from './clone-request.ts';
import { createTask } from './create-task.ts';
import { inheritScheduling } from './scheduling.ts';
import { inheritFiles } from './shared-files.ts';
import type { Task } from './types.ts';
import { waitForVfork } from './vfork.ts';

const COUNTERS = [CELL.retired, CELL.repIterations, CELL.repCompleted, CELL.repEmpty, CELL.repExhausted];

/** A new thread of the caller's process: its number, or −errno (copy_process with CLONE_THREAD). */
export function cloneThread(task: Task, request: CloneRequest): SyscallResult {
  const tid = numberFor(task, request);
  if (tid < 0) return tid;
  const { flags } = request;
  const thread = createTask(task.process, tid, task.name, inheritFiles(task, flags));
  copyRegisters(task, thread, request);
  thread.signalMask = task.signalMask;
  if ((flags & CLONE.VFORK) !== 0) thread.altStack = task.altStack;
  thread.trap = task.trap;
  thread.scheduling = inheritScheduling(task.scheduling);
  if ((flags & CLONE.CHILD_CLEARTID) !== 0) thread.clearChildTid = Math.max(request.childTid, 0);
  // Both words may be missing: nobody is told.
  if ((flags & CLONE.PARENT_SETTID) !== 0) task.user.writeU32(request.parentTid, tid);
  if ((flags & CLONE.CHILD_SETTID) !== 0) task.user.writeU32(request.childTid, tid);
  task.kernel.scheduler.add(thread);
  return (flags & CLONE.VFORK) === 0 ? tid : waitForVfork(thread);
}

/** The new task returns 0 from the same system call, on its own stack; it has executed nothing yet (copy_thread). */
export function copyRegisters(from: Task, to: Task, { flags, stack, tls }: CloneRequest): void {
  saveState(from.cpu, to.saved);
  const cells = new BigUint64Array(to.saved.buffer, to.saved.byteOffset, to.saved.length >>> 3);
  cells[REG.rax] = 0n;
  if (stack !== 0n) cells[REG.rsp] = stack;
  if ((flags & CLONE.SETTLS) !== 0) cells[CELL.fsBase] = tls;
  for (const cell of COUNTERS) cells[cell] = 0n;
}
