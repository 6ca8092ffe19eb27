import { DE, type FloatContext, IE, PE, ROUND_ZERO } from "../context.ts";
import { integral, roundIntegral, toSigned } from "../core/integral.ts";
import type { WordPair } from "../core/pair.ts";
import { unpackI64 } from "../core/unpack.ts";
import { DENORMAL, QNAN, Unpacked } from "../core/unpacked.ts";
import { propagateNaN1, raise } from "./common.ts";
import { type F80, packF80, unpackF80 } from "./f80.ts";

const u = new Unpacked();

/** frndint. False when an unmasked IE or DE suppressed it. */
export function roundF80(out: F80, a: F80, ctx: FloatContext): boolean {
  ctx.roundedUp = false;
  unpackF80(u, a);
  if (u.kind >= QNAN) return propagateNaN1(out, u, ctx);
  if (!raise(ctx, u.kind === DENORMAL ? DE : 0)) return false;
  if (roundIntegral(u, ctx.rounding)) {
    ctx.flags |= PE;
    ctx.roundedUp = integral.grew;
  }
  packF80(out, u);
  return true;
}

/**
 * fist, fistp (and fisttp with `truncate`): the value as a signed integer of `bits` bits, sign-extended
 * into out.hi:out.lo. NaNs and values out of range raise IE and give the integer indefinite -2^(bits-1).
 * False: unmasked IE, nothing is stored.
 */
export function f80ToInteger(out: WordPair, a: F80, bits: 16 | 32 | 64, truncate: boolean, ctx: FloatContext): boolean {
  ctx.roundedUp = false;
  unpackF80(u, a);
  const how = u.kind >= QNAN ? 2 : toSigned(u, bits, truncate ? ROUND_ZERO : ctx.rounding);
  if (how === 2) {
    if (!raise(ctx, IE)) return false;
    out.hi = bits === 64 ? 0x80000000 : 0xffffffff;
    out.lo = bits === 64 ? 0 : 2 ** 32 - 2 ** (bits - 1);
    return true;
  }
  if (how === 1) {
    ctx.flags |= PE;
    ctx.roundedUp = integral.grew;
  }
  out.hi = u.hi;
  out.lo = u.lo;
  return true;
}

/** fild of a 64-bit integer given as halves; exact. */
export function i64ToF80(out: F80, hi: number, lo: number): void {
  unpackI64(u, hi, lo);
  packF80(out, u);
}

/** fild of a 32-bit integer or a sign-extended narrower one; exact. */
export function i32ToF80(out: F80, value: number): void {
  i64ToF80(out, value >> 31, value);
}
