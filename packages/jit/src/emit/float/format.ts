import type { Code } from '../../wasm/code.ts';
import { OP, SIMD, TYPE } from '../../wasm/opcodes.ts';

/** Instructions on doubles or floats, and on integers of the same width. */
export interface Format {
  readonly wide: boolean;
  readonly type: typeof TYPE.f64 | typeof TYPE.f32;
  readonly bits: typeof TYPE.i64 | typeof TYPE.i32;
  /** Bits of VectorFacts: the low lane, all lanes, and what a write of the low lane leaves. */
  readonly lane: number;
  readonly all: number;
  readonly others: number;
  readonly fraction: number;
  /** The exponent of infinities and NaNs. */
  readonly top: number;
  readonly integer: (code: Code, value: number) => Code;
  readonly float: (code: Code, value: number) => Code;
  readonly extract: number; readonly replace: number; readonly reinterpret: number;
  readonly add: number; readonly sub: number; readonly mul: number; readonly div: number; readonly sqrt: number; readonly abs: number;
  readonly ceil: number; readonly floor: number; readonly trunc: number; readonly nearest: number;
  readonly lt: number; readonly gt: number; readonly le: number; readonly ge: number; readonly eq: number; readonly ne: number;
  readonly i: {
    readonly shl: number; readonly shrU: number; readonly sub: number; readonly or: number; readonly add: number; readonly ctz: number;
    readonly ltU: number; readonly geU: number; readonly gtU: number; readonly ltS: number; readonly eqz: number; readonly ne: number;
  };
  readonly v: {
    readonly add: number; readonly sub: number; readonly mul: number; readonly div: number; readonly sqrt: number;
    readonly ceil: number; readonly floor: number; readonly trunc: number; readonly nearest: number;
    readonly lt: number; readonly gt: number; readonly le: number; readonly ge: number; readonly eq: number; readonly ne: number;
    readonly shl: number; readonly shrU: number; readonly iadd: number; readonly isub: number; readonly bitmask: number; readonly allTrue: number; readonly splat: number; readonly igtS: number;
  };
}

const words = new Uint8Array(8);
const view = new DataView(words.buffer);

export const F64: Format = {
  wide: true, type: TYPE.f64, bits: TYPE.i64, lane: 1, all: 3, others: 0xc2, fraction: 52, top: 0x7ff,
  integer: (code, value) => code.i64n(value),
  float: (code, value) => {
    view.setFloat64(0, value, true);
    return code.op(OP.f64_const).append(words);
  },
  extract: SIMD.f64x2_extract_lane, replace: SIMD.f64x2_replace_lane, reinterpret: OP.i64_reinterpret_f64,
  add: OP.f64_add, sub: OP.f64_sub, mul: OP.f64_mul, div: OP.f64_div, sqrt: OP.f64_sqrt, abs: OP.f64_abs,
  ceil: OP.f64_ceil, floor: OP.f64_floor, trunc: OP.f64_trunc, nearest: OP.f64_nearest,
  lt: OP.f64_lt, gt: OP.f64_gt, le: OP.f64_le, ge: OP.f64_ge, eq: OP.f64_eq, ne: OP.f64_ne,
  i: {
    shl: OP.i64_shl, shrU: OP.i64_shr_u, sub: OP.i64_sub, or: OP.i64_or, add: OP.i64_add, ctz: OP.i64_ctz,
    ltU: OP.i64_lt_u, geU: OP.i64_ge_u, gtU: OP.i64_gt_u, ltS: OP.i64_lt_s, eqz: OP.i64_eqz, ne: OP.i64_ne,
  },
  v: {
    add: SIMD.f64x2_add, sub: SIMD.f64x2_sub, mul: SIMD.f64x2_mul, div: SIMD.f64x2_div, sqrt: SIMD.f64x2_sqrt,
    ceil: SIMD.f64x2_ceil, floor: SIMD.f64x2_floor, trunc: SIMD.f64x2_trunc, nearest: SIMD.f64x2_nearest,
    lt: SIMD.f64x2_lt, gt: SIMD.f64x2_gt, le: SIMD.f64x2_le, ge: SIMD.f64x2_ge, eq: SIMD.f64x2_eq, ne: SIMD.f64x2_ne,
    shl: SIMD.i64x2_shl, shrU: SIMD.i64x2_shr_u, iadd: SIMD.i64x2_add, isub: SIMD.i64x2_sub, bitmask: SIMD.i64x2_bitmask, allTrue: SIMD.i64x2_all_true, splat: SIMD.i64x2_splat, igtS: SIMD.i64x2_gt_s,
  },
};

export const F32: Format = {
  wide: false, type: TYPE.f32, bits: TYPE.i32, lane: 0x10, all: 0xf0, others: 0xe2, fraction: 23, top: 0xff,
  integer: (code, value) => code.i32(value),
  float: (code, value) => {
    view.setFloat32(0, value, true);
    return code.op(OP.f32_const).append(words.subarray(0, 4));
  },
  extract: SIMD.f32x4_extract_lane, replace: SIMD.f32x4_replace_lane, reinterpret: OP.i32_reinterpret_f32,
  add: OP.f32_add, sub: OP.f32_sub, mul: OP.f32_mul, div: OP.f32_div, sqrt: OP.f32_sqrt, abs: OP.f32_abs,
  ceil: OP.f32_ceil, floor: OP.f32_floor, trunc: OP.f32_trunc, nearest: OP.f32_nearest,
  lt: OP.f32_lt, gt: OP.f32_gt, le: OP.f32_le, ge: OP.f32_ge, eq: OP.f32_eq, ne: OP.f32_ne,
  i: {
    shl: OP.i32_shl, shrU: OP.i32_shr_u, sub: OP.i32_sub, or: OP.i32_or, add: OP.i32_add, ctz: OP.i32_ctz,
    ltU: OP.i32_lt_u, geU: OP.i32_ge_u, gtU: OP.i32_gt_u, ltS: OP.i32_lt_s, eqz: OP.i32_eqz, ne: OP.i32_ne,
  },
  v: {
    add: SIMD.f32x4_add, sub: SIMD.f32x4_sub, mul: SIMD.f32x4_mul, div: SIMD.f32x4_div, sqrt: SIMD.f32x4_sqrt,
    ceil: SIMD.f32x4_ceil, floor: SIMD.f32x4_floor, trunc: SIMD.f32x4_trunc, nearest: SIMD.f32x4_nearest,
    lt: SIMD.f32x4_lt, gt: SIMD.f32x4_gt, le: SIMD.f32x4_le, ge: SIMD.f32x4_ge, eq: SIMD.f32x4_eq, ne: SIMD.f32x4_ne,
    shl: SIMD.i32x4_shl, shrU: SIMD.i32x4_shr_u, iadd: SIMD.i32x4_add, isub: SIMD.i32x4_sub, bitmask: SIMD.i32x4_bitmask, allTrue: SIMD.i32x4_all_true, splat: SIMD.i32x4_splat, igtS: SIMD.i32x4_gt_s,
  },
};
