import { IE, ZE } from "../context.ts";
import { FINITE, INFINITE, QNAN, type Unpacked, ZERO } from "./unpacked.ts";
import { mulHigh } from "./words.ts";

// The remainder of the last division step: results of `digit` beside the digit itself. The first values
// make V8 keep the fields unboxed.
const rem = { hi: 0xffffffff, lo: 0xffffffff };

/** r = a / b with jammed low bits. Operands are no NaNs. Returns IE for 0/0 and inf/inf, ZE for x/0, else 0. */
export function div(r: Unpacked, a: Unpacked, b: Unpacked): number {
  r.sign = a.sign ^ b.sign;
  if (a.kind === INFINITE) {
    r.kind = b.kind === INFINITE ? QNAN : INFINITE;
    return b.kind === INFINITE ? IE : 0;
  }
  if (b.kind === INFINITE) {
    r.kind = ZERO;
    return 0;
  }
  if (b.kind === ZERO) {
    r.kind = a.kind === ZERO ? QNAN : INFINITE;
    return a.kind === ZERO ? IE : ZE;
  }
  if (a.kind === ZERO) {
    r.kind = ZERO;
    return 0;
  }
  r.kind = FINITE;
  const bh = b.hi;
  const bl = b.lo;
  let first = 0;
  r.exp = a.exp - b.exp;
  if (a.hi > bh || (a.hi === bh && a.lo >= bl)) {
    // Halve the numerator so that it is below the divisor; the bit lost is the first one to bring down.
    first = (a.lo << 31) >>> 0;
    rem.lo = ((a.lo >>> 1) | (a.hi << 31)) >>> 0;
    rem.hi = a.hi >>> 1;
  } else {
    r.exp--;
    rem.hi = a.hi;
    rem.lo = a.lo;
  }
  r.hi = digit(first, bh, bl);
  r.lo = digit(0, bh, bl);
  const ext = digit(0, bh, bl);
  r.ext = (rem.hi | rem.lo) !== 0 ? (ext | 1) >>> 0 : ext;
  return 0;
}

/** One base-2^32 digit of (rem:next) / b, where rem < b; leaves the new remainder in `rem`. */
function digit(next: number, bh: number, bl: number): number {
  const n = (rem.hi * 2 ** 32 + rem.lo) * 2 ** 32 + next;
  // The estimate in doubles is off by at most one.
  let q = Math.floor(n / (bh * 2 ** 32 + bl));
  if (q > 0xffffffff) q = 0xffffffff;
  const mid = mulHigh(q, bl) + (Math.imul(q, bh) >>> 0);
  const midLow = mid >>> 0;
  const high = mulHigh(q, bh) + (mid - midLow) * 2 ** -32;
  let w0 = next - (Math.imul(q, bl) >>> 0);
  let w1 = rem.lo - midLow - (w0 < 0 ? 1 : 0);
  let w2 = rem.hi - high - (w1 < 0 ? 1 : 0);
  w0 >>>= 0;
  w1 >>>= 0;
  if (w2 < 0) {
    q--;
    const c = w0 + bl;
    const d = w1 + bh + (c > 0xffffffff ? 1 : 0);
    w0 = c >>> 0;
    w1 = d >>> 0;
  } else if (w2 > 0 || w1 > bh || (w1 === bh && w0 >= bl)) {
    q++;
    w0 -= bl;
    w1 = (w1 - bh - (w0 < 0 ? 1 : 0)) >>> 0;
    w0 >>>= 0;
    w2 = 0;
  }
  rem.hi = w1;
  rem.lo = w0;
  return q;
}
