import { SIG } from '@tally86/abi';
import type { IntervalTimers, Process, Task } from '../kernel/types.ts';
import { sendSignal } from '../signal/send.ts';
import { kernelSignal } from '../signal/siginfo.ts';

/** The three interval timers of a process, disarmed; `process` is asked when they fire. */
export function createIntervalTimers(process: () => Process): IntervalTimers {
  const real: IntervalTimers['real'] = {
    deadline: Infinity,
    interval: 0,
    fire(now) {
      const { kernel } = process();
      sendSignal(process(), kernelSignal(SIG.ALRM));
      if (real.interval > 0) kernel.timers.arm(real, now + real.interval);
    },
  };
  return { real, virtual: { deadline: Infinity, interval: 0 }, profile: { deadline: Infinity, interval: 0 } };
}

/** CPU time of a process in nanoseconds: one for each instruction of its tasks. */
export function processCpuTime(process: Process): number {
  return process.tasks.reduce((sum, task) => (task.state === 'dead' ? sum : sum + process.kernel.cpuTime(task)), process.endedTime);
}

/** Instructions until ITIMER_VIRTUAL or ITIMER_PROF of the running task's process fires. */
export function instructionsUntilCpuTimer(task: Task): number {
  const { virtual, profile } = task.process.intervalTimers;
  const deadline = Math.min(virtual.deadline, profile.deadline);
  return deadline === Infinity ? Infinity : Math.max(1, deadline - processCpuTime(task.process));
}

/** Fires them. */
export function cpuTimersDue(task: Task): void {
  const { process } = task;
  const { virtual, profile } = process.intervalTimers;
  if (virtual.deadline === Infinity && profile.deadline === Infinity) return;
  const now = processCpuTime(process);
  for (const [timer, signal] of [[virtual, SIG.VTALRM], [profile, SIG.PROF]] as const) {
    if (timer.deadline > now) continue;
    timer.deadline = timer.interval > 0 ? now + timer.interval : Infinity;
    sendSignal(process, kernelSignal(signal));
  }
}
