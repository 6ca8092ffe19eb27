import { type FloatContext, OE, PE, ROUND_DOWN, ROUND_NEAREST, ROUND_UP, UE } from "../context.ts";
import { copyUnpacked, FINITE, INFINITE, shiftRightJam, Unpacked, ZERO } from "./unpacked.ts";

/** A destination: exponents of the smallest and largest normal numbers. */
export interface Range {
  readonly emin: number;
  readonly emax: number;
}
export const RANGE_F32: Range = { emin: -126, emax: 127 };
export const RANGE_F64: Range = { emin: -1022, emax: 1023 };
export const RANGE_F80: Range = { emin: -16382, emax: 16383 };

/**
 * What an unmasked overflow or underflow does to the result.
 * - WRAP: x87 registers get it with the exponent wrapped by 24576 (SDM vol. 1, 8.5.4 and 8.5.5).
 * - HOLD: x87 stores write nothing and do not look whether it is inexact.
 * - FAULT: SSE writes nothing but reports PE too.
 */
export const WRAP = 24576;
export const HOLD = 0;
export const FAULT = -1;

/** What rounding a significand did. */
const EXACT = 0;
const INEXACT = 1;

const unbounded = new Unpacked();
let grew = false;

/**
 * Rounds u's significand to `precision` bits, leaving ext = 0; exponents are unbounded here.
 * Answers EXACT or INEXACT; `grew` tells whether the magnitude grew.
 */
function roundSignificand(u: Unpacked, precision: number, rounding: number): number {
  grew = false;
  let tail: number; // the cut-off part, its highest bit worth one half, the rest jammed
  let unit: number; // the weight of the last kept bit within its word
  if (precision === 64) {
    tail = u.ext;
    if (tail === 0) return EXACT;
    unit = 1;
  } else if (precision === 53) {
    const cut = u.lo & 0x7ff;
    if ((cut | u.ext) === 0) return EXACT;
    tail = ((cut << 21) | (u.ext !== 0 ? 1 : 0)) >>> 0;
    u.lo = (u.lo & ~0x7ff) >>> 0;
    unit = 0x800;
  } else {
    // 24 bits, or 11
    const places = 32 - precision;
    unit = 2 ** places;
    const cut = u.hi & (unit - 1);
    if ((cut | u.lo | u.ext) === 0) return EXACT;
    tail = ((cut << precision) | ((u.lo | u.ext) !== 0 ? 1 : 0)) >>> 0;
    u.hi = (u.hi & -unit) >>> 0;
    u.lo = 0;
  }
  u.ext = 0;
  let up: boolean;
  if (rounding === ROUND_NEAREST) {
    const odd = ((precision <= 24 ? u.hi : u.lo) & unit) !== 0;
    up = tail > 0x80000000 || (tail === 0x80000000 && odd);
  } else {
    up = rounding === (u.sign !== 0 ? ROUND_DOWN : ROUND_UP);
  }
  if (up) {
    grew = true;
    if (precision <= 24) {
      u.hi += unit;
    } else {
      u.lo += unit;
      if (u.lo > 0xffffffff) {
        u.lo = 0;
        u.hi++;
      }
    }
    if (u.hi > 0xffffffff) {
      u.hi = 0x80000000;
      u.exp++;
    }
  }
  return INEXACT;
}

/**
 * Rounds a finite, normalised u into the format (precision, range) under ctx's rounding mode and raises
 * OE, UE and PE in ctx.flags as x86 does: tininess is detected after rounding.
 *
 * Afterwards u.kind is FINITE, ZERO or INFINITE. A denormal result has exp = emin and bit 63 clear.
 * `unmasked` is WRAP, HOLD or FAULT. Returns false when nothing may be delivered.
 */
export function roundTo(u: Unpacked, precision: number, range: Range, unmasked: number, ctx: FloatContext): boolean {
  if (u.exp < range.emin) return roundTiny(u, precision, range, unmasked, ctx);
  const inexact = roundSignificand(u, precision, ctx.rounding);
  ctx.roundedUp = grew;
  if (inexact !== EXACT && u.exp <= range.emax) ctx.flags |= PE;
  return u.exp <= range.emax || overflow(u, precision, range, unmasked, inexact, ctx);
}

function roundTiny(u: Unpacked, precision: number, range: Range, unmasked: number, ctx: FloatContext): boolean {
  copyUnpacked(unbounded, u);
  const inexactUnbounded = roundSignificand(unbounded, precision, ctx.rounding);
  const tiny = unbounded.exp < range.emin;
  if (tiny && (ctx.masks & UE) === 0) {
    ctx.flags |= UE;
    if (unmasked !== WRAP) {
      ctx.roundedUp = false;
      if (unmasked === FAULT && inexactUnbounded !== EXACT) ctx.flags |= PE;
      return false;
    }
    if (unbounded.exp + WRAP < range.emin) {
      // Too small even for the wrapped exponent (fscale): zero.
      ctx.flags |= PE;
      ctx.roundedUp = false;
      u.kind = ZERO;
      return true;
    }
    ctx.roundedUp = grew;
    copyUnpacked(u, unbounded);
    u.exp += WRAP;
    if (inexactUnbounded !== EXACT) ctx.flags |= PE;
    return true;
  }
  if (tiny && ctx.ftz) {
    ctx.flags |= UE | PE;
    u.kind = ZERO;
    return true;
  }
  shiftRightJam(u, range.emin - u.exp);
  u.exp = range.emin;
  const inexact = roundSignificand(u, precision, ctx.rounding);
  ctx.roundedUp = grew;
  if (inexact !== EXACT) ctx.flags |= tiny ? UE | PE : PE;
  if ((u.hi | u.lo) === 0) u.kind = ZERO;
  return true;
}

function overflow(u: Unpacked, precision: number, range: Range, unmasked: number, inexact: number, ctx: FloatContext): boolean {
  ctx.flags |= OE;
  if ((ctx.masks & OE) === 0) {
    if (unmasked !== WRAP) {
      ctx.roundedUp = false;
      if (unmasked === FAULT && inexact !== EXACT) ctx.flags |= PE;
      return false;
    }
    if (u.exp - WRAP <= range.emax) {
      u.exp -= WRAP;
      if (inexact !== EXACT) ctx.flags |= PE;
      return true;
    }
  }
  ctx.flags |= PE;
  // Unmasked here means too large even for the wrapped exponent (fscale): infinity in every mode.
  if ((ctx.masks & OE) === 0 || ctx.rounding === ROUND_NEAREST || ctx.rounding === (u.sign !== 0 ? ROUND_DOWN : ROUND_UP)) {
    u.kind = INFINITE;
    ctx.roundedUp = true;
  } else {
    u.kind = FINITE;
    u.exp = range.emax;
    u.hi = precision <= 24 ? (-1 << (32 - precision)) >>> 0 : 0xffffffff;
    u.lo = precision === 64 ? 0xffffffff : precision === 53 ? 0xfffff800 : 0;
    ctx.roundedUp = false;
  }
  return true;
}
