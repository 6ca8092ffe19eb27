import type { Process, Task } from './types.ts';

/** One number above the largest pid (PID_MAX_LIMIT of 64-bit kernels, what pid_max is there). */
export const PID_MAX = 4_194_304;
/** Numbers below are not given again after the first round (RESERVED_PIDS). */
const RESERVED = 300;

/** Numbers of processes and threads: one sequence (kernel/pid.c). */
export interface PidAllocator {
  /** The next number that no thread, process, group or session has; −1 if all are taken. */
  next(): number;
  /** A number that its user chose, and that nothing has. */
  claim(pid: number): number;
  /** True if something goes by this number. */
  isUsed(pid: number): boolean;
}

/** The sequence that starts at `first`. */
export function createPidAllocator(first: number, tasks: ReadonlyMap<number, Task>, processes: ReadonlyMap<number, Process>): PidAllocator {
  let candidate = first;
  /** The highest number ever given: groups and sessions are named after processes, so that nothing goes by one above it. */
  let highest = -1;
  const given = (pid: number): number => {
    highest = Math.max(highest, pid);
    return pid;
  };
  const isUsed = (pid: number): boolean => {
    if (pid > highest) return false;
    if (tasks.has(pid) || processes.has(pid)) return true;
    for (const { processGroup, session } of processes.values()) if (processGroup === pid || session === pid) return true;
    return false;
  };
  return {
    isUsed,
    claim: given,
    next() {
      for (let tries = 0; tries < PID_MAX; tries += 1) {
        const pid = candidate;
        candidate = pid + 1 < PID_MAX ? pid + 1 : RESERVED;
        if (!isUsed(pid)) return given(pid);
      }
      return -1;
    },
  };
}
