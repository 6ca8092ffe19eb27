import { BYTE, CELL, VECTOR, VECTOR_SLOT, VECTOR_STRIDE } from '@tally86/core';
import { createFloatContext, setMxcsr, type FloatContext } from '@tally86/softfloat';
import type { HelperContext } from '../context.ts';

/** Index of MXCSR in the 32-bit views of the state. */
export const MX = 2 * CELL.mxcsr;
/** Index of a vector slot's first lane in the 32-bit and 64-bit views. */
export const at32 = (slot: number): number => (BYTE.vector + slot * VECTOR_STRIDE) >> 2;
export const at64 = (slot: number): number => (BYTE.vector + slot * VECTOR_STRIDE) >> 3;

/** Exceptions found before the operation is carried out: IE, DE, ZE. Unmasked, they hide the later ones of all lanes (SDM vol. 1, 11.5.3). */
const BEFORE = 7;

/** Rounding to nearest, precision exception masked and already recorded: results that are normal numbers leave MXCSR as it is. */
export const FAST_MASK = 0x7020;
export const FAST = 0x1020;
/** All masked, to nearest, no DAZ and FTZ: the mode in which programs start. */
export const DEFAULT_MASK = 0xffc0;
export const DEFAULT = 0x1f80;

export const MIN_F64 = 2 ** -1022;
export const MIN_F32 = 2 ** -126;
/** Zero, normal or infinite as a double / a float. */
export function plain64(x: number): boolean {
  return x >= MIN_F64 || x <= -MIN_F64 || x === 0;
}
export function plain32(x: number): boolean {
  return x >= MIN_F32 || x <= -MIN_F32 || x === 0;
}

/** An operation of softfloat on slots of words: v[d] = v[a] op v[b]. */
export type SlotOperation = (v: Uint32Array, d: number, a: number, b: number, ctx: FloatContext) => unknown;

/** Where operands and results stand in the scratch words of a unit, eight for each. */
export const D = 0;
export const A = 8;
export const B = 16;
export const C = 24;

/** One instruction on the exact way: operands copied to scratch, lanes computed there, exceptions raised, results stored. */
export interface FloatUnit {
  /** Has the modes of MXCSR; `flags` are those of the present lane. */
  readonly ctx: FloatContext;
  /** Always in the default mode; `flags` are for the caller. */
  readonly plain: FloatContext;
  /** Words: result at D, operands at A and B (and C, if there is one more). */
  readonly v: Uint32Array;
  /** Takes `words` words of the operands, 4 or 8: behind the fourth come those of the upper halves. */
  begin(a: number, b: number, words?: number): void;
  /** Takes an operand to a place among the words. */
  take(at: number, slot: number, words: number): void;
  /** Ends a lane: collects its flags. */
  lane(): void;
  /** Records the flags of all lanes and raises #XM if one of them is unmasked. */
  check(): void;
  /** check(), then stores `words` words of the result to slot d. */
  finish(d: number, words: number): void;
  /** A whole operation: `count` lanes of `width` words. */
  run(op: SlotOperation, count: number, width: number, d: number, a: number, b: number): void;
}

export function floatUnit(h: HelperContext): FloatUnit {
  const { i32, u32 } = h.cpu;
  const ctx = createFloatContext();
  const v = new Uint32Array(32);
  let collected = 0;

  function begin(a: number, b: number, words = 4): void {
    setMxcsr(ctx, i32[MX]);
    ctx.flags = 0;
    collected = 0;
    take(A, a, words);
    take(B, b, words);
  }
  function take(at: number, slot: number, words: number): void {
    const x = at32(slot);
    const y = at32(slot + VECTOR_SLOT.high) - 4;
    for (let i = 0; i < 4; i++) v[at + i] = u32[x + i];
    for (let i = 4; i < words; i++) v[at + i] = u32[y + i];
  }
  function lane(): void {
    collected |= ctx.flags;
    ctx.flags = 0;
  }
  function check(): void {
    lane();
    const unmasked = collected & ~ctx.masks;
    if ((unmasked & BEFORE) !== 0) collected &= BEFORE;
    i32[MX] |= collected;
    if (unmasked !== 0) h.raise(VECTOR.XM);
  }
  function finish(d: number, words: number): void {
    check();
    const to = at32(d);
    for (let i = 0; i < words && i < 4; i++) u32[to + i] = v[D + i];
    const upper = at32(d + VECTOR_SLOT.high) - 4;
    for (let i = 4; i < words; i++) u32[upper + i] = v[D + i];
  }
  function run(op: SlotOperation, count: number, width: number, d: number, a: number, b: number): void {
    begin(a, b, count * width);
    for (let i = 0; i < count * width; i += width) {
      op(v, D + i, A + i, B + i, ctx);
      lane();
    }
    finish(d, count * width);
  }
  return { ctx, plain: createFloatContext(), v, begin, take, lane, check, finish, run };
}
