import type { TlbLayout } from '@tally86/core';
import type { Callee } from '../runtime/direct-calls.ts';
import type { FunctionBody } from '../wasm/module.ts';
import type { HelperImports } from './helper.ts';
import type { Numbers } from './writer.ts';

/** Indices of the functions that region modules import. */
export interface RegionImports extends HelperImports {
  /** (link: i64, return address: i64, depth: i32) → i64: runs from there until the return address comes up. */
  readonly invoke: number;
  /** (kind: i32, a, b, c: i64) → i32: the six flags of a record; −1: readFlags knows. */
  readonly flags: number;
  /** () → i32: the six flags of the record in memory. */
  readonly readFlags: number;
}

export interface RegionOptions {
  readonly tlb: TlbLayout;
  readonly numbers: Numbers;
  readonly imports: RegionImports;
  /** Type index of a region's function, (entry, depth: i32) → i64. */
  readonly type: number;
  /** What starts at an address, if it can be called without the dispatcher. */
  callee(address: number): Callee | undefined;
  /** Where the indirect call at an address went so far, as far as it matters. */
  targets(address: number): readonly number[];
  /** What earlier translations taught about the instruction at an address. */
  lesson(address: number): Lesson | undefined;
}

/**
 * What exits taught: `alone`: the accesses are looked up one by one, because together they lie on two pages too often; `exact`, `host`: how
 * floating point is done in the whole region, or by this instruction.
 */
export type Lesson = 'alone' | 'exact' | 'host';

export interface EmittedRegion {
  readonly body: FunctionBody;
  /** Names of the function's locals, parameters first, for people. */
  readonly localNames: readonly (string | undefined)[];
}
