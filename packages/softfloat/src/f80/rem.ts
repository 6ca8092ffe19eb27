import { type FloatContext, IE } from "../context.ts";
import { FINITE, INFINITE, normalise, QNAN, Unpacked, ZERO } from "../core/unpacked.ts";
import { toBig } from "../core/words.ts";
import { deliver, denormalFlag, propagateNaN, raise } from "./common.ts";
import { type F80, setIndefinite, unpackF80 } from "./f80.ts";

/** `remF80` answers: an unmasked exception suppressed it. */
export const REM_SUPPRESSED = -1;
/** `remF80` answers: the remainder is partial (C2 = 1); run it again. */
export const REM_PARTIAL = 8;

const ua = new Unpacked();
const ub = new Unpacked();

/**
 * fprem (quotient truncated) and, with `nearest`, fprem1 (quotient rounded to nearest even): out = a - q*b,
 * exact. Returns the low three bits of q (C0 = bit 2, C3 = bit 1, C1 = bit 0), REM_PARTIAL or REM_SUPPRESSED.
 *
 * When the exponents differ by D >= 64 one step reduces the difference by 32 + D mod 32, as AMD CPUs do
 * (the SDM, vol. 2, leaves any number from 32 to 63 open).
 */
export function remF80(out: F80, a: F80, b: F80, nearest: boolean, ctx: FloatContext): number {
  ctx.roundedUp = false;
  unpackF80(ua, a);
  unpackF80(ub, b);
  if (ua.kind >= QNAN || ub.kind >= QNAN) return propagateNaN(out, ua, ub, ctx) ? 0 : REM_SUPPRESSED;
  if (ua.kind === INFINITE || ub.kind === ZERO) {
    if (!raise(ctx, IE)) return REM_SUPPRESSED;
    setIndefinite(out);
    return 0;
  }
  if (!raise(ctx, denormalFlag(ua, ub))) return REM_SUPPRESSED;
  if (ua.kind !== ZERO) ua.kind = FINITE;
  const distance = ua.exp - ub.exp;
  if (ua.kind === ZERO || ub.kind === INFINITE || distance < (nearest ? -1 : 0)) {
    deliver(out, ua, 64, ctx);
    return 0;
  }
  const partial = distance >= 64;
  const shift = partial ? 32 + (distance % 32) : distance;
  const divisor = toBig(ub.hi, ub.lo) << (distance < 0 ? 1n : 0n);
  const dividend = toBig(ua.hi, ua.lo) << (distance < 0 ? 0n : BigInt(shift));
  let quotient = dividend / divisor;
  let rem = dividend - quotient * divisor;
  if (nearest && !partial) {
    const twice = rem << 1n;
    if (twice > divisor || (twice === divisor && (quotient & 1n) !== 0n)) {
      quotient++;
      rem = divisor - rem;
      ua.sign ^= 1;
    }
  }
  if (rem === 0n) {
    ua.kind = ZERO;
    ua.sign = a.se >>> 15;
  } else {
    ua.exp = Math.min(ua.exp, ub.exp + distance - shift);
    ua.hi = Number(rem >> 32n);
    ua.lo = Number(rem & 0xffffffffn);
    normalise(ua);
  }
  deliver(out, ua, 64, ctx);
  return partial ? REM_PARTIAL : Number(quotient & 7n);
}
