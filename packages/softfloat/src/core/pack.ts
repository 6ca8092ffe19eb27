import { FINITE, INFINITE, type Unpacked, ZERO } from "./unpacked.ts";
import type { WordPair } from "./pair.ts";

/** The bits of a float from a rounded u; kind QNAN stands for the default NaN (negative, SDM vol. 1, 4.8.3.7). */
export function packF32(u: Unpacked): number {
  if (u.kind === FINITE) {
    const e = u.hi >= 0x80000000 ? u.exp + 127 : 0;
    return ((u.sign << 31) | (e << 23) | ((u.hi >>> 8) & 0x7fffff)) >>> 0;
  }
  if (u.kind === ZERO) return (u.sign << 31) >>> 0;
  if (u.kind === INFINITE) return ((u.sign << 31) | 0x7f800000) >>> 0;
  return 0xffc00000;
}

/** The same for a double. */
export function packF64(out: WordPair, u: Unpacked): void {
  out.lo = 0;
  if (u.kind === FINITE) {
    const e = u.hi >= 0x80000000 ? u.exp + 1023 : 0;
    out.hi = ((u.sign << 31) | (e << 20) | ((u.hi >>> 11) & 0xfffff)) >>> 0;
    out.lo = ((u.hi << 21) | (u.lo >>> 11)) >>> 0;
  } else if (u.kind === ZERO) {
    out.hi = (u.sign << 31) >>> 0;
  } else if (u.kind === INFINITE) {
    out.hi = ((u.sign << 31) | 0x7ff00000) >>> 0;
  } else {
    out.hi = 0xfff80000;
  }
}

/** A NaN's bits as a quiet float, its payload cut at the low end. */
export function packNaN32(u: Unpacked): number {
  return ((u.sign << 31) | 0x7fc00000 | ((u.hi >>> 8) & 0x3fffff)) >>> 0;
}

/** A NaN's bits as a quiet double, its payload cut at the low end. */
export function packNaN64(out: WordPair, u: Unpacked): void {
  out.hi = ((u.sign << 31) | 0x7ff80000 | ((u.hi >>> 11) & 0x7ffff)) >>> 0;
  out.lo = ((u.hi << 21) | (u.lo >>> 11)) >>> 0;
}
