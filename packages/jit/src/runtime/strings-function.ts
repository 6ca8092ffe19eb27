import { FLAG } from '@tally86/core';
import { Code } from '../wasm/code.ts';
import type { FunctionType } from '../wasm/module.ts';
import { OP, SIMD, TYPE, type ValueType } from '../wasm/opcodes.ts';

/** (a, b: v128, imm: i32) → i32: pcmpistri of bytes (SDM vol. 2, 4.1): the index in the low byte, 8 bits above it the flags at their RFLAGS places. */
export const STRINGS_TYPE: FunctionType = { params: [TYPE.v128, TYPE.v128, TYPE.i32], results: [TYPE.i32] };
export const STRINGS_LOCALS: readonly ValueType[] = [TYPE.i32, TYPE.i32, TYPE.i32, TYPE.i32, TYPE.v128, TYPE.v128, TYPE.v128];
const A = 0;
const B = 1;
const IMM = 2;
const LENGTH_A = 3;
const LENGTH_B = 4;
const I = 5;
const RESULT = 6;
/** Lanes that the operation found. */
const FOUND = 7;
/** Makes signed comparisons of unsigned elements. */
const BIAS = 8;
const LANE = 9;

export function stringsBody(): Uint8Array {
  const c = new Code();
  /** Pushes the lanes in front of a length. */
  const inside = (lane: () => void, size: number): void => {
    lane();
    c.get(size).simd(SIMD.i8x16_splat).simd(SIMD.i8x16_lt_u);
  };
  const iota = (): void => void c.v128(0x0302_0100, 0x0706_0504, 0x0b0a_0908, 0x0f0e_0d0c);
  /** Pushes element I + k of a, in all lanes. */
  const element = (k: number): void => void c.get(A).get(I).i32(k).op(OP.i32_add).simd(SIMD.i8x16_splat).simd(SIMD.i8x16_swizzle);
  /** For I from 0 in steps, while there are so many elements of a. */
  const elements = (step: number, body: () => void): void => {
    c.i32(0).set(I).block().loop();
    c.get(I).i32(step).op(OP.i32_add).get(LENGTH_A).op(OP.i32_gt_s).brIf(1);
    body();
    c.get(I).i32(step).op(OP.i32_add).set(I).br(0).end().end();
  };
  const operations: readonly (() => void)[] = [
    function equalAny() {
      elements(1, () => {
        element(0);
        c.get(B).simd(SIMD.i8x16_eq).get(FOUND).simd(SIMD.v128_or).set(FOUND);
      });
      inside(iota, LENGTH_B);
      c.get(FOUND).simd(SIMD.v128_and).set(FOUND);
    },
    function ranges() {
      c.i32(0x80).i32(0).get(IMM).i32(2).op(OP.i32_and).op(OP.i32_eqz).op(OP.select).simd(SIMD.i8x16_splat).set(BIAS);
      c.get(B).get(BIAS).simd(SIMD.v128_xor).set(LANE);
      elements(2, () => {
        c.get(LANE);
        element(0);
        c.get(BIAS).simd(SIMD.v128_xor).simd(SIMD.i8x16_ge_s).get(LANE);
        element(1);
        c.get(BIAS).simd(SIMD.v128_xor).simd(SIMD.i8x16_le_s).simd(SIMD.v128_and).get(FOUND).simd(SIMD.v128_or).set(FOUND);
      });
      inside(iota, LENGTH_B);
      c.get(FOUND).simd(SIMD.v128_and).set(FOUND);
    },
    function equalEach() {
      inside(iota, LENGTH_A);
      inside(iota, LENGTH_B);
      c.simd(SIMD.v128_and).get(A).get(B).simd(SIMD.i8x16_eq).simd(SIMD.v128_and);
      // where both have ended they are equal
      inside(iota, LENGTH_A);
      inside(iota, LENGTH_B);
      c.simd(SIMD.v128_or).simd(SIMD.v128_not).simd(SIMD.v128_or).set(FOUND);
    },
    function equalOrdered() {
      c.v128(-1, -1, -1, -1).set(FOUND);
      elements(1, () => {
        iota();
        c.get(I).simd(SIMD.i8x16_splat).simd(SIMD.i8x16_add).set(LANE);
        element(0);
        c.get(B).get(LANE).simd(SIMD.i8x16_swizzle).simd(SIMD.i8x16_eq);
        inside(() => void c.get(LANE), LENGTH_B);
        // what lies behind the last byte is not compared
        c.simd(SIMD.v128_and).get(LANE).i32(16).simd(SIMD.i8x16_splat).simd(SIMD.i8x16_ge_u).simd(SIMD.v128_or);
        c.get(FOUND).simd(SIMD.v128_and).set(FOUND);
      });
    },
  ];
  for (const [v, to] of [[A, LENGTH_A], [B, LENGTH_B]] as const) {
    c.get(v).v128(0, 0, 0, 0).simd(SIMD.i8x16_eq).simd(SIMD.i8x16_bitmask).i32(0x10000).op(OP.i32_or).op(OP.i32_ctz).set(to);
  }
  for (let i = 0; i <= operations.length; i++) c.block();
  c.get(IMM).i32(2).op(OP.i32_shr_u).i32(3).op(OP.i32_and).brTable([0, 1, 2, 3], 3);
  operations.forEach((operation, i) => {
    c.end();
    operation();
    c.br(operations.length - 1 - i);
  });
  c.end();
  c.get(FOUND).simd(SIMD.i8x16_bitmask).set(RESULT);
  // polarity: all bits, or those of elements of b, are inverted
  c.get(IMM).i32(0x10).op(OP.i32_and).if();
  c.i32(1).get(LENGTH_B).op(OP.i32_shl).i32(1).op(OP.i32_sub).i32(0xffff).get(IMM).i32(0x20).op(OP.i32_and).op(OP.select).get(RESULT).op(OP.i32_xor).set(RESULT).end();
  // the index: of the last or the first bit, 16 without one
  c.i32(31).get(RESULT).op(OP.i32_clz).op(OP.i32_sub).get(RESULT).op(OP.i32_ctz).get(IMM).i32(0x40).op(OP.i32_and).op(OP.select);
  c.i32(16).get(RESULT).op(OP.select);
  const flag = (condition: () => void, bit: number): void => {
    condition();
    c.i32(Math.log2(bit) + 8).op(OP.i32_shl).op(OP.i32_or);
  };
  flag(() => void c.get(RESULT).i32(0).op(OP.i32_ne), FLAG.CF);
  flag(() => void c.get(LENGTH_B).i32(16).op(OP.i32_lt_u), FLAG.ZF);
  flag(() => void c.get(LENGTH_A).i32(16).op(OP.i32_lt_u), FLAG.SF);
  flag(() => void c.get(RESULT).i32(1).op(OP.i32_and), FLAG.OF);
  return c.end().finished();
}
