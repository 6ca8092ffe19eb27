import type { CpuState, InstructionCounts, Mmu, MmapStrategy, VmaSet } from '@tally86/core';
import type { AddressSpace } from '../mm/address-space.ts';
import type { UserMemory } from '../mm/user-memory.ts';
import type { Scheduler } from '../sched/scheduler.ts';
import type { Wait } from '../sched/wait.ts';
import type { SignalActions, SignalQueue, SignalStack } from '../signal/types.ts';
import type { SyscallTable } from '../syscalls/types.ts';
import type { Clock } from '../time/clock.ts';
import type { Entropy } from '../time/entropy.ts';
import type { Limits } from './limits.ts';
import type { CpuAccess } from './cpu-access.ts';
import type { Credentials, SystemIdentity } from './identity.ts';
import type { FileContext, FileTable } from './file-seam.ts';
import type { PluginSet } from './plugins.ts';

/** How a run, a process or a task ended. */
export type Exit =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: number; readonly reason: string }
  | { readonly kind: 'budget'; readonly reason: string }
  | { readonly kind: 'deadlock'; readonly reason: string };

/** One thread of execution (task_struct). */
export interface Task {
  readonly tid: number;
  readonly process: Process;
  readonly kernel: Kernel;
  /** The running CPU state; valid for this task only while it runs, as in a system call. */
  readonly cpu: CpuState;
  /** Memory of the process, for system calls. */
  readonly user: UserMemory;
  /** `running` (or ready), `waiting` (has a wait), `dead`. */
  state: 'running' | 'waiting' | 'dead';
  wait: Wait | null;
  /** Blocked signals: bit n − 1 is signal n. */
  signalMask: bigint;
  /** The mask to restore after rt_sigsuspend, ppoll, pselect6; null: none. */
  savedSignalMask: bigint | null;
  /** Signals sent to this task alone. */
  readonly pending: SignalQueue;
  altStack: SignalStack;
  /** set_tid_address: zeroed and woken at exit; 0: none. */
  clearChildTid: number;
  robustList: number;
  /** comm: at most 15 bytes. */
  name: string;
}

/** Tasks that share memory, descriptors and signal handlers: a thread group (signal_struct, mm_struct, files_struct). */
export interface Process {
  readonly pid: number;
  readonly kernel: Kernel;
  readonly parent: Process | null;
  processGroup: number;
  session: number;
  readonly tasks: readonly Task[];
  mm: AddressSpace;
  readonly files: FileTable;
  readonly fs: FileContext;
  readonly signals: SignalActions;
  /** Signals sent to the process. */
  readonly pending: SignalQueue;
  readonly limits: Limits;
  readonly credentials: Credentials;
  /** What it executes, for /proc/self. */
  image: ProcessImage;
  /** Monotonic nanoseconds. */
  readonly startTime: number;
  /** Set once it ended. */
  exit: Exit | null;
  personality: number;
  dumpable: number;
}

/** What execve left behind for /proc/self/{exe,cmdline,environ,auxv}. */
export interface ProcessImage {
  /** Absolute path after all links. */
  readonly path: string;
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
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly identity: SystemIdentity;
  readonly scheduler: Scheduler;
  readonly plugins: PluginSet;
  readonly syscalls: SyscallTable;
  /** Living processes by pid, in order of creation. */
  readonly processes: ReadonlyMap<number, Process>;
  /** The task whose state is in `cpu`; during a system call: the caller. */
  readonly current: Task;
  /** Exact counts, of one thread or all. */
  counts(tid?: number): InstructionCounts;
  /** A line for the user (unknown system calls, unsupported instructions): shown under --strace and in reports. Each text is told once. */
  note(text: string): void;
  /** Sends a signal from outside (terminal, host). */
  sendSignal(process: Process, signal: number): void;
}
