import { type Random, significand } from "./random.ts";

const ALL = (1n << 64n) - 1n;

/** An 80-bit operand, edge-biased; `near` gives an exponent to stay close to now and then. */
export function operandF80(r: Random, near = 0x3fff): { se: number; sig: bigint } {
  const sign = r.below(2) << 15;
  let sig = significand(r) & ALL;
  const kind = r.below(24);
  if (kind === 0) return { se: sign, sig: 0n };
  if (kind === 1) return { se: sign | 0x7fff, sig: 1n << 63n };
  if (kind === 2) return { se: sign | 0x7fff, sig: sig | (1n << 63n) }; // mostly NaN
  if (kind === 3) return { se: sign, sig }; // denormal or pseudo-denormal
  if (kind === 4) return { se: sign | r.below(0x8000), sig: r.below(4) === 0 ? sig & (ALL >> 1n) : sig | (1n << 63n) };
  sig |= 1n << 63n;
  if (kind === 5) return { se: sign | 0x3fff, sig: 1n << 63n };
  if (kind < 8) return { se: sign | (1 + r.below(70)), sig };
  if (kind < 10) return { se: sign | (0x7ffe - r.below(70)), sig };
  if (kind < 12) return { se: sign | r.below(0x7fff), sig };
  if (kind === 12) {
    // A small integer, or one and a half.
    const n = BigInt(1 + r.below(100000)) << BigInt(r.below(2) * 40);
    const len = n.toString(2).length;
    return { se: sign | (0x3fff + len - 1 - r.below(3)), sig: (n << BigInt(64 - len)) & ALL };
  }
  const e = Math.min(0x7ffe, Math.max(1, near + r.below(140) - 70));
  return { se: sign | e, sig };
}

/** Bits of a double, edge-biased. */
export function operandF64(r: Random, near = 1023): bigint {
  const sign = BigInt(r.below(2)) << 63n;
  const fraction = significand(r) >> 12n;
  const kind = r.below(20);
  const at = (e: number): bigint => sign | (BigInt(e) << 52n) | fraction;
  if (kind === 0) return sign;
  if (kind === 1) return sign | (0x7ffn << 52n);
  if (kind === 2) return at(0x7ff);
  if (kind === 3) return at(0);
  if (kind < 6) return at(1 + r.below(56));
  if (kind < 8) return at(0x7fe - r.below(56));
  if (kind < 10) return at(r.below(0x7ff));
  if (kind === 10) return at(1023 - 128 + r.below(6)); // where floats become denormal or overflow
  if (kind === 11) return at(1023 - 150 + r.below(30));
  if (kind === 12) return at(1023 + 126 + r.below(4));
  return at(Math.min(0x7fe, Math.max(1, near + r.below(130) - 65)));
}

/** Bits of a float, edge-biased. */
export function operandF32(r: Random, near = 127): number {
  const sign = r.below(2) * 0x80000000;
  const fraction = Number(significand(r) >> 41n);
  const kind = r.below(16);
  const at = (e: number): number => sign + e * 0x800000 + fraction;
  if (kind === 0) return sign;
  if (kind === 1) return sign + 0x7f800000;
  if (kind === 2) return at(0xff);
  if (kind === 3) return at(0);
  if (kind < 6) return at(1 + r.below(26));
  if (kind < 8) return at(0xfe - r.below(26));
  if (kind < 10) return at(r.below(0xff));
  return at(Math.min(0xfe, Math.max(1, near + r.below(70) - 35)));
}
