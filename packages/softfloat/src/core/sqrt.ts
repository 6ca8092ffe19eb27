import { IE } from "../context.ts";
import { FINITE, INFINITE, QNAN, type Unpacked, ZERO } from "./unpacked.ts";
import { mulHigh } from "./words.ts";

/** r = sqrt(a) with jammed low bits. a is no NaN. Returns IE for a negative number, else 0. */
export function sqrt(r: Unpacked, a: Unpacked): number {
  r.sign = a.sign;
  if (a.kind === ZERO) {
    r.kind = ZERO;
    return 0;
  }
  if (a.sign !== 0) {
    r.kind = QNAN;
    return IE;
  }
  r.kind = a.kind === INFINITE ? INFINITE : FINITE;
  if (a.kind === INFINITE) return 0;
  r.exp = a.exp >> 1;
  // N = n3:n2:n1:0 in [2^126, 2^128), a square of the result's 64-bit significand.
  let n3 = a.hi;
  let n2 = a.lo;
  let n1 = 0;
  if ((a.exp & 1) === 0) {
    n1 = (n2 << 31) >>> 0;
    n2 = ((n2 >>> 1) | (n3 << 31)) >>> 0;
    n3 >>>= 1;
  }
  // First digit: floor(sqrt(n3:n2)), from a double and put right against the exact square.
  let s = Math.floor(Math.sqrt(n3 * 2 ** 32 + n2));
  if (s > 0xffffffff) s = 0xffffffff;
  let low = n2 - (Math.imul(s, s) >>> 0);
  let rem = (n3 - mulHigh(s, s)) * 2 ** 32 + low;
  if (rem < 0) {
    s--;
    rem += 2 * s + 1;
  } else if (rem > 2 * s) {
    rem -= 2 * s + 1;
    s++;
  }
  // Second digit: rem:n1 / 2s, too large if anything, because it leaves out q*q and is rounded up a little.
  let q = Math.floor((rem * 2 ** 32 + n1) / (2 * s) + 2 ** -10);
  if (q > 0xffffffff) q = 0xffffffff;
  // left = (rem:n1:0) - (2s:0)*q - q*q, as three words, the top one signed.
  const twiceLow = Math.imul(s, q) >>> 0;
  const twiceHigh = mulHigh(s, q);
  const sqHigh = mulHigh(q, q);
  const sub0 = Math.imul(q, q) >>> 0;
  const mid = twiceLow * 2 + sqHigh;
  const sub1 = mid >>> 0;
  const sub2 = twiceHigh * 2 + (mid - sub1) * 2 ** -32;
  let w0 = -sub0;
  let w1 = n1 - sub1 - (w0 < 0 ? 1 : 0);
  let w2 = rem - sub2 - (w1 < 0 ? 1 : 0);
  w0 >>>= 0;
  w1 >>>= 0;
  while (w2 < 0) {
    q--;
    // left += 2 * (s:q) + 1
    low = w0 + 2 * q + 1;
    w0 = low >>> 0;
    const c = (low - w0) * 2 ** -32;
    const m = w1 + 2 * s + c;
    w1 = m >>> 0;
    w2 += (m - w1) * 2 ** -32;
  }
  r.hi = s;
  r.lo = q;
  // sqrt(N) - root is above one half exactly when left > root; it never is one half.
  const more = w2 > 0 || w1 > s || (w1 === s && w0 > q);
  r.ext = more ? 0xc0000000 : (w1 | w0) !== 0 ? 0x40000000 : 0;
  return 0;
}
