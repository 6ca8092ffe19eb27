import { OP, SIMD, TYPE } from '../../wasm/opcodes.ts';
import type { RegionWriter } from '../writer.ts';
import { lanes } from './tables.ts';

/** The operands of a lane operation `d = name(a, b, imm)`; an emitter pushes the result. */
export interface LaneOperands {
  readonly a: number;
  readonly b: number;
  readonly imm: number;
}
type Emit = (w: RegionWriter, op: LaneOperands) => void;

/** Pushes (a, b) `op`. */
const both = (w: RegionWriter, { a, b }: LaneOperands, op: number): void => {
  w.getV(a);
  w.getV(b);
  w.code.simd(op);
};

/** The even and the odd lanes of (a, b), joined by `op`. */
const neighbours = (size: 2 | 4, op: number): Emit => (w, { a, b }) => {
  const numbers = Array.from({ length: 16 / size }, (_, i) => 2 * i);
  for (const odd of [0, 1]) {
    w.getV(a);
    w.getV(b);
    w.code.shuffle(lanes(size, numbers.map((n) => n + odd)));
  }
  w.code.simd(op);
};

/** High halves of 16-bit products. */
const mulhi = (low: number, high: number): Emit => (w, op) => {
  both(w, op, low);
  both(w, op, high);
  w.code.shuffle(lanes(2, [1, 3, 5, 7, 9, 11, 13, 15]));
};

/** Full products of the even 32-bit lanes. */
const mulEven = (op: number): Emit => (w, { a, b }) => {
  for (const slot of [a, b]) {
    w.getV(slot);
    w.getV(slot);
    w.code.shuffle(lanes(4, [0, 2, 0, 2]));
  }
  w.code.simd(op);
};

/** a, its negation or 0 as b is positive, negative or 0: (a ^ s) − s with s = b < 0. */
const sign = (ops: { readonly lt: number; readonly sub: number; readonly eq: number }): Emit => (w, { a, b }) => {
  const { code } = w;
  const s = w.scratch(TYPE.v128);
  w.getV(a);
  w.getV(b);
  code.v128(0, 0, 0, 0).simd(ops.lt).tee(s).simd(SIMD.v128_xor).get(s).simd(ops.sub);
  w.getV(b);
  code.v128(0, 0, 0, 0).simd(ops.eq).simd(SIMD.v128_andnot);
};

/** Products of fractions; WebAssembly saturates −1 × −1, x86 does not. */
const q15mulr: Emit = (w, op) => {
  const { code } = w;
  both(w, op, SIMD.i16x8_q15mulr_sat_s);
  for (const slot of [op.a, op.b]) {
    w.getV(slot);
    code.v128(0x80008000, 0x80008000, 0x80008000, 0x80008000).simd(SIMD.i16x8_eq);
  }
  code.simd(SIMD.v128_and).simd(SIMD.v128_xor);
};

/** Saturated sums of products of unsigned bytes of a and signed bytes of b; each product fits 16 bits. */
const pmaddubsw: Emit = (w, { a, b }) => {
  const { code } = w;
  w.getV(a);
  code.v128(0x00ff00ff, 0x00ff00ff, 0x00ff00ff, 0x00ff00ff).simd(SIMD.v128_and);
  w.getV(b);
  code.i32(8).simd(SIMD.i16x8_shl).i32(8).simd(SIMD.i16x8_shr_s).simd(SIMD.i16x8_mul);
  w.getV(a);
  code.i32(8).simd(SIMD.i16x8_shr_u);
  w.getV(b);
  code.i32(8).simd(SIMD.i16x8_shr_s).simd(SIMD.i16x8_mul).simd(SIMD.i16x8_add_sat_s);
};

/** Sums of absolute differences of 8 bytes. */
const psadbw: Emit = (w, op) => {
  const { code } = w;
  const t = w.scratch(TYPE.v128);
  both(w, op, SIMD.i8x16_max_u);
  both(w, op, SIMD.i8x16_min_u);
  code.simd(SIMD.i8x16_sub).simd(SIMD.i16x8_extadd_pairwise_i8x16_u).simd(SIMD.i32x4_extadd_pairwise_i16x8_u).tee(t);
  code.get(t).i32(32).simd(SIMD.i64x2_shr_u).simd(SIMD.i64x2_add).v128(-1, 0, -1, 0).simd(SIMD.v128_and);
};

/** Lanes of b where the mask's sign bit is set, else of a; imm is the slot of the mask. `spread` makes whole lanes of the sign bits. */
const blendv = (spread: (w: RegionWriter) => void): Emit => (w, { a, b, imm }) => {
  w.getV(b);
  w.getV(a);
  w.getV(imm);
  spread(w);
  w.code.simd(SIMD.v128_bitselect);
};

const ptest: Emit = (w, op) => {
  const { code } = w;
  both(w, op, SIMD.v128_and);
  code.simd(SIMD.v128_any_true).op(OP.i32_eqz).i32(6).op(OP.i32_shl);
  both(w, { a: op.b, b: op.a, imm: 0 }, SIMD.v128_andnot);
  code.simd(SIMD.v128_any_true).op(OP.i32_eqz).op(OP.i32_or);
};

/** Lanes of a by the lanes of b, as byte numbers of a swizzle: the low bits of a number, spread over the bytes of its lane. */
const permute = (shift: readonly [left: number, right: number], size: 4 | 8, op: { readonly shl: number; readonly shrU: number }): Emit => (w, { a, b }) => {
  const { code } = w;
  w.getV(a);
  w.getV(b);
  code.i32(shift[0]).simd(op.shl).i32(shift[1]).simd(op.shrU);
  // of 64 bits the bit above the lowest counts alone
  if (size === 8) code.v128(8, 0, 8, 0).simd(SIMD.v128_and);
  // each byte of a lane gets the lowest one of it
  code.v128(0, 0, 0, 0).shuffle(Array.from({ length: 16 }, (_, i) => i - (i % size)));
  if (size === 4) code.v128(0x03020100, 0x03020100, 0x03020100, 0x03020100);
  else code.v128(0x03020100, 0x07060504, 0x03020100, 0x07060504);
  code.simd(SIMD.i8x16_add).simd(SIMD.i8x16_swizzle);
};

/** Each lane by the count in its lane of b; WebAssembly shifts all by one count. */
const shiftEach = (size: 4 | 8, shift: number, signed = false): Emit => (w, { a, b }) => {
  const { code } = w;
  const n = 16 / size;
  const [x, y] = [w.scratch(TYPE.v128, 1), w.scratch(TYPE.v128, 2)];
  w.getV(a);
  code.set(x);
  w.getV(b);
  if (signed) code.v128(31, 31, 31, 31).simd(SIMD.i32x4_min_u);
  code.set(y).v128(0, 0, 0, 0);
  for (let i = 0; i < n; i++) {
    if (size === 4) code.get(x).simdLane(SIMD.i32x4_extract_lane, i).get(y).simdLane(SIMD.i32x4_extract_lane, i).op(shift).simdLane(SIMD.i32x4_replace_lane, i);
    else code.get(x).simdLane(SIMD.i64x2_extract_lane, i).get(y).simdLane(SIMD.i64x2_extract_lane, i).op(shift).simdLane(SIMD.i64x2_replace_lane, i);
  }
  if (signed) return;
  // counts of the width and more: zero
  if (size === 4) code.get(y).v128(31, 31, 31, 31).simd(SIMD.i32x4_min_u).get(y).simd(SIMD.i32x4_eq);
  else code.get(y).i32(6).simd(SIMD.i64x2_shr_u).v128(0, 0, 0, 0).simd(SIMD.i64x2_eq);
  code.simd(SIMD.v128_and);
};

export const SPECIAL: Readonly<Record<string, Emit>> = {
  'v128.low64': (w, { a }) => {
    w.getV(a);
    w.code.v128(-1, -1, 0, 0).simd(SIMD.v128_and);
  },
  'pshufb': (w, { a, b }) => {
    w.getV(a);
    w.getV(b);
    w.code.v128(0x8f8f8f8f, 0x8f8f8f8f, 0x8f8f8f8f, 0x8f8f8f8f).simd(SIMD.v128_and).simd(SIMD.i8x16_swizzle);
  },
  pmaddubsw, psadbw,
  'i16x8.q15mulr': q15mulr,
  'i16x8.mulhi_s': mulhi(SIMD.i32x4_extmul_low_i16x8_s, SIMD.i32x4_extmul_high_i16x8_s),
  'i16x8.mulhi_u': mulhi(SIMD.i32x4_extmul_low_i16x8_u, SIMD.i32x4_extmul_high_i16x8_u),
  'i64x2.mul_even_u': mulEven(SIMD.i64x2_extmul_low_i32x4_u),
  'i64x2.mul_even_s': mulEven(SIMD.i64x2_extmul_low_i32x4_s),
  'i16x8.hadd': neighbours(2, SIMD.i16x8_add), 'i16x8.hsub': neighbours(2, SIMD.i16x8_sub),
  'i16x8.hadd_sat_s': neighbours(2, SIMD.i16x8_add_sat_s), 'i16x8.hsub_sat_s': neighbours(2, SIMD.i16x8_sub_sat_s),
  'i32x4.hadd': neighbours(4, SIMD.i32x4_add), 'i32x4.hsub': neighbours(4, SIMD.i32x4_sub),
  'i32x4.permute': permute([30, 28], 4, { shl: SIMD.i32x4_shl, shrU: SIMD.i32x4_shr_u }),
  'i64x2.permute': permute([62, 60], 8, { shl: SIMD.i64x2_shl, shrU: SIMD.i64x2_shr_u }),
  'i32x4.shl_each': shiftEach(4, OP.i32_shl), 'i32x4.shr_u_each': shiftEach(4, OP.i32_shr_u), 'i32x4.shr_s_each': shiftEach(4, OP.i32_shr_s, true),
  'i64x2.shl_each': shiftEach(8, OP.i64_shl), 'i64x2.shr_u_each': shiftEach(8, OP.i64_shr_u),
  'i8x16.sign': sign({ lt: SIMD.i8x16_lt_s, sub: SIMD.i8x16_sub, eq: SIMD.i8x16_eq }),
  'i16x8.sign': sign({ lt: SIMD.i16x8_lt_s, sub: SIMD.i16x8_sub, eq: SIMD.i16x8_eq }),
  'i32x4.sign': sign({ lt: SIMD.i32x4_lt_s, sub: SIMD.i32x4_sub, eq: SIMD.i32x4_eq }),
  'i8x16.blendv': blendv((w) => w.code.v128(0, 0, 0, 0).simd(SIMD.i8x16_lt_s)),
  'i32x4.blendv': blendv((w) => w.code.i32(31).simd(SIMD.i32x4_shr_s)),
  'i64x2.blendv': blendv((w) => {
    const t = w.scratch(TYPE.v128);
    w.code.i32(31).simd(SIMD.i32x4_shr_s).tee(t).get(t).shuffle(lanes(4, [1, 1, 3, 3]));
  }),
};

const bitmask = (op: number): Emit => (w, { a }) => {
  w.getV(a);
  w.code.simd(op);
};

/** Operations whose result is 32 bits wide, zero above: these push an i32. */
export const NARROW: Readonly<Record<string, Emit>> = {
  ptest, 'i8x16.bitmask': bitmask(SIMD.i8x16_bitmask), 'i32x4.bitmask': bitmask(SIMD.i32x4_bitmask), 'i64x2.bitmask': bitmask(SIMD.i64x2_bitmask),
};
