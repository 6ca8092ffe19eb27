import type { Task } from '../kernel/types.ts';
import type { SyscallResult } from '../sched/wait.ts';

/**
 * The six arguments of a system call, in order rdi rsi rdx r10 r8 r9, read as the prototype of the call asks.
 * A snapshot: valid until the task's next system call, also across a Wait.
 */
export interface SyscallArgs {
  /** An address. A value that is no user address (≥ 2^47) gives −1, which every accessor of UserMemory answers with a fault. */
  ptr(index: number): number;
  /** True if the pointer is NULL. */
  isNull(index: number): boolean;
  i32(index: number): number;
  u32(index: number): number;
  /** size_t and other unsigned 64-bit quantities; above 2^53 − 1: 2^53 − 1. */
  size(index: number): number;
  /** off_t, ssize_t and other signed 64-bit quantities, clamped to ±(2^53 − 1). */
  long(index: number): number;
  u64(index: number): bigint;
  i64(index: number): bigint;
}

/**
 * Answers a system call: ≥ 0 or an address is the result, −1…−4095 is −errno, a Wait parks the task.
 * Never throws for anything a guest does.
 */
export type SyscallHandler = (task: Task, args: SyscallArgs) => SyscallResult;

/**
 * How complete an entry is. `full`: as the kernel does; `partial`: what is missing is in the note;
 * `fixed`: answers as a kernel configured so (the note says how); `none`: ENOSYS, reported by name.
 */
export type SyscallSupport = 'full' | 'partial' | 'fixed' | 'none';

/** How --strace prints an argument. `@out` forms print the memory after the call. */
export type ArgFormat =
  | 'int' | 'uint' | 'long' | 'size' | 'hex' | 'ptr' | 'octal'
  | 'fd' | 'dirfd' | 'path' | 'string' | 'strings' | 'signal' | 'pid'
  | 'buf' /* bytes; length is the following argument */
  | 'buf@out' /* bytes; length is the result */
  | 'prot' | 'mapflags' | 'openflags' | 'clock' | 'timespec' | 'timespec@out' | 'sigset' | 'resource' | 'int@out';

/** A system call as data. */
export interface SyscallEntry {
  readonly number: number;
  readonly name: string;
  readonly handler: SyscallHandler;
  readonly support: SyscallSupport;
  /** For the compatibility table: what differs from the kernel; empty if nothing does. */
  readonly note: string;
  /** For --strace; its length is the number of arguments. */
  readonly args: readonly ArgFormat[];
}

/** An immutable set of entries by number. */
export interface SyscallTable {
  get(number: number): SyscallEntry | undefined;
  /** In order of number. */
  entries(): readonly SyscallEntry[];
  /** A table with these entries added or replaced. */
  with(...entries: readonly SyscallEntry[]): SyscallTable;
  /** A table without these names: they answer ENOSYS. Throws EmulatorError E_NOT_FOUND for a name that is not there. */
  without(...names: readonly string[]): SyscallTable;
  /** A table where the named entry's handler is wrapped. Throws EmulatorError E_NOT_FOUND for a name that is not there. */
  wrap(name: string, wrapper: (next: SyscallHandler) => SyscallHandler): SyscallTable;
}
