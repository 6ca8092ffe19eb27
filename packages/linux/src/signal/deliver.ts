import { E, RESTART, SA, SIG, SIG_DFL, SIG_IGN, signalName, SS, SYS } from '@tally86/abi';
import { CELL, REG } from '@tally86/core';
import { isOrphaned } from '../kernel/children.ts';
import { exitProcess } from '../kernel/exit.ts';
import type { Task } from '../kernel/types.ts';
import { setCell } from '../sched/cpu-switch.ts';
import { defaultAction, signalBit, UNBLOCKABLE } from './actions.ts';
import { DISARMED } from './alt-stack.ts';
import { setupFrame } from './frame.ts';
import { forceSignal, reportStop, takeSignal } from './send.ts';
import { kernelSignal } from './siginfo.ts';
import type { SignalAction, SignalInfo } from './types.ts';

/** Before the return to user mode: delivers what is pending and restarts an interrupted call (arch/x86/kernel/signal.c, arch_do_signal_or_restart). */
export function deliverSignals(task: Task): void {
  const { process } = task;
  for (;;) {
    if (process.exit !== null || process.stopped !== 0) return;
    const info = process.groupExit ?? takeSignal(task);
    if (info === null) break;
    if (info === process.groupExit) {
      exitProcess(process, { kind: 'signal', signal: info.signo, reason: describe(info) });
      return;
    }
    const action = process.signals.get(info.signo);
    if (action.handler === SIG_IGN) continue;
    if (action.handler !== SIG_DFL) {
      handle(task, info, action);
      continue;
    }
    const fate = defaultAction(info.signo);
    if (fate === 'ignore' || fate === 'continue') continue;
    if (fate === 'stop') {
      // Nobody would continue a group without a shell.
      if (info.signo !== SIG.STOP && isOrphaned(process.processGroup, process)) continue;
      reportStop(process, info.signo);
      continue;
    }
    exitProcess(process, { kind: 'signal', signal: info.signo, reason: describe(info) });
    return;
  }
  restartWithoutHandler(task);
  if (task.savedSignalMask !== null) {
    task.signalMask = task.savedSignalMask;
    task.savedSignalMask = null;
  }
}

function handle(task: Task, info: SignalInfo, action: SignalAction): void {
  restartWithHandler(task, action);
  if ((action.flags & SA.RESETHAND) !== 0n) task.process.signals.set(info.signo, { ...action, handler: SIG_DFL });
  const oldMask = task.savedSignalMask ?? task.signalMask;
  task.savedSignalMask = null;
  if (!setupFrame(task, info, action, oldMask)) {
    forceSegv(task, info.signo);
    return;
  }
  task.signalMask = (task.signalMask | action.mask | ((action.flags & SA.NODEFER) === 0n ? signalBit(info.signo) : 0n)) & ~UNBLOCKABLE;
  if ((task.altStack.flags & SS.AUTODISARM) !== 0) task.altStack = DISARMED;
}

/** A frame that cannot be written or read back (force_sigsegv); failing at SIGSEGV itself ends the process. */
export function forceSegv(task: Task, signal: number): void {
  if (signal === SIG.SEGV) task.process.signals.set(SIG.SEGV, { ...task.process.signals.get(SIG.SEGV), handler: SIG_DFL });
  forceSignal(task, kernelSignal(SIG.SEGV));
}

/** rax as the interrupted call left it: a restart code, or 0 outside of a system call. */
function restartCode({ cpu, syscallNumber }: Task): number {
  if (syscallNumber < 0) return 0;
  const code = -cpu.i32[REG.rax * 2];
  return cpu.i32[REG.rax * 2 + 1] === -1 && code >= RESTART.ERESTARTSYS && code <= RESTART.ERESTART_RESTARTBLOCK ? code : 0;
}

function restartWithHandler(task: Task, action: SignalAction): void {
  const code = restartCode(task);
  if (code === 0) return;
  const again = code === RESTART.ERESTARTNOINTR || (code === RESTART.ERESTARTSYS && (action.flags & SA.RESTART) !== 0n);
  if (again) rewind(task, task.syscallNumber);
  else setCell(task.cpu, REG.rax, -E.EINTR);
  task.syscallNumber = -1;
}

function restartWithoutHandler(task: Task): void {
  const code = restartCode(task);
  if (code !== 0) rewind(task, code === RESTART.ERESTART_RESTARTBLOCK ? SYS.restart_syscall : task.syscallNumber);
  task.syscallNumber = -1;
}

/** The `syscall` instruction has two bytes. */
function rewind({ cpu }: Task, number: number): void {
  setCell(cpu, REG.rax, number);
  cpu.u64[CELL.rip] -= 2n;
}

function describe(info: SignalInfo): string {
  const name = signalName(info.signo);
  if (info.trap === undefined) return name;
  return info.address === undefined ? name : `${name} at 0x${info.address.toString(16)}`;
}
