import { CLD, NSIG, SA, SIG, SIG_DFL, SIG_IGN } from '@tally86/abi';
import type { Process, Task } from '../kernel/types.ts';
import { defaultAction, DUMPING, isIgnored, signalBit } from './actions.ts';
import type { SignalInfo } from './types.ts';

const STOP_SIGNALS = [SIG.STOP, SIG.TSTP, SIG.TTIN, SIG.TTOU];

/** Queues a signal for one task or for the process, and wakes who can take it; false if the queue is full (kernel/signal.c, send_signal). */
export function sendSignal(target: Task | Process, info: SignalInfo): boolean {
  const process = 'tid' in target ? target.process : target;
  if (process.exit !== null) return true;
  const { signo } = info;
  if (signo === SIG.CONT || signo === SIG.KILL) {
    for (const stop of STOP_SIGNALS) flush(process, stop);
    if (signo === SIG.CONT) reportContinue(process);
    else process.stopped = 0;
  } else if (defaultAction(signo) === 'stop') flush(process, SIG.CONT);
  const receivers = 'tid' in target ? [target] : process.tasks;
  // The leader's mask decides for the process, even when it has ended.
  if (!blocks(receivers[0], signo) && isIgnored(process.signals, signo)) return true;
  const queued = target.pending.push(info);
  for (const task of receivers) task.signalArrival.wake();
  const taker = receivers.find((task) => task.state !== 'dead' && !blocks(task, signo));
  if (taker === undefined) return queued;
  if (endsAtOnce(process, signo)) {
    process.groupExit = info;
    for (const task of process.tasks) task.kernel.scheduler.wake(task, 'signal');
  } else taker.kernel.scheduler.wake(taker, 'signal');
  return queued;
}

const blocks = (task: Task, signo: number): boolean => (task.signalMask & signalBit(signo)) !== 0n;

/** A deadly signal ends every thread at its next return to user mode; those that would leave a core wait until they are taken (complete_signal). */
function endsAtOnce(process: Process, signo: number): boolean {
  if (signo === SIG.KILL) return true;
  return process.stopped === 0 && !DUMPING.has(signo) && process.signals.get(signo).handler === SIG_DFL && defaultAction(signo) === 'terminate';
}

function flush(process: Process, signal: number): void {
  process.pending.flush(signal);
  for (const task of process.tasks) task.pending.flush(signal);
}

/** Tells the parent of a change in a child's state (kernel/signal.c, do_notify_parent and do_notify_parent_cldstop); signal 0, or one that clone took and that there is not: only who waits. */
export function notifyParent(child: Process, parent: Process, signal: number, code: number, status: number): void {
  if (signal >= 1 && signal <= NSIG) sendSignal(parent, { signo: signal, errno: 0, code, pid: child.pid, uid: child.credentials.uid, status });
  parent.childEvents.wake();
}

/** A signal stopped the process. */
export function reportStop(process: Process, signal: number): void {
  process.stopped = signal;
  report(process, 'stopped', CLD.STOPPED, signal);
}

/** SIGCONT made it go on. */
function reportContinue(process: Process): void {
  if (process.stopped === 0) return;
  process.stopped = 0;
  report(process, 'continued', CLD.CONTINUED, SIG.CONT);
}

function report(process: Process, change: 'stopped' | 'continued', code: number, status: number): void {
  process.change = change;
  const { parent } = process;
  if (parent === null) return;
  const action = parent.signals.get(SIG.CHLD);
  const wanted = action.handler !== SIG_IGN && (action.flags & SA.NOCLDSTOP) === 0n;
  notifyParent(process, parent, wanted ? SIG.CHLD : 0, code, status);
}

/** A signal that an instruction caused: it cannot be blocked or ignored (force_sig_info). */
export function forceSignal(task: Task, info: SignalInfo): void {
  const bit = signalBit(info.signo);
  const { signals } = task.process;
  if ((task.signalMask & bit) !== 0n || isIgnored(signals, info.signo)) {
    signals.set(info.signo, { ...signals.get(info.signo), handler: SIG_DFL });
    task.signalMask &= ~bit;
  }
  task.pending.flush(info.signo);
  task.pending.push(info);
}

/** True if a signal would be delivered now. */
export function hasSignal(task: Task): boolean {
  const { process, pending, signalMask } = task;
  if ((pending.set & ~signalMask) !== 0n || process.groupExit !== null) return true;
  const shared = process.pending.set & ~signalMask;
  return shared !== 0n && (process.tasks.length === 1 || isTaker(task, shared));
}

/** Of the signals of the process a thread takes those that all threads before it block: the leader comes first. */
function isTaker(task: Task, shared: bigint): boolean {
  let left = shared;
  for (const other of task.process.tasks) {
    if (other === task) return left !== 0n;
    if (other.state !== 'dead') left &= other.signalMask;
  }
  return false;
}

/** Masks have changed or a thread has ended: signals of the process may be another sleeper's now (retarget_shared_pending). */
export function retargetSignals(process: Process): void {
  if (process.tasks.length === 1 || process.pending.set === 0n) return;
  for (const task of process.tasks) if (task.state === 'waiting' && hasSignal(task)) task.kernel.scheduler.wake(task, 'signal');
}

/** True if the process is to end by a signal: what cannot be interrupted otherwise is (fatal_signal_pending). */
export const hasFatalSignal = ({ process }: Task): boolean => process.groupExit !== null;

/** A signal that a task takes, its own first (dequeue_signal). */
export function takeSignal(task: Task, blocked: bigint = task.signalMask): SignalInfo | null {
  const info = task.pending.take(blocked) ?? task.process.pending.take(blocked);
  if (info?.signo === SIG.ALRM) task.process.intervalTimers.real.goOn();
  return info?.timer?.taken(info) ?? info;
}
