/** What an operand is. The order matters: everything from QNAN on is no number. */
export const ZERO = 0;
export const FINITE = 1;
/** A finite value that was encoded as denormal; its significand is normalised here. */
export const DENORMAL = 2;
export const INFINITE = 3;
export const QNAN = 4;
export const SNAN = 5;
/** An 80-bit encoding that x87 refuses: unnormal, pseudo-infinity, pseudo-NaN (SDM vol. 1, table 8-3). */
export const UNSUPPORTED = 6;

/**
 * A number of any format, taken apart: (-1)^sign * 2^exp * 1.fraction, with the significand in
 * hi:lo (bit 63 set for finite values) and, for results not yet rounded, 32 more bits in `ext`, the
 * lowest of which also stands for everything below it. For NaNs hi:lo is the 80-bit significand.
 */
export class Unpacked {
  kind = ZERO;
  /** 0 or 1. */
  sign = 0;
  /** Unbiased; meaningful for FINITE and DENORMAL. */
  exp = 0;
  /** Unsigned 32 bits each. The initial values make V8 store these fields unboxed. */
  hi = 0xffffffff;
  lo = 0xffffffff;
  ext = 0xffffffff;
}

/** Shifts the significand left until bit 63 is set; hi:lo must not be zero and ext must be 0. */
export function normalise(u: Unpacked): void {
  let { hi, lo } = u;
  if (hi === 0) {
    hi = lo;
    lo = 0;
    u.exp -= 32;
  }
  const n = Math.clz32(hi);
  if (n !== 0) {
    hi = ((hi << n) | (lo >>> (32 - n))) >>> 0;
    lo = (lo << n) >>> 0;
    u.exp -= n;
  }
  u.hi = hi;
  u.lo = lo;
}

/** Shifts hi:lo:ext right by n >= 0 bits; what falls out is kept as a one in the lowest bit. */
export function shiftRightJam(u: Unpacked, n: number): void {
  if (n === 0) return;
  let { hi, lo, ext } = u;
  if (n >= 96) {
    u.ext = (hi | lo | ext) !== 0 ? 1 : 0;
    u.hi = 0;
    u.lo = 0;
    return;
  }
  let lost = 0;
  while (n >= 32) {
    lost |= ext;
    ext = lo;
    lo = hi;
    hi = 0;
    n -= 32;
  }
  if (n !== 0) {
    const m = 32 - n;
    lost |= ext << m;
    ext = (ext >>> n) | (lo << m);
    lo = (lo >>> n) | (hi << m);
    hi >>>= n;
  }
  u.hi = hi;
  u.lo = lo >>> 0;
  u.ext = (lost !== 0 ? ext | 1 : ext) >>> 0;
}

/** Copies every field. */
export function copyUnpacked(to: Unpacked, from: Unpacked): void {
  to.kind = from.kind;
  to.sign = from.sign;
  to.exp = from.exp;
  to.hi = from.hi;
  to.lo = from.lo;
  to.ext = from.ext;
}
