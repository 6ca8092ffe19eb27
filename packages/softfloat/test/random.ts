/** A small deterministic generator (xorshift32), so that a failing vector is the same on every run. */
export interface Random {
  u32(): number;
  below(n: number): number;
  pick<T>(items: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  let x = seed >>> 0 || 1;
  const u32 = (): number => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    // xorshift's low bits are weak: multiply and take the better half.
    return Math.imul(x, 0x9e3779b1) >>> 0;
  };
  const below = (n: number): number => Math.floor((u32() / 2 ** 32) * n);
  return { u32, below, pick: (items) => items[below(items.length)] as (typeof items)[number] };
}

/** 64 bits likely to meet rounding edges: runs of ones and zeros, few bits, all random. */
export function significand(r: Random): bigint {
  const any = (BigInt(r.u32()) << 32n) | BigInt(r.u32());
  const all = (1n << 64n) - 1n;
  switch (r.below(9)) {
    case 0:
      return 0n;
    case 1:
      return all;
    case 2:
      return (all << BigInt(r.below(64))) & all;
    case 3:
      return all >> BigInt(r.below(64));
    case 4:
      return 1n << BigInt(r.below(64));
    case 5:
      return (1n << BigInt(r.below(64))) | (1n << BigInt(r.below(64)));
    case 6: {
      // Near a halfway case of 24, 53 or 64 bits.
      const cut = BigInt(r.pick([11, 40, 10, 12, 39, 41]));
      return (((any >> cut) << cut) | (1n << (cut - 1n))) + BigInt(r.below(3) - 1);
    }
    default:
      return any;
  }
}
