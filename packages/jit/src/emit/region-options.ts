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
  /** What starts at an address, if it can be called, or a way out can go on in it, without the dispatcher. */
  callee(address: number, by: 'call' | 'way'): Callee | undefined;
  /** Where the indirect call at an address went so far, as far as it matters. */
  targets(address: number): readonly number[];
  /** Whether the access of the instruction at an address, and those that would share its lookup, are looked up one by one: together they lay on two pages too often. */
  isAlone(address: number): boolean;
  /** How floating point is done because of the instruction at an address. */
  floats(address: number): FloatWay | undefined;
}

/** `exact`: in a way that proves itself, in the whole region; `host`: that instruction by the host. */
export type FloatWay = 'exact' | 'host';

export interface EmittedRegion {
  readonly body: FunctionBody;
  /** Names of the function's locals, parameters first, for people. */
  readonly localNames: readonly (string | undefined)[];
}
