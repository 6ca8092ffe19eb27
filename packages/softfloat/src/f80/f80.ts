import { DENORMAL, FINITE, INFINITE, normalise, QNAN, SNAN, UNSUPPORTED, type Unpacked, ZERO } from "../core/unpacked.ts";

/**
 * An 80-bit extended number as the x87 registers hold it, every encoding included: sign and biased
 * exponent in `se` (16 bits), the 64-bit significand with its explicit integer bit in `hi`:`lo`
 * (unsigned 32 bits each). Mutable, so that a caller can reuse a few and allocate none.
 */
export class F80 {
  se: number;
  hi: number;
  lo: number;

  constructor(se = 0, hi = 0, lo = 0) {
    // Large numbers first: V8 then stores the fields unboxed for good.
    this.se = se;
    this.hi = 0xffffffff;
    this.lo = 0xffffffff;
    this.hi = hi;
    this.lo = lo;
  }

  set(se: number, hi: number, lo: number): void {
    this.se = se;
    this.hi = hi;
    this.lo = lo;
  }

  copy(from: F80): void {
    this.se = from.se;
    this.hi = from.hi;
    this.lo = from.lo;
  }
}

/** An F80 from sign-and-exponent and a 64-bit significand, for tables and tests. */
export function f80(se: number, significand: bigint): F80 {
  return new F80(se, Number((significand >> 32n) & 0xffffffffn), Number(significand & 0xffffffffn));
}

/** Reads the ten bytes of an m80 operand at a byte offset. */
export function readF80(out: F80, view: DataView, offset: number): void {
  out.lo = view.getUint32(offset, true);
  out.hi = view.getUint32(offset + 4, true);
  out.se = view.getUint16(offset + 8, true);
}

/** Writes the ten bytes of an m80 operand at a byte offset. */
export function writeF80(x: F80, view: DataView, offset: number): void {
  view.setUint32(offset, x.lo, true);
  view.setUint32(offset + 4, x.hi, true);
  view.setUint16(offset + 8, x.se, true);
}

/** The real indefinite: the quiet NaN that masked invalid operations deliver (SDM vol. 1, 4.8.3.7). */
export function setIndefinite(out: F80): void {
  out.set(0xffff, 0xc0000000, 0);
}

export function setZero(out: F80, sign: number): void {
  out.set(sign << 15, 0, 0);
}

export function setInfinity(out: F80, sign: number): void {
  out.set((sign << 15) | 0x7fff, 0x80000000, 0);
}

/** Takes an encoding apart (SDM vol. 1, table 4-4 and 8-3). */
export function unpackF80(u: Unpacked, x: F80): void {
  const e = x.se & 0x7fff;
  const { hi, lo } = x;
  u.sign = x.se >>> 15;
  u.hi = hi;
  u.lo = lo;
  u.ext = 0;
  if (e !== 0 && e !== 0x7fff) {
    u.exp = e - 16383;
    u.kind = hi >= 0x80000000 ? FINITE : UNSUPPORTED;
  } else if (e === 0) {
    if ((hi | lo) === 0) {
      u.kind = ZERO;
    } else {
      u.kind = DENORMAL;
      u.exp = -16382;
      if (hi < 0x80000000) normalise(u);
    }
  } else if (hi < 0x80000000) {
    u.kind = UNSUPPORTED;
  } else if (hi === 0x80000000 && lo === 0) {
    u.kind = INFINITE;
  } else {
    u.kind = (hi & 0x40000000) !== 0 ? QNAN : SNAN;
  }
}

/** Puts a rounded ZERO, FINITE or INFINITE together; QNAN means the real indefinite. */
export function packF80(out: F80, u: Unpacked): void {
  if (u.kind === FINITE) {
    const { hi } = u;
    out.se = (u.sign << 15) | (hi >= 0x80000000 ? u.exp + 16383 : 0);
    out.hi = hi;
    out.lo = u.lo;
  } else if (u.kind === ZERO) {
    setZero(out, u.sign);
  } else if (u.kind === INFINITE) {
    setInfinity(out, u.sign);
  } else {
    setIndefinite(out);
  }
}
