/**
 * Elementary functions in binary fixed point: a bigint x stands for x / 2^FRACTION. Results are off by a
 * few hundred units of 2^-FRACTION, which leaves over 100 bits below an 80-bit result's last place.
 */
export const FRACTION = 192n;
export const ONE = 1n << FRACTION;

const CONSTANT_BITS = 256n;
/** floor(pi * 2^256) and floor(ln 2 * 2^256). */
const PI_256 = 0x3243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89n;
const LN2_256 = 0xb17217f7d1cf79abc9e3b39803f2f6af40f343267298b62d8a0d175b8baafa2bn;
export const PI = PI_256 >> (CONSTANT_BITS - FRACTION);
export const LN2 = LN2_256 >> (CONSTANT_BITS - FRACTION);

/** The number of bits of a positive bigint. */
export function bitLength(x: bigint): number {
  const hex = x.toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0] ?? "0", 16)) + 28;
}

/** x * 2^n, rounded toward minus infinity. */
export function shift(x: bigint, n: number): bigint {
  return n >= 0 ? x << BigInt(n) : x >> BigInt(-n);
}

function multiply(x: bigint, y: bigint): bigint {
  return (x * y) >> FRACTION;
}

/** sin x for |x| < 1. */
export function sin(x: bigint): bigint {
  const square = multiply(x, x);
  let term = x;
  let total = x;
  for (let n = 2n; term !== 0n && term !== -1n; n += 2n) {
    term = -multiply(term, square) / (n * (n + 1n));
    total += term;
  }
  return total;
}

/** cos x for |x| < 1. */
export function cos(x: bigint): bigint {
  const square = multiply(x, x);
  let term = ONE;
  let total = ONE;
  for (let n = 1n; term !== 0n && term !== -1n; n += 2n) {
    term = -multiply(term, square) / (n * (n + 1n));
    total += term;
  }
  return total;
}

/** e^x - 1 for |x| < 1. */
export function expm1(x: bigint): bigint {
  let term = x;
  let total = x;
  for (let n = 2n; term !== 0n && term !== -1n; n++) {
    term = multiply(term, x) / n;
    total += term;
  }
  return total;
}

/** The odd series x + s*x^3/3 + x^5/5 + s*x^7/7 ...: atan for s = -1, atanh for s = 1; |x| small. */
function arcSeries(x: bigint, s: bigint): bigint {
  const square = s * multiply(x, x);
  let power = x;
  let total = x;
  for (let n = 3n; power !== 0n && power !== -1n; n += 2n) {
    power = multiply(power, square);
    total += power / n;
  }
  return total;
}

const STEPS = 32n;
const atanTable = new Map<bigint, bigint>();
const lnTable = new Map<bigint, bigint>();

/** atan(k / 32), by the series for halves of the angle: atan k/32 = atan (k-1)/32 + atan(32 / (1024 + k(k-1))). */
function atanStep(k: bigint): bigint {
  if (k === 0n) return 0n;
  let value = atanTable.get(k);
  if (value === undefined) {
    value = atanStep(k - 1n) + arcSeries((STEPS * ONE) / (STEPS * STEPS + k * (k - 1n)), -1n);
    atanTable.set(k, value);
  }
  return value;
}

/** ln(k / 32): ln k = ln (k-1) + 2 atanh(1 / (2k - 1)), outward from k = 32. */
function lnStep(k: bigint): bigint {
  if (k === STEPS) return 0n;
  let value = lnTable.get(k);
  if (value === undefined) {
    value =
      k > STEPS
        ? lnStep(k - 1n) + 2n * arcSeries(ONE / (2n * k - 1n), 1n)
        : lnStep(k + 1n) - 2n * arcSeries(ONE / (2n * k + 1n), 1n);
    lnTable.set(k, value);
  }
  return value;
}

/** atan x for 0 <= x <= 1. */
export function atan(x: bigint): bigint {
  const k = (x * STEPS + ONE / 2n) >> FRACTION;
  const c = (k * ONE) / STEPS;
  return atanStep(k) + arcSeries(((x - c) << FRACTION) / (ONE + multiply(x, c)), -1n);
}

/** ln x for 1/2 <= x <= 2; near 1 the error stays relative to x - 1. */
export function ln(x: bigint): bigint {
  const k = (x * STEPS + ONE / 2n) >> FRACTION;
  const c = (k * ONE) / STEPS;
  return lnStep(k) + 2n * arcSeries(((x - c) << FRACTION) / (x + c), 1n);
}

/** ln(1 + x) for |x| < 1/2, the error relative to x. */
export function ln1p(x: bigint): bigint {
  return ln(ONE + x);
}
