import { type FloatContext, IE, PE, ROUND_DOWN, ROUND_NEAREST, ROUND_UP } from "../context.ts";
import { roundingOf } from "./slots.ts";

/** The integer nearest to a, ties to even; keeps the sign of zero. */
function nearest(a: number): number {
  const floor = Math.floor(a);
  const part = a - floor; // exact
  const r = part < 0.5 ? floor : part > 0.5 ? floor + 1 : floor % 2 === 0 ? floor : floor + 1;
  return r === 0 ? a * 0 : r;
}

function toIntegral(a: number, rounding: number): number {
  switch (rounding) {
    case ROUND_NEAREST:
      return nearest(a);
    case ROUND_DOWN:
      return Math.floor(a);
    case ROUND_UP:
      return Math.ceil(a);
    default:
      return Math.trunc(a);
  }
}

const MIN_NORMAL_F32 = 2 ** -126;
const MIN_NORMAL_F64 = 2 ** -1022;

/** Under DAZ: zero for what is denormal in its format. */
function flushed(a: number, minNormal: number, ctx: FloatContext): number {
  return ctx.daz && a < minNormal && a > -minNormal ? a * 0 : a;
}

/** The rounded integer, or NaN after IE when it is outside [-limit, limit). */
function converted(a: number, limit: number, truncate: boolean, ctx: FloatContext): number {
  const r = truncate ? Math.trunc(a) : toIntegral(a, ctx.rounding);
  if (r >= -limit && r < limit) {
    if (r !== a) ctx.flags |= PE;
    return r;
  }
  ctx.flags |= IE;
  return NaN;
}

function toI32(a: number, truncate: boolean, ctx: FloatContext): number {
  const r = converted(a, 2 ** 31, truncate, ctx);
  return r !== r ? -(2 ** 31) : r | 0;
}

function toI64(v: Uint32Array, d: number, a: number, truncate: boolean, ctx: FloatContext): void {
  const r = converted(a, 2 ** 63, truncate, ctx);
  if (r !== r) {
    v[d] = 0;
    v[d + 1] = 0x80000000;
    return;
  }
  const high = Math.floor(r / 2 ** 32);
  v[d] = r - high * 2 ** 32;
  v[d + 1] = high;
}

/**
 * cvtsd2si and, with `truncate`, cvttsd2si: an int32. NaNs, infinities and what does not fit raise IE and
 * give -2^31. No bits of a NaN matter, so the number is enough in every case.
 */
export function f64ToI32(a: number, truncate: boolean, ctx: FloatContext): number {
  return toI32(flushed(a, MIN_NORMAL_F64, ctx), truncate, ctx);
}

/** cvtss2si and cvttss2si; see `f64ToI32`. */
export function f32ToI32(a: number, truncate: boolean, ctx: FloatContext): number {
  return toI32(flushed(a, MIN_NORMAL_F32, ctx), truncate, ctx);
}

/** The 64-bit forms: the integer goes to v[d] (low) and v[d + 1] (high); -2^63 when invalid. */
export function f64ToI64(v: Uint32Array, d: number, a: number, truncate: boolean, ctx: FloatContext): void {
  toI64(v, d, flushed(a, MIN_NORMAL_F64, ctx), truncate, ctx);
}

/** See `f64ToI64`. */
export function f32ToI64(v: Uint32Array, d: number, a: number, truncate: boolean, ctx: FloatContext): void {
  toI64(v, d, flushed(a, MIN_NORMAL_F32, ctx), truncate, ctx);
}

function rounded(a: number, imm: number, ctx: FloatContext): number {
  const r = toIntegral(a, roundingOf(imm, ctx));
  if (r !== a && (imm & 8) === 0) ctx.flags |= PE;
  return r;
}

/** roundsd with its immediate. NaN: nothing was done, use the slots form. */
export function roundF64(a: number, imm: number, ctx: FloatContext): number {
  return a !== a ? a : rounded(flushed(a, MIN_NORMAL_F64, ctx), imm, ctx);
}

/** roundss with its immediate. NaN: nothing was done, use the slots form. */
export function roundF32(a: number, imm: number, ctx: FloatContext): number {
  return a !== a ? a : rounded(flushed(a, MIN_NORMAL_F32, ctx), imm, ctx);
}

