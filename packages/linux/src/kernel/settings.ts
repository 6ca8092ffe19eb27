/** What a process says of itself by prctl(2) and /proc, beside what has a place of its own. */
export interface ProcessSettings {
  /** /proc/PID/oom_score_adj: −1000 to 1000; below `oomScoreFloor` only root may go. */
  oomScoreAdjustment: number;
  oomScoreFloor: number;
  /** /proc/PID/coredump_filter: kept for whoever asks; there are no core files. */
  coreFilter: number;
  /** PR_SET_CHILD_SUBREAPER: orphans among its descendants become its children. */
  childSubreaper: boolean;
  /** PR_SET_KEEPCAPS, until execve(2). */
  keepCapabilities: boolean;
  /** PR_SET_THP_DISABLE. */
  hugePagesDisabled: boolean;
  /** PR_SET_TIMERSLACK, in nanoseconds: timers are exact whatever it is. */
  timerSlack: number;
  readonly io: IoCounts;
}

/** /proc/PID/io: bytes and calls of the read and write families. */
export interface IoCounts {
  readBytes: number;
  writtenBytes: number;
  reads: number;
  writes: number;
}

/** 50 µs. */
export const DEFAULT_TIMER_SLACK = 50_000;
/** Anonymous memory, ELF headers and private huge pages (MMF_DUMP_FILTER_DEFAULT). */
const DEFAULT_CORE_FILTER = 0x33;

/** Settings of a new process, with what it inherits of its parent's. */
export function createSettings(parent: ProcessSettings | undefined): ProcessSettings {
  return {
    oomScoreAdjustment: parent?.oomScoreAdjustment ?? 0,
    oomScoreFloor: parent?.oomScoreFloor ?? 0,
    coreFilter: parent?.coreFilter ?? DEFAULT_CORE_FILTER,
    childSubreaper: false,
    keepCapabilities: parent?.keepCapabilities ?? false,
    hugePagesDisabled: parent?.hugePagesDisabled ?? false,
    timerSlack: parent?.timerSlack ?? DEFAULT_TIMER_SLACK,
    io: { readBytes: 0, writtenBytes: 0, reads: 0, writes: 0 },
  };
}
