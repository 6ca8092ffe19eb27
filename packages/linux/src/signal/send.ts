import { SIG, SIG_DFL } from '@tally86/abi';
import type { Process, Task } from '../kernel/types.ts';
import { defaultAction, isIgnored, signalBit } from './actions.ts';
import type { SignalInfo } from './types.ts';

const STOP_SIGNALS = [SIG.STOP, SIG.TSTP, SIG.TTIN, SIG.TTOU];

/** Queues a signal for one task or for the process, and wakes who can take it; false if the queue is full (kernel/signal.c, send_signal). */
export function sendSignal(target: Task | Process, info: SignalInfo): boolean {
  const process = 'tid' in target ? target.process : target;
  if (process.exit !== null) return true;
  const { signo } = info;
  if (signo === SIG.CONT || signo === SIG.KILL) {
    for (const stop of STOP_SIGNALS) flush(process, stop);
    process.stopped = 0;
  } else if (defaultAction(signo) === 'stop') flush(process, SIG.CONT);
  const receivers = 'tid' in target ? [target] : process.tasks;
  const blockedByAll = receivers.every((task) => (task.signalMask & signalBit(signo)) !== 0n);
  if (!blockedByAll && isIgnored(process.signals, signo)) return true;
  const queued = target.pending.push(info);
  for (const task of receivers) task.signalArrival.wake();
  const taker = receivers.find((task) => task.state !== 'dead' && (task.signalMask & signalBit(signo)) === 0n);
  if (taker !== undefined) taker.kernel.scheduler.wake(taker, 'signal');
  return queued;
}

function flush(process: Process, signal: number): void {
  process.pending.flush(signal);
  for (const task of process.tasks) task.pending.flush(signal);
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
  return ((task.pending.set | task.process.pending.set) & ~task.signalMask) !== 0n;
}

/** A signal that a task takes, its own first (dequeue_signal). */
export function takeSignal(task: Task, blocked: bigint = task.signalMask): SignalInfo | null {
  const info = task.pending.take(blocked) ?? task.process.pending.take(blocked);
  if (info?.signo === SIG.ALRM) task.process.intervalTimers.real.goOn();
  return info?.timer?.taken(info) ?? info;
}
