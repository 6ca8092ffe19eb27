import { SCHED } from '@tally86/abi';

/** What sched_setscheduler, sched_setattr and setpriority set of a thread. It is kept and shown; turns are the same for all. */
export interface Scheduling {
  /** SCHED_ value without the flag. */
  readonly policy: number;
  /** 1 to 99 for real-time policies, else 0. */
  readonly priority: number;
  /** −20 to 19. */
  readonly nice: number;
  readonly resetOnFork: boolean;
}

export const DEFAULT_SCHEDULING: Scheduling = { policy: SCHED.OTHER, priority: 0, nice: 0, resetOnFork: false };

export const isRealTime = (policy: number): boolean => policy === SCHED.FIFO || policy === SCHED.RR;

/** What a new task gets of its parent's (sched_fork). */
export function inheritScheduling(from: Scheduling): Scheduling {
  if (!from.resetOnFork) return from;
  return isRealTime(from.policy) ? DEFAULT_SCHEDULING : { ...from, nice: Math.max(from.nice, 0), resetOnFork: false };
}
