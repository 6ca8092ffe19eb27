import { DE, type FloatContext, IE } from "../context.ts";
import { bitLength } from "../core/fixed.ts";
import { DENORMAL, FINITE, QNAN, Unpacked } from "../core/unpacked.ts";
import { toBig } from "../core/words.ts";
import { deliver, propagateNaN1, raise } from "./common.ts";
import { type F80, setIndefinite } from "./f80.ts";

/** Answers of the trigonometric functions. */
export const DONE = 0;
/** |x| >= 2^63: C2 is set, nothing else happens (SDM vol. 1, 8.3.8). */
export const OUT_OF_RANGE = 1;
/** An unmasked exception; nothing is written. */
export const SUPPRESSED = 2;
export type TrigResult = typeof DONE | typeof OUT_OF_RANGE | typeof SUPPRESSED;

/** (-1)^sign * mantissa * 2^exp, mantissa positive and of any length. */
export interface BigReal {
  sign: number;
  mantissa: bigint;
  exp: number;
}

const r = new Unpacked();

/** A finite operand as mantissa and exponent. */
export function toBigReal(u: Unpacked): BigReal {
  return { sign: u.sign, mantissa: toBig(u.hi, u.lo), exp: u.exp - 63 };
}

/**
 * Rounds x to 64 bits (precision control has no say here) and delivers it. `exact` = false means that x stands for a number
 * strictly between its neighbours: it raises PE and rounds accordingly.
 */
export function deliverBig(out: F80, x: BigReal, exact: boolean, ctx: FloatContext): void {
  const length = bitLength(x.mantissa);
  let { mantissa } = x;
  let sticky = exact ? 0 : 1;
  if (length < 96) {
    mantissa <<= BigInt(96 - length);
  } else if (length > 96) {
    const cut = BigInt(length - 96);
    const kept = mantissa >> cut;
    if (kept << cut !== mantissa) sticky = 1;
    mantissa = kept;
  }
  r.kind = FINITE;
  r.sign = x.sign;
  r.exp = x.exp + length - 1;
  r.hi = Number(mantissa >> 64n);
  r.lo = Number((mantissa >> 32n) & 0xffffffffn);
  r.ext = (Number(mantissa & 0xffffffffn) | sticky) >>> 0;
  deliver(out, r, 64, ctx);
}

/** NaN, unsupported and denormal operands of a one-operand function; undefined: go on. */
export function checkOperand(out: F80, u: Unpacked, ctx: FloatContext): TrigResult | undefined {
  ctx.roundedUp = false;
  if (u.kind >= QNAN) return propagateNaN1(out, u, ctx) ? DONE : SUPPRESSED;
  if (u.kind === DENORMAL) {
    if (!raise(ctx, DE)) return SUPPRESSED;
    u.kind = FINITE;
  }
  return undefined;
}

/** Raises IE and delivers the indefinite. */
export function invalid(out: F80, ctx: FloatContext): TrigResult {
  if (!raise(ctx, IE)) return SUPPRESSED;
  setIndefinite(out);
  return DONE;
}
