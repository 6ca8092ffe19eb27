import type { CpuState } from './cpu-state.ts';
import type { EnginePort } from './mmu.ts';
import type { TranslationHooks } from './plugin.ts';
import type { Stop } from './stop.ts';

/** What the guest's cpuid shows, as data: the same on every host. */
export interface CpuModel {
  readonly name: string;
  /** cpuid leaves: key is `leaf` or `leaf:subleaf` in hex without prefix, value [eax, ebx, ecx, edx]. Unknown leaves answer 0. */
  readonly leaves: Readonly<Record<string, readonly [number, number, number, number]>>;
  /** XCR0 as xgetbv shows it. */
  readonly xcr0: number;
  /** Names of features that the lifter may accept; an instruction of an absent feature is #UD (or its legacy meaning, as lzcnt → bsr). */
  readonly features: ReadonlySet<string>;
}

/** Where the engine gets what it does not own. */
export interface EngineEnvironment {
  readonly cpu: CpuState;
  readonly mmu: EnginePort;
  readonly model: CpuModel;
  /** rdtsc / rdtscp: time-stamp counter; `retired` is the exact count of this task at that instruction. */
  readTsc(retired: number): bigint;
  /** rdrand, rdseed: the next 64 bits of the machine's generator, once for each execution. Absent: there is no number (CF 0). */
  readRandom?(): bigint;
  /** Asked at translation time; null if no plugin wants anything from engines. */
  readonly hooks: TranslationHooks | null;
}

/** Executes guest instructions on the CPU state of its environment until something needs the kernel. */
export interface Engine {
  readonly name: string;
  /**
   * Runs for at most `budget` instructions (convention `retired`), exactly: state and CELL.retired are precise at every return.
   * `rep` string instructions can end a run early, between two iterations, with `budget`.
   */
  run(budget: number): Stop;
  /** Drops translations of [start, end). */
  invalidate(start: number, end: number): void;
  /** Counters for --stats, in a stable order. */
  stats(): Readonly<Record<string, number>>;
}

export interface EngineFactory {
  readonly name: string;
  create(environment: EngineEnvironment): Engine;
}

/** What an engine for hot code tells the one that executes the cold code for it. */
export interface HotCode {
  /** Executions of a block after which `enter` is asked for the first time. */
  readonly threshold: number;
  /**
   * Execution is about to enter the block at `address`, which was executed `threshold` times. A negative number: this engine takes over, the
   * run ends here with `budget`. Else the block stays cold, and the question comes back after so many more executions.
   */
  enter(address: number): number;
  /** A store to a code frame is about to change its bytes [from, to): drop what was translated from them. */
  written(frame: number, from: number, to: number): void;
  /** True if this engine holds translations of the frame. */
  holds(frame: number): boolean;
}

/** An engine that executes cold code for another one. */
export interface ColdEngine extends Engine {
  /** Null: nobody takes over. */
  hotCode: HotCode | null;
  /** How often the block at this address was executed, up to the threshold of `hotCode`; −1: there is none, execution never came by. */
  executions(address: number): number;
  /** Where the indirect jump that ends the block with the last instruction at `address` went so far, in no order. */
  targets(address: number): readonly number[];
}
export interface ColdEngineFactory {
  readonly name: string;
  create(environment: EngineEnvironment): ColdEngine;
}
