import { IE } from "../context.ts";
import { FINITE, INFINITE, QNAN, type Unpacked, ZERO } from "./unpacked.ts";
import { mulHigh } from "./words.ts";

/** r = a * b with jammed low bits. Operands are no NaNs. Returns IE for 0 * infinity, else 0. */
export function mul(r: Unpacked, a: Unpacked, b: Unpacked): number {
  r.sign = a.sign ^ b.sign;
  if (a.kind === INFINITE || b.kind === INFINITE) {
    if (a.kind === ZERO || b.kind === ZERO) {
      r.kind = QNAN;
      return IE;
    }
    r.kind = INFINITE;
    return 0;
  }
  if (a.kind === ZERO || b.kind === ZERO) {
    r.kind = ZERO;
    return 0;
  }
  r.kind = FINITE;
  const ah = a.hi;
  const al = a.lo;
  const bh = b.hi;
  const bl = b.lo;
  let hi: number;
  let lo: number;
  let ext: number;
  let sticky: number;
  if (al === 0 && bl === 0) {
    // Operands that came from 32 bits or fewer are common.
    hi = mulHigh(ah, bh);
    lo = Math.imul(ah, bh) >>> 0;
    ext = 0;
    sticky = 0;
  } else {
    sticky = Math.imul(al, bl);
    const w1 = mulHigh(al, bl) + (Math.imul(al, bh) >>> 0) + (Math.imul(ah, bl) >>> 0);
    ext = w1 >>> 0;
    const w2 = mulHigh(al, bh) + mulHigh(ah, bl) + (Math.imul(ah, bh) >>> 0) + (w1 - ext) * 2 ** -32;
    lo = w2 >>> 0;
    hi = mulHigh(ah, bh) + (w2 - lo) * 2 ** -32;
  }
  if (hi >= 0x80000000) {
    r.exp = a.exp + b.exp + 1;
  } else {
    r.exp = a.exp + b.exp;
    hi = ((hi << 1) | (lo >>> 31)) >>> 0;
    lo = ((lo << 1) | (ext >>> 31)) >>> 0;
    ext = ((ext << 1) | (sticky >>> 31)) >>> 0;
    sticky <<= 1;
  }
  r.hi = hi;
  r.lo = lo;
  r.ext = sticky !== 0 ? (ext | 1) >>> 0 : ext;
  return 0;
}
