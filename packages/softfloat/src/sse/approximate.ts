import { RCP, RSQRT_EVEN, RSQRT_ODD } from "./approximate-table.ts";

/**
 * rcpss and rsqrtss. The manual only bounds their error (1.5 * 2^-12, SDM vol. 2); these are the results of
 * AMD Zen 4, bit for bit, so that a program gives the same output everywhere. Neither looks at MXCSR nor
 * raises a flag. Arguments and results are bits.
 */
const STEPS = 4096;

function decode(letters: string, middle: (i: number) => number): Uint16Array {
  const table = new Uint16Array(STEPS);
  for (let i = 0; i < STEPS; i++) {
    const three = letters.charCodeAt(Math.floor(i / 3));
    const digits = three === 97 ? 26 : three - 65;
    const digit = Math.floor(digits / [9, 3, 1][i % 3]) % 3;
    table[i] = Math.floor(middle(i) + 0.5) + digit - 1;
  }
  return table;
}

// In units of 2^-13, so from 4096 (one half) to 8192; built at the first use.
let rcpTable: Uint16Array | undefined;
let rsqrtTables: readonly [even: Uint16Array, odd: Uint16Array] | undefined;

/** Bits of mantissa / 8192 * 2^exp, mantissa in [4096, 8192); what is too small is a zero. */
function compose(sign: number, mantissa: number, exp: number): number {
  const e = exp + 126;
  return (sign | (e <= 0 ? 0 : (e << 23) | ((mantissa - 4096) << 11))) >>> 0;
}

/** rcpss: about 1 / x. Denormals count as zeros and denormal results become zeros. */
export function rcpF32(bits: number): number {
  const sign = bits & 0x80000000;
  const e = (bits >>> 23) & 0xff;
  if (e === 0xff) return ((bits & 0x7fffff) !== 0 ? bits | 0x400000 : sign) >>> 0;
  if (e === 0) return (sign | 0x7f800000) >>> 0;
  rcpTable ??= decode(RCP, (i) => (8192 * 8192) / (8193 + 2 * i));
  return compose(sign, rcpTable[(bits >>> 11) & 0xfff], 127 - e);
}

/** rsqrtss: about 1 / sqrt(x); the default NaN for negative numbers. Denormals count as zeros. */
export function rsqrtF32(bits: number): number {
  const sign = bits & 0x80000000;
  const e = (bits >>> 23) & 0xff;
  if (e === 0xff && (bits & 0x7fffff) !== 0) return (bits | 0x400000) >>> 0;
  if (e === 0) return (sign | 0x7f800000) >>> 0;
  if (sign !== 0) return 0xffc00000;
  if (e === 0xff) return 0;
  rsqrtTables ??= [
    decode(RSQRT_EVEN, (i) => 8192 / Math.sqrt((8193 + 2 * i) / 8192)),
    decode(RSQRT_ODD, (i) => 8192 / Math.sqrt((8193 + 2 * i) / 4096)),
  ];
  const exp = e - 127;
  return compose(0, rsqrtTables[(exp & 1) as 0 | 1][(bits >>> 11) & 0xfff], -(exp >> 1));
}
