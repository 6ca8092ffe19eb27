import { type FloatContext, PE, ROUND_NEAREST } from "../context.ts";
import { FAULT, roundTo } from "../core/round.ts";
import { packF32, packF64 } from "../core/pack.ts";
import { unpackI64 } from "../core/unpack.ts";
import { FINITE, Unpacked } from "../core/unpacked.ts";
import { F32, F64, type Format } from "./format.ts";
import { WordPair } from "../core/pair.ts";
import { convert } from "./slots.ts";

const MIN_NORMAL_F32 = 2 ** -126;
const single = new Float32Array(1);
const singleWord = new Uint32Array(single.buffer);
const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);
const scratch = new Uint32Array(4);
const u = new Unpacked();
const pair = new WordPair();

/** cvtss2sd on slots. False: an unmasked exception. */
export function f32ToF64Slots(v: Uint32Array, d: number, a: number, ctx: FloatContext): boolean {
  return convert(F64, F32, v, d, a, ctx);
}

/** cvtsd2ss on slots. False: an unmasked exception. */
export function f64ToF32Slots(v: Uint32Array, d: number, a: number, ctx: FloatContext): boolean {
  return convert(F32, F64, v, d, a, ctx);
}

/** cvtss2sd of a number. NaN: nothing was done, use the slots form. */
export function f32ToF64(a: number, ctx: FloatContext): number {
  if (a >= MIN_NORMAL_F32 || a <= -MIN_NORMAL_F32 || a === 0 || a !== a) return a;
  single[0] = a;
  scratch[0] = singleWord[0];
  f32ToF64Slots(scratch, 2, 0, ctx);
  doubleWords[0] = scratch[2];
  doubleWords[1] = scratch[3];
  return double[0];
}

/** cvtsd2ss of a number. NaN: nothing was done, use the slots form. */
export function f64ToF32(a: number, ctx: FloatContext): number {
  if (a !== a) return a;
  const r = Math.fround(a);
  if (ctx.rounding === ROUND_NEAREST && ((Math.abs(r) > MIN_NORMAL_F32 && Math.abs(r) < Infinity) || a === 0)) {
    if (r !== a) ctx.flags |= PE;
    return r;
  }
  double[0] = a;
  scratch[0] = doubleWords[0];
  scratch[1] = doubleWords[1];
  scratch[2] = 0;
  f64ToF32Slots(scratch, 2, 0, ctx);
  singleWord[0] = scratch[2];
  return single[0];
}

function fromInteger(f: Format, hi: number, lo: number, ctx: FloatContext): void {
  unpackI64(u, hi, lo);
  if (u.kind === FINITE) roundTo(u, f.precision, f.range, FAULT, ctx);
}

/** cvtsi2sd of a 64-bit integer given as halves (of a 32-bit one it is exact: use the number). Raises PE. */
export function i64ToF64(hi: number, lo: number, ctx: FloatContext): number {
  const high = (hi | 0) * 2 ** 32;
  const low = lo >>> 0;
  const r = high + low;
  // One rounding, to nearest; exact below 2^53.
  if (r < 2 ** 53 && r > -(2 ** 53)) return r;
  fromInteger(F64, hi, lo, ctx);
  packF64(pair, u);
  doubleWords[0] = pair.lo;
  doubleWords[1] = pair.hi;
  return double[0];
}

/** cvtsi2ss of a 64-bit integer given as halves, or of a sign-extended narrower one. Raises PE. */
export function i64ToF32(hi: number, lo: number, ctx: FloatContext): number {
  const value = (hi | 0) * 2 ** 32 + (lo >>> 0);
  const r = Math.fround(value);
  if (r === value && value < 2 ** 53 && value > -(2 ** 53)) return r;
  fromInteger(F32, hi, lo, ctx);
  singleWord[0] = packF32(u);
  return single[0];
}

/** cvtsi2ss of a 32-bit integer. Raises PE. */
export function i32ToF32(value: number, ctx: FloatContext): number {
  return i64ToF32(value >> 31, value, ctx);
}
