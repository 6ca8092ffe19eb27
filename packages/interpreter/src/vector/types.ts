import { BYTE, VECTOR_STRIDE, type CpuState } from '@tally86/core';

/** Runs what follows; its result is handed on unchanged. */
export type Next = () => unknown;

/** A lane operation `d = name(a, b, imm)`: vector slots and a constant. */
export interface LaneOp {
  readonly d: number;
  readonly a: number;
  readonly b: number;
  readonly imm: number;
}

/**
 * Makes the closure of one lane operation on the views of `cpu`. 128-bit operations leave bits 128 to 255 of d as they are.
 * d may be the same slot as a or b.
 */
export type VectorEmitter = (cpu: CpuState, op: LaneOp, next: Next) => Next;
export type VectorTable = Readonly<Record<string, VectorEmitter>>;

/** Index of a slot's first byte, 16-bit lane, 32-bit lane, 64-bit lane. */
export const at8 = (slot: number): number => BYTE.vector + slot * VECTOR_STRIDE;
export const at16 = (slot: number): number => at8(slot) >> 1;
export const at32 = (slot: number): number => at8(slot) >> 2;
export const at64 = (slot: number): number => at8(slot) >> 3;
