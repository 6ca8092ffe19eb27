import { DE, type FloatContext, IE, type Rounding } from "../context.ts";
import { FAULT, roundTo, type Range } from "../core/round.ts";
import { unpackF32 } from "../core/unpack.ts";
import { DENORMAL, FINITE, INFINITE, QNAN, SNAN, Unpacked, ZERO } from "../core/unpacked.ts";

// Numbers of 16 bits, as F16C converts them: the modes DAZ and FTZ do not touch the half-precision side (SDM vol. 2, VCVTPH2PS, VCVTPS2PH).

const RANGE_F16: Range = { emin: -14, emax: 15 };
const u = new Unpacked();

/** Bits of the float that a half is. Raises IE for a signalling NaN; denormals are numbers like others. */
export function f16ToF32(half: number, ctx: FloatContext): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  let fraction = half & 0x3ff;
  if (exponent === 31) {
    if (fraction === 0) return (sign | 0x7f800000) >>> 0;
    if ((fraction & 0x200) === 0) ctx.flags |= IE;
    return (sign | 0x7fc00000 | (fraction << 13)) >>> 0;
  }
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  const shift = Math.clz32(fraction) - 21;
  fraction = (fraction << shift) & 0x3ff;
  return (sign | ((113 - shift) << 23) | (fraction << 13)) >>> 0;
}

/** Bits of the half nearest to a float in a rounding mode; −1: an unmasked exception was raised. */
export function f32ToF16(bits: number, rounding: Rounding, ctx: FloatContext): number {
  unpackF32(u, bits);
  const sign = u.sign << 15;
  if (u.kind === SNAN || u.kind === QNAN) {
    if (u.kind === SNAN) ctx.flags |= IE;
    if ((ctx.flags & ~ctx.masks & IE) !== 0 && u.kind === SNAN) return -1;
    return sign | 0x7e00 | ((bits >>> 13) & 0x3ff);
  }
  if (u.kind === INFINITE) return sign | 0x7c00;
  if (u.kind === DENORMAL) {
    if (ctx.daz) return sign;
    ctx.flags |= DE;
    if ((ctx.masks & DE) === 0) return -1;
    u.kind = FINITE;
  }
  if (u.kind === ZERO) return sign;
  const before = ctx.flags;
  const { rounding: usual, ftz } = ctx;
  ctx.flags = 0;
  ctx.rounding = rounding;
  ctx.ftz = false;
  roundTo(u, 11, RANGE_F16, FAULT, ctx);
  ctx.rounding = usual;
  ctx.ftz = ftz;
  const raised = ctx.flags;
  ctx.flags |= before;
  if ((raised & ~ctx.masks) !== 0) return -1;
  if ((u.kind as number) === ZERO) return sign;
  if ((u.kind as number) === INFINITE) return sign | 0x7c00;
  const fraction = (u.hi >>> 21) & 0x3ff;
  return sign | (u.hi >= 0x80000000 ? (u.exp + 15) << 10 : 0) | fraction;
}
