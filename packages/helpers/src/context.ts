import type { CpuModel, CpuState, Vector } from '@tally86/core';

/** What out-of-line operations get from the engine that calls them. */
export interface HelperContext {
  readonly cpu: CpuState;
  readonly model: CpuModel;
  /** Time-stamp counter at the running instruction. */
  tsc(): bigint;
  /** The next number of the machine's generator; null: it has none. */
  random(): bigint | null;
  /** Raises an exception at the running instruction; nothing may have been written before. */
  raise(vector: Vector, errorCode?: number): never;
  /** Reads guest memory at (linear address in cell `slot`) + offset; raises #PF / #GP as the access would. */
  read(slot: number, offset: number, into: Uint8Array): void;
  /** Writes guest memory; either all bytes or, raising, none. No bytes: raises as the write of one would. */
  write(slot: number, offset: number, from: Uint8Array): void;
}

/** Arguments are small integers (slot numbers or constants) as the helper's docstring says; results go into cells. */
export type HelperFunction = (a: number, b: number, c: number, d: number) => void;
/** A helper is bound to its engine once, so that its views are constants of a closure. */
export type Helper = (context: HelperContext) => HelperFunction;
export type HelperTable = Readonly<Record<string, Helper>>;
