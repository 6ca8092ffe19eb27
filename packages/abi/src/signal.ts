/** Signal numbers of x86-64 (asm/signal.h). */
export const SIG = {
  HUP: 1, INT: 2, QUIT: 3, ILL: 4, TRAP: 5, ABRT: 6, BUS: 7, FPE: 8, KILL: 9, USR1: 10, SEGV: 11, USR2: 12, PIPE: 13, ALRM: 14, TERM: 15,
  STKFLT: 16, CHLD: 17, CONT: 18, STOP: 19, TSTP: 20, TTIN: 21, TTOU: 22, URG: 23, XCPU: 24, XFSZ: 25, VTALRM: 26, PROF: 27, WINCH: 28,
  IO: 29, PWR: 30, SYS: 31,
} as const;
/** The first real-time signal for the kernel, and the last. */
export const SIGRTMIN = 32, SIGRTMAX = 64;
export const NSIG = 64;

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(SIG).map(([name, number]) => [number, `SIG${name}`]));

/** `SIGSEGV`, `SIGRT_3`; `SIG<number>` if it has no name. */
export function signalName(signal: number): string {
  return NAMES.get(signal) ?? (signal >= SIGRTMIN && signal <= SIGRTMAX ? `SIGRT_${signal - SIGRTMIN}` : `SIG${signal}`);
}

/** What strsignal(3) of glibc says, for the line a shell prints. */
export const SIGNAL_MESSAGES: Readonly<Record<number, string>> = {
  1: 'Hangup', 2: 'Interrupt', 3: 'Quit', 4: 'Illegal instruction', 5: 'Trace/breakpoint trap', 6: 'Aborted', 7: 'Bus error',
  8: 'Floating point exception', 9: 'Killed', 10: 'User defined signal 1', 11: 'Segmentation fault', 12: 'User defined signal 2',
  13: 'Broken pipe', 14: 'Alarm clock', 15: 'Terminated', 16: 'Stack fault', 17: 'Child exited', 18: 'Continued', 19: 'Stopped (signal)',
  20: 'Stopped', 21: 'Stopped (tty input)', 22: 'Stopped (tty output)', 23: 'Urgent I/O condition', 24: 'CPU time limit exceeded',
  25: 'File size limit exceeded', 26: 'Virtual timer expired', 27: 'Profiling timer expired', 28: 'Window changed', 29: 'I/O possible',
  30: 'Power failure', 31: 'Bad system call',
};

export const SIG_DFL = 0n, SIG_IGN = 1n;
export const SIG_BLOCK = 0, SIG_UNBLOCK = 1, SIG_SETMASK = 2;
/** Flags of struct sigaction. */
export const SA = {
  NOCLDSTOP: 1n, NOCLDWAIT: 2n, SIGINFO: 4n, EXPOSE_TAGBITS: 0x800n, RESTORER: 0x0400_0000n, ONSTACK: 0x0800_0000n, RESTART: 0x1000_0000n,
  NODEFER: 0x4000_0000n, RESETHAND: 0x8000_0000n,
} as const;
/** sigaltstack(2). */
export const SS = { ONSTACK: 1, DISABLE: 2, AUTODISARM: 0x8000_0000 } as const;
export const MINSIGSTKSZ = 2048, SIGSTKSZ = 8192;

/** si_code of any signal. */
export const SI = { USER: 0, KERNEL: 0x80, QUEUE: -1, TIMER: -2, MESGQ: -3, ASYNCIO: -4, SIGIO: -5, TKILL: -6 } as const;
/** Ways of struct sigevent to tell (asm-generic/siginfo.h). */
export const SIGEV = { SIGNAL: 0, NONE: 1, THREAD: 2, THREAD_ID: 4 } as const;
export const ILL = { ILLOPC: 1, ILLOPN: 2, ILLADR: 3, ILLTRP: 4, PRVOPC: 5, PRVREG: 6, COPROC: 7, BADSTK: 8 } as const;
export const FPE = { INTDIV: 1, INTOVF: 2, FLTDIV: 3, FLTOVF: 4, FLTUND: 5, FLTRES: 6, FLTINV: 7, FLTSUB: 8 } as const;
export const SEGV = { MAPERR: 1, ACCERR: 2, BNDERR: 3, PKUERR: 4 } as const;
export const BUS = { ADRALN: 1, ADRERR: 2, OBJERR: 3 } as const;
export const TRAP = { BRKPT: 1, TRACE: 2, BRANCH: 3, HWBKPT: 4 } as const;
export const CLD = { EXITED: 1, KILLED: 2, DUMPED: 3, TRAPPED: 4, STOPPED: 5, CONTINUED: 6 } as const;

/** Values of uc_flags (asm/ucontext.h). */
export const UC = { FP_XSTATE: 1n, SIGCONTEXT_SS: 2n, STRICT_RESTORE_SS: 4n } as const;
/** Marks of the extended state in a signal frame (asm/sigcontext.h). */
export const FP_XSTATE_MAGIC1 = 0x4650_5853, FP_XSTATE_MAGIC2 = 0x4650_5845;
