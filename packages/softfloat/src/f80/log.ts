import { type FloatContext, IE, PE, UE, ZE } from "../context.ts";
import { bitLength, expm1, FRACTION, LN2, ln, ln1p, ONE, shift } from "../core/fixed.ts";
import { DENORMAL, FINITE, INFINITE, QNAN, Unpacked, ZERO } from "../core/unpacked.ts";
import { denormalFlag, propagateNaN, raise } from "./common.ts";
import { type F80, packF80, setIndefinite, setInfinity, setZero, unpackF80 } from "./f80.ts";
import { type BigReal, checkOperand, deliverBig, SUPPRESSED, toBigReal } from "./transcendental.ts";

const ux = new Unpacked();
const uy = new Unpacked();
const BITS = Number(FRACTION);
/** Below this power of two three terms of a series do. */
const SMALL = -40;
/** Around it a mantissa is halved so that the logarithm stays small; any number near the root does. */
const SQRT2 = (ONE * 1414213562n) / 1000000000n;

function highest(x: BigReal): number {
  return x.exp + bitLength(x.mantissa) - 1;
}

/** The signed fixed-point value of x. */
function fixed(x: BigReal): bigint {
  const value = shift(x.mantissa, x.exp + BITS);
  return x.sign !== 0 ? -value : value;
}

function fromFixed(value: bigint): BigReal {
  return { sign: value < 0n ? 1 : 0, mantissa: value < 0n ? -value : value, exp: -BITS };
}

/** x * factor, factor a positive fixed-point number. */
function times(x: BigReal, factor: bigint): BigReal {
  return { sign: x.sign, mantissa: x.mantissa * factor, exp: x.exp - BITS };
}

/**
 * f2xm1: out = 2^a - 1, defined for -1 <= a <= 1. Beyond, where the manual leaves the result open, it
 * delivers a itself, as AMD CPUs do (infinities as in the limit); PE is raised for every finite operand.
 */
export function exp2m1F80(out: F80, a: F80, ctx: FloatContext): boolean {
  unpackF80(ux, a);
  const how = checkOperand(out, ux, ctx);
  if (how !== undefined) return how !== SUPPRESSED;
  if (ux.kind === ZERO) {
    packF80(out, ux);
    return true;
  }
  if (ux.kind === INFINITE) {
    if (ux.sign !== 0) out.set(0xbfff, 0x80000000, 0);
    else packF80(out, ux);
    return true;
  }
  if (ux.exp >= 0) return beyondOne(out, ctx);
  const x = toBigReal(ux);
  if (highest(x) >= SMALL) {
    deliverBig(out, fromFixed(expm1((fixed(x) * LN2) >> FRACTION)), false, ctx);
    return true;
  }
  // z (1 + z/2 + z^2/6) with z = x ln 2
  const z = times(x, LN2);
  const f = fixed(z);
  const square = (f * f) >> FRACTION;
  deliverBig(out, times(z, ONE + f / 2n + square / 6n), false, ctx);
  return true;
}

/** f2xm1 from |ux| = 1 on. */
function beyondOne(out: F80, ctx: FloatContext): boolean {
  const isOne = ux.exp === 0 && ux.hi === 0x80000000 && ux.lo === 0;
  if (isOne && ux.sign === 0) {
    // AMD CPUs round 1 as if it were a little less.
    deliverBig(out, fromFixed(ONE - 1n), false, ctx);
    return true;
  }
  ctx.flags |= PE;
  if (isOne) out.set(0xbffe, 0x80000000, 0);
  else packF80(out, ux);
  return true;
}

/** y * log, where log is infinite (sign given), or a special y meets a finite log. */
function infiniteTimes(out: F80, y: Unpacked, logSign: number): boolean {
  setInfinity(out, y.sign ^ logSign);
  return true;
}

function raiseInvalid(out: F80, ctx: FloatContext): boolean {
  if (!raise(ctx, IE)) return false;
  setIndefinite(out);
  return true;
}

/** Delivers y * log for a finite log that is not zero. Always inexact to the CPU, even where the product is exact. */
function deliverProduct(out: F80, y: Unpacked, { log, exact }: Log, ctx: FloatContext): boolean {
  if (y.kind === INFINITE) return infiniteTimes(out, y, log.sign);
  if (y.kind === ZERO) {
    setZero(out, y.sign ^ log.sign);
    return true;
  }
  const by = toBigReal(y);
  deliverBig(out, { sign: by.sign ^ log.sign, mantissa: by.mantissa * log.mantissa, exp: by.exp + log.exp }, exact, ctx);
  ctx.flags |= (out.se & 0x7fff) === 0 ? PE | UE : PE;
  return true;
}

interface Log {
  log: BigReal;
  /** Whether it is one: log2 of a power of two. */
  exact: boolean;
}

/** log2 of mantissa * 2^exp, which is not 1; up to 256 bits of mantissa. */
function log2(mantissa: bigint, exp: number): Log {
  const length = bitLength(mantissa);
  let n = exp + length - 1;
  let m = shift(mantissa, BITS - length + 1); // 1 <= m < 2
  if (m === ONE) return { log: { sign: n < 0 ? 1 : 0, mantissa: BigInt(Math.abs(n)), exp: 0 }, exact: true };
  if (m > SQRT2) {
    n++;
    m >>= 1n;
  }
  return { log: fromFixed(BigInt(n) * ONE + (ln(m) << FRACTION) / LN2), exact: false };
}

/** fyl2x: out = y * log2(x), x being ST(0). False: suppressed by an unmasked exception. */
export function ylog2xF80(out: F80, x: F80, y: F80, ctx: FloatContext): boolean {
  ctx.roundedUp = false;
  unpackF80(ux, x);
  unpackF80(uy, y);
  if (ux.kind >= QNAN || uy.kind >= QNAN) return propagateNaN(out, ux, uy, ctx);
  if (ux.kind === ZERO) {
    if (uy.kind === ZERO) return raiseInvalid(out, ctx);
    if (uy.kind === INFINITE) return infiniteTimes(out, uy, 1);
    if (!raise(ctx, ZE)) return false;
    return infiniteTimes(out, uy, 1);
  }
  if (ux.sign !== 0) return raiseInvalid(out, ctx);
  const isOne = ux.kind === FINITE && ux.exp === 0 && ux.hi === 0x80000000 && ux.lo === 0;
  if ((ux.kind === INFINITE && uy.kind === ZERO) || (isOne && uy.kind === INFINITE)) return raiseInvalid(out, ctx);
  if (!raise(ctx, denormalFlag(ux, uy))) return false;
  if (ux.kind === INFINITE) return infiniteTimes(out, uy, 0);
  if (isOne) {
    setZero(out, uy.sign);
    return true;
  }
  const bx = toBigReal(ux);
  return deliverProduct(out, uy, log2(bx.mantissa, bx.exp), ctx);
}

/**
 * fyl2xp1: out = y * log2(x + 1), x being ST(0), defined for |x| < 1 - sqrt(1/2). Beyond, where the manual
 * leaves the result open, AMD CPUs still give y * log2(x + 1) for x > -1, and x itself below; so do we.
 * False: suppressed by an unmasked exception.
 */
export function ylog2xp1F80(out: F80, x: F80, y: F80, ctx: FloatContext): boolean {
  ctx.roundedUp = false;
  unpackF80(ux, x);
  unpackF80(uy, y);
  if (ux.kind >= QNAN || uy.kind >= QNAN) return propagateNaN(out, ux, uy, ctx);
  if (ux.kind === ZERO && uy.kind === INFINITE) return raiseInvalid(out, ctx);
  if (ux.kind === INFINITE) {
    if (ux.sign !== 0 || uy.kind === ZERO) return raiseInvalid(out, ctx);
    if (!raise(ctx, denormalFlag(ux, uy))) return false;
    return infiniteTimes(out, uy, 0);
  }
  if (!raise(ctx, denormalFlag(ux, uy))) return false;
  if (uy.kind === DENORMAL) uy.kind = FINITE;
  if (ux.kind === ZERO) {
    setZero(out, ux.sign ^ uy.sign);
    return true;
  }
  if (ux.sign !== 0 && ux.exp >= 0 && uy.kind === FINITE) {
    ctx.flags |= PE;
    packF80(out, ux);
    return true;
  }
  return deliverProduct(out, uy, log2p1(toBigReal(ux)), ctx);
}

function log2p1(x: BigReal): Log {
  const top = highest(x);
  if (top < SMALL) {
    const f = fixed(x);
    const square = (f * f) >> FRACTION;
    const series = ONE - f / 2n + square / 3n;
    return { log: times(x, (series << FRACTION) / LN2), exact: false };
  }
  if (top < -1) return { log: fromFixed((ln1p(fixed(x)) << FRACTION) / LN2), exact: false };
  if (x.sign !== 0 && top >= 0) return { log: x, exact: true };
  if (top > BITS) return { ...log2(x.mantissa, x.exp), exact: false };
  return log2(ONE + fixed(x), -BITS);
}
