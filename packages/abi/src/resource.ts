/** Resource limits (asm-generic/resource.h). */
export const RLIMIT = {
  CPU: 0, FSIZE: 1, DATA: 2, STACK: 3, CORE: 4, RSS: 5, NPROC: 6, NOFILE: 7, MEMLOCK: 8, AS: 9,
  LOCKS: 10, SIGPENDING: 11, MSGQUEUE: 12, NICE: 13, RTPRIO: 14, RTTIME: 15,
} as const;
export const RLIM_NLIMITS = 16;
export const RLIM_INFINITY = 0xffff_ffff_ffff_ffffn;

/** getrusage(2): whose usage. */
export const RUSAGE = { SELF: 0, CHILDREN: -1, THREAD: 1 } as const;
/** getpriority(2). */
export const PRIO = { PROCESS: 0, PGRP: 1, USER: 2 } as const;
