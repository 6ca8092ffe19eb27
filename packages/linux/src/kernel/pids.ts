import type { Process, Task } from './types.ts';

/** One number above the largest pid (PID_MAX_LIMIT of 64-bit kernels, what pid_max is there). */
export const PID_MAX = 4_194_304;
/** Numbers below are not given again after the first round (RESERVED_PIDS). */
const RESERVED = 300;

/** Numbers of processes and threads: one sequence (kernel/pid.c). */
export interface PidAllocator {
  /** The next number that no thread, process, group or session has; −1 if all are taken. */
  next(): number;
  /** True if something goes by this number. */
  isUsed(pid: number): boolean;
}

/** The sequence that starts at `first`. */
export function createPidAllocator(first: number, tasks: ReadonlyMap<number, Task>, processes: ReadonlyMap<number, Process>): PidAllocator {
  let candidate = first;
  const isUsed = (pid: number): boolean => {
    if (tasks.has(pid) || processes.has(pid)) return true;
    for (const { processGroup, session } of processes.values()) if (processGroup === pid || session === pid) return true;
    return false;
  };
  return {
    isUsed,
    next() {
      for (let tries = 0; tries < PID_MAX; tries += 1) {
        const pid = candidate;
        candidate = pid + 1 < PID_MAX ? pid + 1 : RESERVED;
        if (!isUsed(pid)) return pid;
      }
      return -1;
    },
  };
}
