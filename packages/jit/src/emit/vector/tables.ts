import { SIMD } from '../../wasm/opcodes.ts';

/** Lane operations that are one WebAssembly instruction on (a, b). */
export const BINARY: Readonly<Record<string, number>> = {
  'v128.and': SIMD.v128_and, 'v128.or': SIMD.v128_or, 'v128.xor': SIMD.v128_xor, 'v128.andnot': SIMD.v128_andnot,
  'i8x16.add': SIMD.i8x16_add, 'i16x8.add': SIMD.i16x8_add, 'i32x4.add': SIMD.i32x4_add, 'i64x2.add': SIMD.i64x2_add,
  'i8x16.sub': SIMD.i8x16_sub, 'i16x8.sub': SIMD.i16x8_sub, 'i32x4.sub': SIMD.i32x4_sub, 'i64x2.sub': SIMD.i64x2_sub,
  'i8x16.add_sat_s': SIMD.i8x16_add_sat_s, 'i8x16.add_sat_u': SIMD.i8x16_add_sat_u, 'i16x8.add_sat_s': SIMD.i16x8_add_sat_s, 'i16x8.add_sat_u': SIMD.i16x8_add_sat_u,
  'i8x16.sub_sat_s': SIMD.i8x16_sub_sat_s, 'i8x16.sub_sat_u': SIMD.i8x16_sub_sat_u, 'i16x8.sub_sat_s': SIMD.i16x8_sub_sat_s, 'i16x8.sub_sat_u': SIMD.i16x8_sub_sat_u,
  'i16x8.mul': SIMD.i16x8_mul, 'i32x4.mul': SIMD.i32x4_mul, 'i32x4.dot_i16x8_s': SIMD.i32x4_dot_i16x8_s,
  'i8x16.avgr_u': SIMD.i8x16_avgr_u, 'i16x8.avgr_u': SIMD.i16x8_avgr_u,
  'i8x16.min_s': SIMD.i8x16_min_s, 'i8x16.min_u': SIMD.i8x16_min_u, 'i16x8.min_s': SIMD.i16x8_min_s, 'i16x8.min_u': SIMD.i16x8_min_u,
  'i32x4.min_s': SIMD.i32x4_min_s, 'i32x4.min_u': SIMD.i32x4_min_u,
  'i8x16.max_s': SIMD.i8x16_max_s, 'i8x16.max_u': SIMD.i8x16_max_u, 'i16x8.max_s': SIMD.i16x8_max_s, 'i16x8.max_u': SIMD.i16x8_max_u,
  'i32x4.max_s': SIMD.i32x4_max_s, 'i32x4.max_u': SIMD.i32x4_max_u,
  'i8x16.eq': SIMD.i8x16_eq, 'i16x8.eq': SIMD.i16x8_eq, 'i32x4.eq': SIMD.i32x4_eq, 'i64x2.eq': SIMD.i64x2_eq,
  'i8x16.gt_s': SIMD.i8x16_gt_s, 'i16x8.gt_s': SIMD.i16x8_gt_s, 'i32x4.gt_s': SIMD.i32x4_gt_s, 'i64x2.gt_s': SIMD.i64x2_gt_s,
  'i8x16.narrow_i16x8_s': SIMD.i8x16_narrow_i16x8_s, 'i8x16.narrow_i16x8_u': SIMD.i8x16_narrow_i16x8_u,
  'i16x8.narrow_i32x4_s': SIMD.i16x8_narrow_i32x4_s, 'i16x8.narrow_i32x4_u': SIMD.i16x8_narrow_i32x4_u,
};

/** Lane operations that are a chain of WebAssembly instructions on a alone. */
export const UNARY: Readonly<Record<string, readonly number[]>> = {
  'i8x16.abs': [SIMD.i8x16_abs], 'i16x8.abs': [SIMD.i16x8_abs], 'i32x4.abs': [SIMD.i32x4_abs],
  'i16x8.extend_i8x16_s': [SIMD.i16x8_extend_low_i8x16_s],
  'i16x8.extend_i8x16_u': [SIMD.i16x8_extend_low_i8x16_u],
  'i32x4.extend_i8x16_s': [SIMD.i16x8_extend_low_i8x16_s, SIMD.i32x4_extend_low_i16x8_s],
  'i32x4.extend_i8x16_u': [SIMD.i16x8_extend_low_i8x16_u, SIMD.i32x4_extend_low_i16x8_u],
  'i64x2.extend_i8x16_s': [SIMD.i16x8_extend_low_i8x16_s, SIMD.i32x4_extend_low_i16x8_s, SIMD.i64x2_extend_low_i32x4_s],
  'i64x2.extend_i8x16_u': [SIMD.i16x8_extend_low_i8x16_u, SIMD.i32x4_extend_low_i16x8_u, SIMD.i64x2_extend_low_i32x4_u],
  'i32x4.extend_i16x8_s': [SIMD.i32x4_extend_low_i16x8_s],
  'i32x4.extend_i16x8_u': [SIMD.i32x4_extend_low_i16x8_u],
  'i64x2.extend_i16x8_s': [SIMD.i32x4_extend_low_i16x8_s, SIMD.i64x2_extend_low_i32x4_s],
  'i64x2.extend_i16x8_u': [SIMD.i32x4_extend_low_i16x8_u, SIMD.i64x2_extend_low_i32x4_u],
  'i64x2.extend_i32x4_s': [SIMD.i64x2_extend_low_i32x4_s],
  'i64x2.extend_i32x4_u': [SIMD.i64x2_extend_low_i32x4_u],
};

/** Shifts of all lanes: by imm, or with `_by` behind the name by the low 64 bits of b. */
export const SHIFTS: Readonly<Record<string, { readonly op: number; readonly width: number; readonly signed: boolean }>> = {
  'i16x8.shl': { op: SIMD.i16x8_shl, width: 16, signed: false },
  'i16x8.shr_u': { op: SIMD.i16x8_shr_u, width: 16, signed: false },
  'i16x8.shr_s': { op: SIMD.i16x8_shr_s, width: 16, signed: true },
  'i32x4.shl': { op: SIMD.i32x4_shl, width: 32, signed: false },
  'i32x4.shr_u': { op: SIMD.i32x4_shr_u, width: 32, signed: false },
  'i32x4.shr_s': { op: SIMD.i32x4_shr_s, width: 32, signed: true },
  'i64x2.shl': { op: SIMD.i64x2_shl, width: 64, signed: false },
  'i64x2.shr_u': { op: SIMD.i64x2_shr_u, width: 64, signed: false },
};

/** 16 byte numbers from lane numbers of `size` bytes: a's lanes, then b's. */
export const lanes = (size: number, numbers: readonly number[]): readonly number[] =>
  numbers.flatMap((n) => Array.from({ length: size }, (_, i) => n * size + i));
const count = (n: number, f: (i: number) => number): readonly number[] => Array.from({ length: n }, (_, i) => f(i));
const fixed = (pattern: readonly number[]) => (): readonly number[] => pattern;
const unpack = (size: number, high: boolean) => fixed(lanes(size, count(16 / size, (i) => (i >> 1) + (high ? 8 / size : 0) + (i & 1 ? 16 / size : 0))));
const blend = (size: number) => (imm: number): readonly number[] => lanes(size, count(16 / size, (i) => i + ((imm >> i) & 1 ? 16 / size : 0)));

/** Lane operations that only move bytes, as the byte numbers of a shuffle of (a, b); −1: zero. Those with zeros use one operand. */
export const SHUFFLES: Readonly<Record<string, (imm: number) => readonly number[]>> = {
  'i32x4.shuffle': (imm) => lanes(4, [imm & 3, (imm >> 2) & 3, 4 + ((imm >> 4) & 3), 4 + ((imm >> 6) & 3)]),
  'i64x2.shuffle': (imm) => lanes(8, [imm & 1, 2 + ((imm >> 1) & 1)]),
  'i16x8.shuffle_low': (imm) => lanes(2, count(8, (i) => (i < 4 ? (imm >> (2 * i)) & 3 : i))),
  'i16x8.shuffle_high': (imm) => lanes(2, count(8, (i) => (i < 4 ? i : 4 + ((imm >> (2 * i - 8)) & 3)))),
  'i16x8.blend': blend(2), 'i32x4.blend': blend(4), 'i64x2.blend': blend(8),
  'i8x16.unpack_low': unpack(1, false), 'i8x16.unpack_high': unpack(1, true), 'i16x8.unpack_low': unpack(2, false), 'i16x8.unpack_high': unpack(2, true),
  'i32x4.unpack_low': unpack(4, false), 'i32x4.unpack_high': unpack(4, true), 'i64x2.unpack_low': unpack(8, false), 'i64x2.unpack_high': unpack(8, true),
  'v128.shl_bytes': (imm) => count(16, (i) => (i < imm ? -1 : i - imm)),
  'v128.shr_bytes': (imm) => count(16, (i) => (i + imm < 16 ? i + imm : -1)),
  // b is below a
  'palignr': (imm) => count(16, (i) => (i + imm < 16 ? 16 + i + imm : i + imm < 32 ? i + imm - 16 : -1)),
};
