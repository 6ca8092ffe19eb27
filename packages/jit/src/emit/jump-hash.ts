/** A hash of addresses without collisions: `(address * multiplier mod 2^32) >>> (32 - bits)` indexes `table`, which holds indices of addresses or −1. */
export interface JumpHash {
  readonly multiplier: number;
  readonly bits: number;
  readonly table: readonly number[];
}

/** Finds one by trying multipliers in a fixed order; tables grow until one fits. */
export function jumpHash(addresses: readonly number[]): JumpHash {
  const low = addresses.map((a) => a % 4294967296 | 0);
  for (let bits = Math.max(1, Math.ceil(Math.log2(addresses.length))); ; bits++) {
    let multiplier = 0x9e3779b1 | 0;
    for (let tried = 0; tried < 64; tried++) {
      const table = Array.from({ length: 1 << bits }, () => -1);
      let fits = true;
      for (let i = 0; i < low.length && fits; i++) {
        const h = Math.imul(low[i]!, multiplier) >>> (32 - bits);
        if (table[h]! >= 0) fits = low[table[h]!]! === low[i]!;
        else table[h] = i;
      }
      if (fits) return { multiplier, bits, table };
      multiplier = (Math.imul(multiplier, 0x2c1b3c6d) + 0x9e3779b1) | 1;
    }
  }
}
