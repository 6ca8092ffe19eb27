import { E, RESTART, SYS } from '@tally86/abi';
import { REG, type SyscallEvent } from '@tally86/core';
import { setCell } from '../sched/cpu-switch.ts';
import { isWait, type SyscallResult, type Wait } from '../sched/wait.ts';
import { hasFatalSignal, hasSignal } from '../signal/send.ts';
import type { Tracer } from '../strace/tracer.ts';
import type { ArgumentRegisters } from '../syscalls/args.ts';
import type { Kernel, Task } from './types.ts';

/** Runs the system call in the registers of the running task (do_syscall_64). */
export function dispatchSyscall(kernel: Kernel, task: Task, tracer: Tracer | null): void {
  const { cpu, args } = task;
  // The number is an int: the upper half of rax is ignored.
  const number = cpu.i32[REG.rax * 2];
  (args as ArgumentRegisters).capture(cpu);
  task.syscallNumber = number;
  if (number !== SYS.restart_syscall) task.restart = null;
  const entry = number >= 0 ? kernel.syscalls.get(number) : undefined;
  tracer?.enter(task, entry, number);
  const answered = kernel.plugins.syscall?.(eventOf(task, number));
  if (answered !== undefined) {
    finishSyscall(kernel, task, answered, tracer);
    return;
  }
  if (entry === undefined) {
    kernel.note(`system call ${number} is unknown: ENOSYS`);
    finishSyscall(kernel, task, -E.ENOSYS, tracer);
    return;
  }
  settle(kernel, task, entry.handler(task, args), tracer);
}

/** A sleeping call is looked at: woken, timed out or interrupted. */
export function resumeSyscall(kernel: Kernel, task: Task, tracer: Tracer | null): void {
  const wait = task.wait!;
  const reason = task.wakeReason;
  let result: SyscallResult;
  if (reason === 'signal') result = interrupts(task, wait) ? interruptWait(task) : wait.wake();
  else if (reason === 'timeout') result = wait.timeout?.() ?? 0;
  else result = wait.wake();
  settle(kernel, task, result, tracer);
}

const interrupts = (task: Task, wait: Wait): boolean => (wait.killable === true ? hasFatalSignal(task) : hasSignal(task));

function interruptWait(task: Task): number {
  return task.wait!.interrupt?.() ?? -RESTART.ERESTARTSYS;
}

/** Ends the call, or parks the task: not if a signal is already there. */
function settle(kernel: Kernel, task: Task, result: SyscallResult, tracer: Tracer | null): void {
  const old = task.wait;
  if (isWait(result)) {
    if (old !== null && old !== result) old.done?.();
    kernel.scheduler.park(task, result);
    if (!interrupts(task, result)) return;
    result = interruptWait(task);
  }
  const wait = task.wait ?? old;
  kernel.scheduler.unpark(task);
  wait?.done?.();
  if (wait !== null && task.state === 'waiting') {
    task.state = 'running';
    kernel.scheduler.add(task);
  }
  if (typeof result === 'number') finishSyscall(kernel, task, result, tracer);
  else {
    task.syscallNumber = -1;
    tracer?.exit(task, null);
  }
}

function finishSyscall(kernel: Kernel, task: Task, result: number, tracer: Tracer | null): void {
  setCell(task.cpu, REG.rax, result);
  tracer?.exit(task, result);
  kernel.plugins.syscallResult?.(eventOf(task, task.syscallNumber), result);
  // Only restart codes concern the way back to user mode.
  if (result > -RESTART.ERESTARTSYS || result < -RESTART.ERESTART_RESTARTBLOCK) task.syscallNumber = -1;
}

function eventOf(task: Task, number: number): SyscallEvent {
  return { thread: task.tid, number, args: (task.args as ArgumentRegisters).list() };
}
