import { DE, type FloatContext, IE } from "../context.ts";
import { RANGE_F80, roundTo, WRAP } from "../core/round.ts";
import { DENORMAL, FINITE, QNAN, SNAN, UNSUPPORTED, type Unpacked } from "../core/unpacked.ts";
import { compare64 } from "../core/words.ts";
import { type F80, packF80, setIndefinite } from "./f80.ts";

/** Raises pre-computation exceptions (IE, DE, ZE). False: one of them is unmasked, so nothing is computed. */
export function raise(ctx: FloatContext, raised: number): boolean {
  ctx.flags |= raised;
  return (raised & ~ctx.masks) === 0;
}

/** DE if an operand is denormal, for operations whose operands are numbers. */
export function denormalFlag(a: Unpacked, b: Unpacked): number {
  return a.kind === DENORMAL || b.kind === DENORMAL ? DE : 0;
}

/** Delivers the quieted NaN `u`. */
export function setNaN(out: F80, u: Unpacked): void {
  out.set((u.sign << 15) | 0x7fff, (u.hi | 0xc0000000) >>> 0, u.lo);
}

/** The one-operand case of `propagateNaN`. */
export function propagateNaN1(out: F80, a: Unpacked, ctx: FloatContext): boolean {
  if (a.kind !== QNAN && !raise(ctx, IE)) return false;
  if (a.kind === UNSUPPORTED) setIndefinite(out);
  else setNaN(out, a);
  return true;
}

/**
 * The result of an operation of which at least one operand is a NaN or unsupported
 * (SDM vol. 1, table 4-7, x87 column): of a signalling and a quiet NaN the quiet one, else the one with
 * the larger significand, else the positive one. Returns false when IE is raised and unmasked.
 */
export function propagateNaN(out: F80, a: Unpacked, b: Unpacked, ctx: FloatContext): boolean {
  const invalid = a.kind > QNAN || b.kind > QNAN;
  if (invalid && !raise(ctx, IE)) return false;
  if (a.kind === UNSUPPORTED || b.kind === UNSUPPORTED) {
    setIndefinite(out);
  } else if (b.kind < QNAN) {
    setNaN(out, a);
  } else if (a.kind < QNAN) {
    setNaN(out, b);
  } else if (a.kind !== b.kind) {
    setNaN(out, a.kind === SNAN ? b : a);
  } else {
    const order = compare64(a.hi, a.lo, b.hi, b.lo);
    setNaN(out, order > 0 || (order === 0 && a.sign === 0) ? a : b);
  }
  return true;
}

/** Rounds a computed result to `precision` and delivers it. Always returns true. */
export function deliver(out: F80, r: Unpacked, precision: number, ctx: FloatContext): boolean {
  if (r.kind === FINITE) roundTo(r, precision, RANGE_F80, WRAP, ctx);
  packF80(out, r);
  return true;
}
