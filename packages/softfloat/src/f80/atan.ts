import type { FloatContext } from "../context.ts";
import { atan, bitLength, FRACTION, ONE, PI, shift } from "../core/fixed.ts";
import { INFINITE, QNAN, Unpacked, ZERO } from "../core/unpacked.ts";
import { denormalFlag, propagateNaN, raise } from "./common.ts";
import { type F80, setZero, unpackF80 } from "./f80.ts";
import { type BigReal, deliverBig, toBigReal } from "./transcendental.ts";

const ux = new Unpacked();
const uy = new Unpacked();
const BITS = Number(FRACTION);

/** fpatan: out = the angle of (x, y), i.e. arctan(y / x) in the quadrant of the signs, x being ST(0). */
export function atanF80(out: F80, x: F80, y: F80, ctx: FloatContext): boolean {
  ctx.roundedUp = false;
  unpackF80(ux, x);
  unpackF80(uy, y);
  if (ux.kind >= QNAN || uy.kind >= QNAN) return propagateNaN(out, ux, uy, ctx);
  if (!raise(ctx, denormalFlag(ux, uy))) return false;
  const sign = uy.sign;
  const left = ux.sign !== 0;
  let angle: bigint; // in fixed point
  if (uy.kind === ZERO || (ux.kind === INFINITE && uy.kind !== INFINITE)) {
    if (!left) {
      setZero(out, sign);
      return true;
    }
    angle = PI;
  } else if (ux.kind === ZERO || (uy.kind === INFINITE && ux.kind !== INFINITE)) {
    angle = PI / 2n;
  } else if (uy.kind === INFINITE) {
    angle = left ? (3n * PI) / 4n : PI / 4n;
  } else {
    const by = toBigReal(uy);
    const bx = toBigReal(ux);
    const steep = uy.exp > ux.exp || (uy.exp === ux.exp && by.mantissa > bx.mantissa);
    const { value, exact } = steep ? quotient(bx, by) : quotient(by, bx);
    const small = arc(value);
    if (!steep && !left) {
      small.sign = sign;
      // A quotient so small that its arc is the same to 128 bits and more: inexact all the same.
      deliverBig(out, small, exact && false, ctx);
      return true;
    }
    const part = shift(small.mantissa, small.exp + BITS);
    if (steep) angle = left ? PI / 2n + part : PI / 2n - part;
    else angle = PI - part;
  }
  deliverBig(out, { sign, mantissa: angle, exp: -BITS }, false, ctx);
  return true;
}

/** a / b <= 1 as a mantissa of at least 192 bits. */
function quotient(a: BigReal, b: BigReal): { value: BigReal; exact: boolean } {
  const wide = a.mantissa << FRACTION;
  const mantissa = wide / b.mantissa;
  return { value: { sign: 0, mantissa, exp: a.exp - b.exp - BITS }, exact: mantissa * b.mantissa === wide };
}

/** arctan of a positive number up to 1. */
function arc(t: BigReal): BigReal {
  const highest = t.exp + bitLength(t.mantissa) - 1;
  if (highest >= -40) return { sign: 0, mantissa: atan(shift(t.mantissa, t.exp + BITS)), exp: -BITS };
  let third = shift(t.mantissa * t.mantissa, 2 * t.exp + BITS) / 3n;
  if (third === 0n) third = 1n;
  return { sign: 0, mantissa: t.mantissa * (ONE - third), exp: t.exp - BITS };
}
