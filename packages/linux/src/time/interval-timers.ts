import { SIG } from '@tally86/abi';
import type { IntervalTimers, Process, Task } from '../kernel/types.ts';
import { sendSignal } from '../signal/send.ts';
import { kernelSignal } from '../signal/siginfo.ts';

/** The three interval timers of a process, disarmed; `process` is asked when they fire. */
export function createIntervalTimers(process: () => Process): IntervalTimers {
  let expired = Infinity;
  const real: IntervalTimers['real'] = {
    deadline: Infinity,
    interval: 0,
    set(deadline, interval) {
      const { timers } = process().kernel;
      expired = Infinity;
      real.interval = interval;
      real.expiry = deadline;
      timers.arm(real, deadline);
    },
    expiry: Infinity,
    fire() {
      expired = real.expiry;
      sendSignal(process(), kernelSignal(SIG.ALRM));
    },
    goOn() {
      if (expired === Infinity || real.interval === 0) return;
      const { clock, timers } = process().kernel;
      real.expiry = nextExpiry(expired, real.interval, clock.monotonic());
      expired = Infinity;
      timers.arm(real, real.expiry);
    },
  };
  return { real, virtual: { deadline: Infinity, interval: 0 }, profile: { deadline: Infinity, interval: 0 } };
}

/** The first expiration after `now` of a timer that expired at `expired` and then at every interval. */
export function nextExpiry(expired: number, interval: number, now: number): number {
  return expired + (Math.floor(Math.max(0, now - expired) / interval) + 1) * interval;
}

/** CPU time of a process in nanoseconds: one for each instruction of its tasks. */
export function processCpuTime(process: Process): number {
  return process.tasks.reduce((sum, task) => (task.state === 'dead' ? sum : sum + process.kernel.cpuTime(task)), process.endedTime);
}

/** Instructions until ITIMER_VIRTUAL, ITIMER_PROF or a POSIX timer of CPU time fires, if the task runs on. */
export function instructionsUntilCpuTimer(task: Task): number {
  const { intervalTimers: { virtual, profile }, posixTimers } = task.process;
  const deadline = Math.min(virtual.deadline, profile.deadline);
  const left = deadline === Infinity ? Infinity : deadline - processCpuTime(task.process);
  return Math.max(1, Math.min(left, posixTimers.cpuTimeLeft(task)));
}

/** Fires them. */
export function cpuTimersDue(task: Task): void {
  const { process } = task;
  const { virtual, profile } = process.intervalTimers;
  process.posixTimers.fireCpuTimers();
  if (virtual.deadline === Infinity && profile.deadline === Infinity) return;
  const now = processCpuTime(process);
  for (const [timer, signal] of [[virtual, SIG.VTALRM], [profile, SIG.PROF]] as const) {
    if (timer.deadline > now) continue;
    timer.deadline = timer.interval > 0 ? nextExpiry(timer.deadline, timer.interval, now) : Infinity;
    sendSignal(process, kernelSignal(signal));
  }
}
