import type { ByteString, CpuModel, CpuState, Engine, HostNetwork, InstructionCounts, Mmu, MmapStrategy, VmaSet } from '@tally86/core';
import type { AddressSpace } from '../mm/address-space.ts';
import type { UserMemory } from '../mm/user-memory.ts';
import type { FutexTable } from '../sched/futex.ts';
import type { Scheduler } from '../sched/scheduler.ts';
import type { SyscallResult, Wait, WaitQueue } from '../sched/wait.ts';
import type { SignalActions, SignalInfo, SignalQueue, SignalStack } from '../signal/types.ts';
import type { SyscallArgs, SyscallTable } from '../syscalls/types.ts';
import type { Clock } from '../time/clock.ts';
import type { Entropy } from '../time/entropy.ts';
import type { PosixTimers } from '../time/posix-timers.ts';
import type { Timer, TimerQueue } from '../time/timers.ts';
import type { ControllingTerminal } from '../tty/controlling.ts';
import type { CpuAccess } from './cpu-access.ts';
import type { Engines } from './engines.ts';
import type { FileContext, FileTable } from './file-seam.ts';
import type { Credentials, SystemIdentity } from './identity.ts';
import type { Limits } from './limits.ts';
import type { OutputBudget } from './output-budget.ts';
import type { PidAllocator } from './pids.ts';
import type { PluginSet } from './plugins.ts';
import type { Scheduling } from './scheduling.ts';
import type { ProcessSettings } from './settings.ts';
import type { CountLedger } from './thread-counts.ts';

/** How a run, a process or a task ended. */
export type Exit =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: number; readonly reason: string }
  | { readonly kind: 'budget'; readonly reason: string }
  | { readonly kind: 'deadlock'; readonly reason: string };

/** Why a sleeping task is looked at again. */
export type WakeReason = 'event' | 'timeout' | 'signal';

/** One thread of execution (task_struct). */
export interface Task {
  /** Changes in execve of a thread that is not the leader. */
  tid: number;
  readonly process: Process;
  readonly kernel: Kernel;
  /** The running CPU state; valid for this task only while it runs, as in a system call. */
  readonly cpu: CpuState;
  /** Memory of the process, for system calls. */
  readonly user: UserMemory;
  /** Descriptors; root, working directory and umask: the same for all threads, unless one asked for its own. */
  files: FileTable;
  fs: FileContext;
  /** Who waits for this task to let go of the memory that it shares (CLONE_VFORK); null: nobody. */
  vforkDone: WaitQueue | null;
  /** `running`: has or wants the CPU; `waiting`: has a wait. */
  state: 'running' | 'waiting' | 'dead';
  wait: Wait | null;
  wakeReason: WakeReason | null;
  /** Registers while another task runs. */
  readonly saved: Uint8Array;
  /** Arguments of the present system call, and its number; −1 outside of one. */
  readonly args: SyscallArgs;
  syscallNumber: number;
  /** What restart_syscall(2) goes on with after an interrupted sleep. */
  restart: (() => SyscallResult) | null;
  /** Blocked signals: bit n − 1 is signal n. */
  signalMask: bigint;
  /** The mask to restore after rt_sigsuspend, ppoll, pselect6; null: none. */
  savedSignalMask: bigint | null;
  /** Signals sent to this task alone. */
  readonly pending: SignalQueue;
  /** Woken by every signal that is queued for this task or its process, blocked or not (rt_sigtimedwait, signalfd). */
  readonly signalArrival: WaitQueue;
  altStack: SignalStack;
  /** The last exception (thread_struct: trap_nr, error_code, cr2), as every signal frame shows it. */
  trap: NonNullable<SignalInfo['trap']>;
  /** set_tid_address: zeroed and woken at exit of a thread; 0: none. */
  clearChildTid: number;
  robustList: number;
  scheduling: Scheduling;
  /** PR_SET_PDEATHSIG: sent to it when the parent ends; 0: none. */
  parentDeathSignal: number;
  /** comm: at most 15 bytes. */
  name: ByteString;
}

/** Tasks that share memory, descriptors and signal handlers: a thread group (signal_struct, mm_struct, files_struct). */
export interface Process {
  readonly pid: number;
  readonly kernel: Kernel;
  /** Who waits for it; null: nobody in this machine (the first process, and orphans without a subreaper). */
  parent: Process | null;
  /** In order of creation; zombies too. */
  readonly children: Set<Process>;
  /** Woken when a child ends, stops or goes on. */
  readonly childEvents: WaitQueue;
  /** Woken when the process ends. */
  readonly exitEvents: WaitQueue;
  /** Sent to the parent at the end; 0: none. */
  exitSignal: number;
  /** The last stop or continuation, until the parent has waited for it. */
  change: 'stopped' | 'continued' | null;
  /** CPU time in nanoseconds of children that were waited for, and theirs; the largest resident set of one, in pages. */
  childrenTime: number;
  childrenPeak: number;
  /** Largest resident set of address spaces that it had before, in pages. */
  residentPeak: number;
  processGroup: number;
  session: number;
  /** The terminal that controls its session; null: none. */
  terminal: ControllingTerminal | null;
  /** Living threads in order of creation; a leader that ended before the others stays, dead. */
  readonly tasks: Task[];
  /** The deadly signal that every thread ends by when it next returns to user mode; null: none. */
  groupExit: SignalInfo | null;
  /** CPU time of the threads that ended, in nanoseconds. */
  endedTime: number;
  mm: AddressSpace;
  readonly signals: SignalActions;
  /** Signals sent to the process. */
  readonly pending: SignalQueue;
  readonly limits: Limits;
  readonly credentials: Credentials;
  /** What it executes, for /proc/self. */
  image: ProcessImage;
  /** Monotonic nanoseconds. */
  readonly startTime: number;
  /** ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF. */
  readonly intervalTimers: IntervalTimers;
  /** timer_create(2). */
  readonly posixTimers: PosixTimers;
  /** The signal that stopped it; 0: not stopped. */
  stopped: number;
  /** Set once it ended. */
  exit: Exit | null;
  personality: number;
  dumpable: number;
  noNewPrivileges: boolean;
  readonly settings: ProcessSettings;
}

export interface IntervalTimers {
  /** On the monotonic clock. */
  readonly real: Timer & {
    interval: number;
    expiry: number;
    set(deadline: number, interval: number): void;
    /** SIGALRM was taken: only then the next period begins, so that a short one floods nobody. */
    goOn(): void;
  };
  /** On the process's CPU time in nanoseconds; Infinity: disarmed. */
  readonly virtual: { deadline: number; interval: number };
  readonly profile: { deadline: number; interval: number };
}

/** What execve left behind for /proc/self/{exe,cmdline,environ,auxv}. */
export interface ProcessImage {
  /** Absolute path after all links. */
  readonly path: ByteString;
  /** argv and envp as they lie on the stack: [start, end) addresses, as /proc reads them live. */
  readonly argStart: number;
  readonly argEnd: number;
  readonly envStart: number;
  readonly envEnd: number;
  /** Pairs of a_type and a_val up to AT_NULL, in bytes as on the stack. */
  readonly auxv: Uint8Array;
  readonly startCode: number;
  readonly endCode: number;
  readonly startData: number;
  readonly endData: number;
  readonly startStack: number;
  readonly entry: number;
  /** Load bias of the program, for symbols. */
  readonly bias: number;
  /** Base address of the program interpreter; 0: none. */
  readonly interpreterBase: number;
}

/** The parts of one address space, from the runner. */
export interface AddressSpaceParts {
  readonly mmu: Mmu;
  readonly vmas: VmaSet;
  readonly strategy: MmapStrategy;
}

/** The machine as system calls see it. */
export interface Kernel {
  readonly cpu: CpuState;
  readonly cpuAccess: CpuAccess;
  readonly model: CpuModel;
  readonly engines: Engines;
  /** The engine that executes the running task. */
  readonly engine: Engine;
  readonly clock: Clock;
  readonly timers: TimerQueue;
  readonly entropy: Entropy;
  readonly identity: SystemIdentity;
  /** The network outside; null: there is only the machine's own loopback. */
  readonly network: HostNetwork | null;
  readonly scheduler: Scheduler;
  readonly futexes: FutexTable;
  readonly plugins: PluginSet;
  readonly syscalls: SyscallTable;
  /** Processes by pid, in order of creation; those that ended stay until they were waited for. */
  readonly processes: ReadonlyMap<number, Process>;
  /** Living threads of all processes by tid. createTask adds, the end of a thread removes. */
  readonly tasks: Map<number, Task>;
  readonly maxTasks: number;
  /** Open file descriptions of all processes together. */
  readonly maxFiles: number;
  readonly output: OutputBudget;
  readonly ledger: CountLedger;
  readonly pids: PidAllocator;
  /** The first process: the run ends with it. */
  readonly init: Process;
  /** The task whose state is in `cpu`; during a system call: the caller. */
  readonly current: Task;
  /** A process joins the others, or is gone for good. */
  adopt(process: Process): void;
  forget(process: Process): void;
  /** How the run ended; null: it goes on. */
  exit: Exit | null;
  /** Instructions of all tasks so far (convention retired). */
  totalRetired(): number;
  /** Exact counts, of one thread or all. */
  counts(tid?: number): InstructionCounts;
  /** CPU time of a task in nanoseconds. */
  cpuTime(task: Task): number;
  /** A line for the user (unknown system calls, unsupported instructions): shown under --strace and in reports. Each text is told once. */
  note(text: string): void;
  /** Sends a signal from outside (terminal, host) to the process. */
  sendSignal(process: Process, signal: number): void;
}
