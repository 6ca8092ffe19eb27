import { IE, ROUND_DOWN } from "../context.ts";
import { FINITE, INFINITE, QNAN, shiftRightJam, Unpacked, ZERO } from "./unpacked.ts";

const shifted = new Unpacked();

/**
 * r = a + b, or a - b with `negate` = 1; exact but for jammed bits below `ext`.
 * Operands are no NaNs. Returns IE for infinity - infinity (r.kind is then QNAN), else 0.
 */
export function add(r: Unpacked, a: Unpacked, b: Unpacked, negate: number, rounding: number): number {
  const bSign = b.sign ^ negate;
  if (a.kind === INFINITE) {
    r.kind = b.kind === INFINITE && a.sign !== bSign ? QNAN : INFINITE;
    r.sign = a.sign;
    return r.kind === QNAN ? IE : 0;
  }
  if (b.kind === INFINITE) {
    r.kind = INFINITE;
    r.sign = bSign;
    return 0;
  }
  if (a.kind === ZERO) {
    if (b.kind === ZERO) {
      r.kind = ZERO;
      r.sign = a.sign === bSign ? a.sign : rounding === ROUND_DOWN ? 1 : 0;
    } else {
      take(r, b, bSign);
    }
    return 0;
  }
  if (b.kind === ZERO) {
    take(r, a, a.sign);
    return 0;
  }
  if (a.exp >= b.exp) sum(r, a, a.sign, b, bSign, rounding);
  else sum(r, b, bSign, a, a.sign, rounding);
  return 0;
}

function take(r: Unpacked, from: Unpacked, sign: number): void {
  r.kind = FINITE;
  r.sign = sign;
  r.exp = from.exp;
  r.hi = from.hi;
  r.lo = from.lo;
  r.ext = 0;
}

/** Both finite and not zero, x.exp >= y.exp. */
function sum(r: Unpacked, x: Unpacked, xSign: number, y: Unpacked, ySign: number, rounding: number): void {
  const distance = x.exp - y.exp;
  let yh = y.hi;
  let yl = y.lo;
  let ye = 0;
  if (distance !== 0) {
    if (distance < 32) {
      const m = 32 - distance;
      ye = (yl << m) >>> 0;
      yl = ((yl >>> distance) | (yh << m)) >>> 0;
      yh >>>= distance;
    } else {
      shifted.hi = yh;
      shifted.lo = yl;
      shifted.ext = 0;
      shiftRightJam(shifted, distance);
      yh = shifted.hi;
      yl = shifted.lo;
      ye = shifted.ext;
    }
  }
  r.kind = FINITE;
  r.exp = x.exp;
  r.sign = xSign;
  if (xSign === ySign) {
    const low = x.lo + yl;
    const high = x.hi + yh + (low > 0xffffffff ? 1 : 0);
    if (high > 0xffffffff) {
      r.exp++;
      r.hi = ((high >>> 1) | 0x80000000) >>> 0;
      r.lo = ((low >>> 1) | (high << 31)) >>> 0;
      r.ext = ((ye >>> 1) | (ye & 1) | (low << 31)) >>> 0;
    } else {
      r.hi = high;
      r.lo = low >>> 0;
      r.ext = ye;
    }
    return;
  }
  let h = x.hi;
  let l = x.lo;
  let e = 0;
  if (distance === 0 && (h < yh || (h === yh && l < yl))) {
    r.sign = ySign;
    const th = h;
    const tl = l;
    h = yh;
    l = yl;
    yh = th;
    yl = tl;
  }
  e = -ye;
  l = l - yl - (e < 0 ? 1 : 0);
  h = h - yh - (l < 0 ? 1 : 0);
  e >>>= 0;
  l >>>= 0;
  if (h === 0) {
    if (l === 0) {
      if (e === 0) {
        r.kind = ZERO;
        r.sign = rounding === ROUND_DOWN ? 1 : 0;
        return;
      }
      l = e;
      e = 0;
      r.exp -= 32;
    }
    h = l;
    l = e;
    e = 0;
    r.exp -= 32;
  }
  const n = Math.clz32(h);
  if (n !== 0) {
    const m = 32 - n;
    h = ((h << n) | (l >>> m)) >>> 0;
    l = ((l << n) | (e >>> m)) >>> 0;
    e = (e << n) >>> 0;
    r.exp -= n;
  }
  r.hi = h;
  r.lo = l;
  r.ext = e;
}
