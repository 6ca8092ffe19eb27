/** The high half of the product of two unsigned 32-bit numbers. */
export function mulHigh(a: number, b: number): number {
  // a*b is off by at most 2^10, so (a*b - low) / 2^32 is within 2^-21 of the integer sought.
  return ((a * b - (Math.imul(a, b) >>> 0)) * 2 ** -32 + 0.5) >>> 0;
}

/** Compares two 64-bit numbers given as halves: -1, 0 or 1. */
export function compare64(ah: number, al: number, bh: number, bl: number): number {
  if (ah !== bh) return ah < bh ? -1 : 1;
  return al === bl ? 0 : al < bl ? -1 : 1;
}

/** Two halves as one unsigned bigint. */
export function toBig(hi: number, lo: number): bigint {
  return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
}
