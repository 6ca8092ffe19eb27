import type { FaultInfo } from './stop.ts';

/** A guest instruction as a plugin sees it at translation time. */
export interface InstructionInfo {
  readonly address: number;
  readonly length: number;
  /** Lower-case mnemonic. */
  readonly mnemonic: string;
}

/**
 * Instructions that execute one after the other, from the first one on. How many an engine takes together, and where it begins anew, is its own choice
 * and may depend on budgets: the same instruction can be part of several blocks. What is counted or called by instruction comes to the same everywhere;
 * what goes by blocks, as a counter at index 0 of each, tells of the engine too.
 */
export interface BlockInfo {
  readonly address: number;
  readonly instructions: readonly InstructionInfo[];
}

/**
 * A number that engines add to inline. Starts at 0; exact up to 2^53. It is up to date in callbacks and whenever no guest code runs (system calls,
 * faults, the end), but may lag behind in `translate`. It may be written where it may be read.
 */
export interface InlineCounter {
  value: number;
}

export interface MemoryAccess {
  readonly rip: number;
  readonly address: number;
  /** Bytes. */
  readonly size: number;
  readonly write: boolean;
}

/** What a plugin wants of one block. Instruction indices are into BlockInfo.instructions. A block that has callbacks or `memory` runs in the interpreter. */
export interface BlockInstrumentation {
  /** Adds `amount` when the instruction at `index` completes: not when it faults, nor before the last repetition of a string instruction. Whole amounts below 2^31 are compiled into the block. */
  readonly counters?: readonly { readonly index: number; readonly counter: InlineCounter; readonly amount: number }[];
  /** Called before the instruction at `index` executes. */
  readonly callbacks?: readonly { readonly index: number; readonly call: () => void }[];
  /** Called before each data access of the block's instructions (a failing one included, unless its address is outside of user space). */
  readonly memory?: (access: MemoryAccess) => void;
}

/**
 * The part of plugins that engines ask, at translation time only: before a block executes for the first time, and again for each further translation
 * (another engine takes over, the code changed, a budget ends inside, translations were given up). An engine may ask and not use the answer, and keeps
 * an answer as long as the translation: it says nothing about how often or when the block executes.
 */
export interface TranslationHooks {
  translate(block: BlockInfo): BlockInstrumentation | undefined;
}

export interface SyscallEvent {
  readonly thread: number;
  readonly number: number;
  readonly args: readonly bigint[];
}

export interface MappingEvent {
  readonly kind: 'map' | 'unmap' | 'protect' | 'move';
  readonly start: number;
  readonly end: number;
  readonly prot: number;
}

/** Exact counts of one thread at one moment; see the conventions. */
export interface InstructionCounts {
  readonly retired: number;
  readonly repIterations: number;
  readonly repCompleted: number;
  readonly repEmpty: number;
  readonly repExhausted: number;
}

/** What a plugin may ask of the machine it is plugged into. */
export interface PluginHost {
  /** Counts of a thread, or of all threads if none is named. Inside a system call its own `syscall` instruction is counted. */
  counts(thread?: number): InstructionCounts;
  /** Copies guest memory to the host; returns the bytes copied before a fault. */
  copyIn(address: number, into: Uint8Array): number;
  copyOut(address: number, from: Uint8Array): number;
  /** Inode of an address's function and file, if symbols are known. */
  note(text: string): void;
}

/** A plugin: every part is optional, and what is absent costs nothing. */
export interface Plugin {
  readonly name: string;
  attach?(host: PluginHost): void;
  translate?(block: BlockInfo): BlockInstrumentation | undefined;
  /** Before a system call. A returned number answers it in place of the kernel. */
  syscall?(event: SyscallEvent): number | undefined;
  /** After a system call, with its result (−errno on failure). */
  syscallResult?(event: SyscallEvent, result: number): void;
  fault?(fault: FaultInfo, rip: number): void;
  mapping?(event: MappingEvent): void;
  task?(event: { readonly kind: 'create' | 'exit'; readonly thread: number }): void;
}
