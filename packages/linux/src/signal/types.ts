/** siginfo_t as the kernel fills it, by the fields that its si_code selects. */
export interface SignalInfo {
  readonly signo: number;
  readonly errno: number;
  readonly code: number;
  /** kill, sigqueue, SIGCHLD. */
  readonly pid?: number;
  readonly uid?: number;
  /** si_value of sigqueue and timers; si_status of SIGCHLD. */
  readonly value?: bigint;
  readonly status?: number;
  /** si_addr of faults. */
  readonly address?: bigint;
  /** Bytes 12..127 as rt_sigqueueinfo(2) was given them; overrides the fields above. */
  readonly raw?: Uint8Array;
  /** The POSIX timer that queued it: never more than one for each, whatever else is pending. */
  readonly timer?: SignalTimer;
  /** Faults: what goes to sigcontext err, trapno and cr2. */
  readonly trap?: { readonly vector: number; readonly errorCode: number; readonly address: bigint };
}

/** A timer rests while its signal is pending. */
export interface SignalTimer {
  /** The signal is taken: what it says of the time in between. The timer goes on. */
  taken(info: SignalInfo): SignalInfo;
  /** The signal was thrown away. */
  dropped(): void;
}

/** struct kernel_sigaction. */
export interface SignalAction {
  readonly handler: bigint;
  readonly flags: bigint;
  readonly restorer: bigint;
  readonly mask: bigint;
}

/** Handlers of a process (sighand_struct). */
export interface SignalActions {
  get(signal: number): SignalAction;
  set(signal: number, action: SignalAction): void;
  /** execve: handlers become defaults, ignored signals stay ignored. */
  resetHandlers(): void;
  fork(): SignalActions;
}

/** Pending signals: one of each below SIGRTMIN, a queue of each above. */
export interface SignalQueue {
  /** Bit n − 1: signal n is pending. */
  readonly set: bigint;
  /** False if the queue is full (RLIMIT_SIGPENDING). */
  push(info: SignalInfo): boolean;
  /** Takes the next signal whose bit is not in `blocked`: synchronous ones first, then the lowest number. */
  take(blocked: bigint): SignalInfo | null;
  /** Drops all of one signal. */
  flush(signal: number): void;
  /** Takes this one out, if it is there. */
  remove(info: SignalInfo): void;
}

/** stack_t of sigaltstack(2). */
export interface SignalStack {
  readonly sp: number;
  readonly size: number;
  readonly flags: number;
}
