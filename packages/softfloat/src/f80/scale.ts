import { DE, type FloatContext, IE, ROUND_ZERO, ZE } from "../context.ts";
import { toMagnitude } from "../core/integral.ts";
import { DENORMAL, FINITE, INFINITE, QNAN, Unpacked, ZERO } from "../core/unpacked.ts";
import { deliver, denormalFlag, propagateNaN, propagateNaN1, raise } from "./common.ts";
import { type F80, packF80, setIndefinite, setInfinity, setZero, unpackF80 } from "./f80.ts";
import { i32ToF80 } from "./integer.ts";

const ua = new Unpacked();
const ub = new Unpacked();

/** fscale: out = a * 2^trunc(b) (SDM vol. 2, table of FSCALE). False when an unmasked IE or DE suppressed it. */
export function scaleF80(out: F80, a: F80, b: F80, ctx: FloatContext): boolean {
  ctx.roundedUp = false;
  unpackF80(ua, a);
  unpackF80(ub, b);
  if (ua.kind >= QNAN || ub.kind >= QNAN) return propagateNaN(out, ua, ub, ctx);
  if (ub.kind === INFINITE && ua.kind === (ub.sign !== 0 ? INFINITE : ZERO)) {
    if (!raise(ctx, IE)) return false;
    setIndefinite(out);
    return true;
  }
  if (!raise(ctx, denormalFlag(ua, ub))) return false;
  if (ua.kind === ZERO || ua.kind === INFINITE) {
    packF80(out, ua);
    return true;
  }
  if (ub.kind === INFINITE) {
    if (ub.sign !== 0) setZero(out, ua.sign);
    else setInfinity(out, ua.sign);
    return true;
  }
  if (ub.kind === FINITE && ub.exp >= 0) {
    // Anything beyond 2^17 overflows or underflows in the same way.
    if (ub.exp > 17) ub.exp = 17;
    toMagnitude(ub, ROUND_ZERO);
    ua.exp += ub.sign !== 0 ? -ub.lo : ub.lo;
  }
  ua.kind = FINITE;
  return deliver(out, ua, 64, ctx);
}

/**
 * fxtract: a's unbiased exponent as a number, and its significand with a's sign and exponent 0.
 * Zero raises ZE and gives -infinity and zero. False when an unmasked IE, DE or ZE suppressed it.
 */
export function extractF80(exponent: F80, significand: F80, a: F80, ctx: FloatContext): boolean {
  ctx.roundedUp = false;
  unpackF80(ua, a);
  if (ua.kind >= QNAN) {
    if (!propagateNaN1(exponent, ua, ctx)) return false;
    significand.copy(exponent);
    return true;
  }
  if (!raise(ctx, ua.kind === ZERO ? ZE : ua.kind === DENORMAL ? DE : 0)) return false;
  if (ua.kind === ZERO) {
    setInfinity(exponent, 1);
    setZero(significand, ua.sign);
  } else if (ua.kind === INFINITE) {
    setInfinity(exponent, 0);
    setInfinity(significand, ua.sign);
  } else {
    i32ToF80(exponent, ua.exp);
    significand.set((ua.sign << 15) | 16383, ua.hi, ua.lo);
  }
  return true;
}
