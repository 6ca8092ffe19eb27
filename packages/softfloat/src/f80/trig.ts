import type { FloatContext } from "../context.ts";
import { bitLength, cos, FRACTION, ONE, shift, sin } from "../core/fixed.ts";
import { INFINITE, Unpacked, ZERO } from "../core/unpacked.ts";
import { type F80, packF80, unpackF80 } from "./f80.ts";
import { type BigReal, checkOperand, deliverBig, DONE, invalid, OUT_OF_RANGE, toBigReal, type TrigResult } from "./transcendental.ts";

/**
 * pi as x87 CPUs reduce arguments with it: 66 bits, 0x3.243f6a8885a308d3 (SDM vol. 1, 8.3.8; AMD's are
 * measured to use the same). So sin(pi) is 2^-64 off, exactly as on the hardware. As pi/2 * 2^65.
 */
const HALF_PI_65 = 0x3243f6a8885a308d3n;
/** Below 2^-32 two terms of each series are enough for 128 bits. */
const SMALL = -32;

const u = new Unpacked();

/** An argument in [-pi/4, pi/4] and the quadrant it came from. */
interface Reduced {
  x: BigReal;
  quadrant: number;
}

function reduce(x: BigReal): Reduced {
  const { mantissa, exp, sign } = x;
  if (exp + 63 < -1) return { x, quadrant: 0 };
  const scaled = shift(mantissa, exp + 65); // exp >= -64: nothing is lost
  let quotient = scaled / HALF_PI_65;
  let rest = scaled - quotient * HALF_PI_65;
  if (rest * 2n > HALF_PI_65) {
    rest -= HALF_PI_65;
    quotient++;
  }
  const q = Number(quotient & 3n);
  return {
    x: { sign: rest < 0n ? sign ^ 1 : sign, mantissa: rest < 0n ? -rest : rest, exp: -65 },
    quadrant: sign !== 0 ? (4 - q) & 3 : q,
  };
}

function highest(x: BigReal): number {
  return x.exp + bitLength(x.mantissa) - 1;
}

/** x^2 / divisor in fixed point; at least one unit, so that a correction by it never vanishes. */
function squareOver(x: BigReal, divisor: bigint): bigint {
  const value = shift(x.mantissa * x.mantissa, 2 * x.exp + Number(FRACTION)) / divisor;
  return value === 0n ? 1n : value;
}

function toFixed(x: BigReal): bigint {
  return shift(x.mantissa, x.exp + Number(FRACTION));
}

/** sin of a reduced argument. */
function sine(x: BigReal): BigReal {
  if (highest(x) < SMALL) {
    return { sign: x.sign, mantissa: x.mantissa * (ONE - squareOver(x, 6n)), exp: x.exp - Number(FRACTION) };
  }
  return { sign: x.sign, mantissa: sin(toFixed(x)), exp: -Number(FRACTION) };
}

/** cos of a reduced argument. */
function cosine(x: BigReal): BigReal {
  const mantissa = highest(x) < SMALL ? ONE - squareOver(x, 2n) : cos(toFixed(x));
  return { sign: 0, mantissa, exp: -Number(FRACTION) };
}

/** tan of a reduced argument. */
function tangent(x: BigReal): BigReal {
  if (highest(x) < SMALL) {
    return { sign: x.sign, mantissa: x.mantissa * (ONE + squareOver(x, 3n)), exp: x.exp - Number(FRACTION) };
  }
  const fixed = toFixed(x);
  return { sign: x.sign, mantissa: (sin(fixed) << FRACTION) / cos(fixed), exp: -Number(FRACTION) };
}

function negate(x: BigReal, negative: boolean): BigReal {
  if (negative) x.sign ^= 1;
  return x;
}

function sineOf({ x, quadrant }: Reduced): BigReal {
  return negate((quadrant & 1) !== 0 ? cosine(x) : sine(x), quadrant >= 2);
}

function cosineOf({ x, quadrant }: Reduced): BigReal {
  return negate((quadrant & 1) !== 0 ? sine(x) : cosine(x), quadrant === 1 || quadrant === 2);
}

function tangentOf({ x, quadrant }: Reduced): BigReal {
  const t = tangent(x);
  if ((quadrant & 1) === 0) return t;
  // -1 / t
  const length = bitLength(t.mantissa);
  return { sign: t.sign ^ 1, mantissa: (1n << BigInt(length + 160)) / t.mantissa, exp: -t.exp - length - 160 };
}

/** What all share: special operands. undefined: u is finite, not zero and in range. */
function prepare(out: F80, a: F80, ctx: FloatContext): TrigResult | undefined {
  unpackF80(u, a);
  const how = checkOperand(out, u, ctx);
  if (how !== undefined) return how;
  if (u.kind === INFINITE) return invalid(out, ctx);
  return u.kind !== ZERO && u.exp >= 63 ? OUT_OF_RANGE : undefined;
}

function setOne(out: F80): void {
  out.set(0x3fff, 0x80000000, 0);
}

/** fsin: correctly rounded but for the 66-bit pi of the reduction. */
export function sinF80(out: F80, a: F80, ctx: FloatContext): TrigResult {
  const how = prepare(out, a, ctx);
  if (how !== undefined) return how;
  if (u.kind === ZERO) packF80(out, u);
  else deliverBig(out, sineOf(reduce(toBigReal(u))), false, ctx);
  return DONE;
}

/** fcos; see `sinF80`. */
export function cosF80(out: F80, a: F80, ctx: FloatContext): TrigResult {
  const how = prepare(out, a, ctx);
  if (how !== undefined) return how;
  if (u.kind === ZERO) setOne(out);
  else deliverBig(out, cosineOf(reduce(toBigReal(u))), false, ctx);
  return DONE;
}

/** fsincos: the sine replaces the operand, the cosine is what is pushed. Both get the same NaN. */
export function sinCosF80(sine: F80, cosine: F80, a: F80, ctx: FloatContext): TrigResult {
  const how = prepare(sine, a, ctx);
  if (how !== undefined) {
    if (how === DONE) cosine.copy(sine);
    return how;
  }
  if (u.kind === ZERO) {
    packF80(sine, u);
    setOne(cosine);
    return DONE;
  }
  const reduced = reduce(toBigReal(u));
  deliverBig(sine, sineOf(reduced), false, ctx);
  deliverBig(cosine, cosineOf(reduced), false, ctx);
  return DONE;
}

/** fptan: the tangent replaces the operand, `pushed` becomes 1 (or the same NaN). */
export function tanF80(out: F80, pushed: F80, a: F80, ctx: FloatContext): TrigResult {
  const how = prepare(out, a, ctx);
  if (how !== undefined) {
    if (how === DONE) pushed.copy(out);
    return how;
  }
  if (u.kind === ZERO) packF80(out, u);
  else deliverBig(out, tangentOf(reduce(toBigReal(u))), false, ctx);
  setOne(pushed);
  return DONE;
}
