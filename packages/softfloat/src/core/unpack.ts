import { DENORMAL, FINITE, INFINITE, normalise, QNAN, SNAN, type Unpacked, ZERO } from "./unpacked.ts";

/** Takes a double apart, given its bits as halves. */
export function unpackF64(u: Unpacked, hi: number, lo: number): void {
  const e = (hi >>> 20) & 0x7ff;
  u.sign = hi >>> 31;
  u.hi = (((hi << 11) | (lo >>> 21)) & 0x7fffffff) >>> 0;
  u.lo = (lo << 11) >>> 0;
  u.ext = 0;
  if (e !== 0 && e !== 0x7ff) {
    u.kind = FINITE;
    u.exp = e - 1023;
    u.hi += 0x80000000;
  } else if ((u.hi | u.lo) === 0) {
    u.kind = e === 0 ? ZERO : INFINITE;
    if (e !== 0) u.hi = 0x80000000;
  } else if (e === 0) {
    u.kind = DENORMAL;
    u.exp = -1022;
    normalise(u);
  } else {
    u.kind = (hi & 0x80000) !== 0 ? QNAN : SNAN;
    u.hi += 0x80000000;
  }
}

/** Takes a float apart, given its bits. */
export function unpackF32(u: Unpacked, bits: number): void {
  const e = (bits >>> 23) & 0xff;
  const fraction = (bits << 8) & 0x7fffffff;
  u.sign = bits >>> 31;
  u.hi = fraction;
  u.lo = 0;
  u.ext = 0;
  if (e !== 0 && e !== 0xff) {
    u.kind = FINITE;
    u.exp = e - 127;
    u.hi += 0x80000000;
  } else if (fraction === 0) {
    u.kind = e === 0 ? ZERO : INFINITE;
    if (e !== 0) u.hi = 0x80000000;
  } else if (e === 0) {
    u.kind = DENORMAL;
    u.exp = -126;
    normalise(u);
  } else {
    u.kind = (bits & 0x400000) !== 0 ? QNAN : SNAN;
    u.hi += 0x80000000;
  }
}

/** Takes a signed 64-bit integer, given as halves; for narrower ones `unpackI32`. */
export function unpackI64(u: Unpacked, hi: number, lo: number): void {
  u.sign = hi >>> 31;
  u.ext = 0;
  hi >>>= 0;
  lo >>>= 0;
  if (u.sign !== 0) {
    lo = -lo >>> 0;
    hi = (~hi + (lo === 0 ? 1 : 0)) >>> 0;
  }
  u.hi = hi;
  u.lo = lo;
  if ((hi | lo) === 0) {
    u.kind = ZERO;
    return;
  }
  u.kind = FINITE;
  u.exp = 63;
  normalise(u);
}

/** Takes a signed 32-bit (or narrower, sign-extended) integer. */
export function unpackI32(u: Unpacked, value: number): void {
  unpackI64(u, value >> 31, value);
}
