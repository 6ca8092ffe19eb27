import type { Random } from './random.ts';

/** Operand values, biased towards the edges where instructions change their mind. */

const M64 = (1n << 64n) - 1n;
const INT_EDGES = [0n, 1n, 2n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n, 0xffffn, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn,
  0x7fff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n, M64, M64 - 1n, 0xffff_ffff_8000_0000n, 0xffff_ffff_ffff_8000n, 0xffff_ffff_ffff_ff80n];

/** 64 bits for a general register, an immediate or a lane. */
export function integer(r: Random): bigint {
  switch (r.below(8)) {
    case 0: case 1: return INT_EDGES[r.below(INT_EDGES.length)]!;
    case 2: return (1n << BigInt(r.below(64))) - BigInt(r.below(3)) & M64;
    case 3: return BigInt(r.below(256));
    case 4: return M64 - BigInt(r.below(256));
    case 5: return BigInt(r.u32());
    default: return r.u64();
  }
}

const F32 = [0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7f800001, 0xffbfffff, 0x7fc12345,
  1, 0x80000001, 0x7fffff, 0x800000, 0x7f7fffff, 0xff7fffff, 0x4f000000, 0xcf000000, 0x4effffff, 0x5f000000, 0xdf000000, 0x3f000000, 0x3fc00000, 0x40200000, 0x4b7fffff, 0x34000000];

const F16 = [0, 0x8000, 0x3c00, 0xbc00, 0x7c00, 0xfc00, 0x7e00, 0xfe01, 0x7c01, 0xfdff, 1, 0x8001, 0x3ff, 0x400, 0x7bff];

/** Bits of a float. */
export function float32(r: Random): number {
  switch (r.below(6)) {
    case 0: case 1: return F32[r.below(F32.length)]!;
    case 2: return r.u32();
    case 3: return new Uint32Array(new Float32Array([r.below(2000) - 1000]).buffer)[0]!;
    default: return ((r.u32() & 0x807fffff) | ((112 + r.below(32)) << 23)) >>> 0;
  }
}

const F64 = [0n, 1n << 63n, 0x3ff0n << 48n, 0xbff0n << 48n, 0x7ff0n << 48n, 0xfff0n << 48n, 0x7ff8n << 48n, 0xfff8n << 48n, (0x7ff0n << 48n) + 1n, (0xfff7n << 48n) + 99n,
  (0x7ff8n << 48n) + 0x123456789n, 1n, (1n << 63n) + 1n, (1n << 52n) - 1n, 1n << 52n, (0x7ff0n << 48n) - 1n, (0xfff0n << 48n) - 1n,
  0x41e0n << 48n, 0xc1e0n << 48n, 0x41df_ffff_ffc0_0000n, 0xc1e0_0000_0020_0000n, 0x43e0n << 48n, 0xc3e0n << 48n, 0x43df_ffff_ffff_ffffn, 0x3fe0n << 48n, 0x3ff8n << 48n, 0x4004n << 48n,
  0x47ef_ffff_e000_0000n, 0x47ef_ffff_f000_0000n, 0x3690n << 48n, 0x380f_ffff_ffff_ffffn, 0x41df_ffff_ffe0_0000n];

/** Bits of a double. */
export function float64(r: Random): bigint {
  switch (r.below(6)) {
    case 0: case 1: return F64[r.below(F64.length)]!;
    case 2: return r.u64();
    case 3: return new BigUint64Array(new Float64Array([r.below(200000) / 2 - 50000]).buffer)[0]!;
    case 4: { // a float's value, a little off: double rounding and conversion edges
      const f = new Float32Array(new Uint32Array([float32(r)]).buffer)[0]!;
      return new BigUint64Array(new Float64Array([f]).buffer)[0]! + BigInt(r.below(3)) & M64;
    }
    default: return (r.u64() & 0x800f_ffff_ffff_ffffn) | (BigInt(1000 + r.below(48)) << 52n);
  }
}

const MANTISSAS = [0n, 1n, 1n << 63n, M64, (1n << 63n) + 1n, (1n << 63n) - 1n, 3n << 62n, (3n << 62n) + 1n, 1n << 62n, (1n << 63n) | (1n << 10n), (1n << 63n) | (1n << 39n), M64 << 11n & M64];
const EXPONENTS = [
  0, 1, 2, 0x3fff, 0x3ffe, 0x4000, 0x7ffe, 0x7fff, 0x3fff + 31, 0x3fff + 63, 0x3fff + 64, 0x3fff + 15, 0x3fff - 63, 0x3fff - 64, 0x3fff - 1023, 0x3fff + 1023, 0x3fff + 1024,
  0x3fff - 127, 0x3fff + 127, 0x3fff + 128, 0x3fff - 149, 0x3fff - 1074,
];

/** Writes an 80-bit value, any of the kinds of SDM vol. 1 table 8-3, unsupported ones too. */
export function float80(r: Random, out: DataView, at: number): void {
  let mantissa = r.chance(0.5) ? r.pick(MANTISSAS) : r.u64();
  let exponent = r.chance(0.3) ? r.pick(EXPONENTS) : r.chance(0.15) ? r.below(0x8000) : 0x3fff - 40 + r.below(110);
  switch (r.below(10)) {
    case 0: mantissa = 0n; exponent = 0; break;
    case 1: mantissa = 1n << 63n; exponent = 0x7fff; break; // infinity
    case 2: { // a small integer or half
      const n = BigInt(1 + r.below(1000));
      const shift = BigInt(63 - n.toString(2).length + 1);
      mantissa = n << shift;
      exponent = 0x3fff + 63 - Number(shift) - r.below(2);
      break;
    }
    case 3: break; // whatever it is: unnormals, pseudo-infinities, pseudo-denormals
    default: if (exponent !== 0) mantissa |= 1n << 63n;
  }
  out.setBigUint64(at, mantissa, true);
  out.setUint16(at + 8, exponent | (r.chance(0.4) ? 0x8000 : 0), true);
}

export type LaneKind = 'int' | 'f16' | 'f32' | 'f64' | 'f80' | 'bcd' | 'text';

/** Fills `length` bytes with lanes of one kind. */
export function fill(r: Random, kind: LaneKind, out: DataView, at: number, length: number): void {
  const put = (i: number, value: bigint, size: number): void => {
    for (let k = 0; k < size && i + k < length; k++) out.setUint8(at + i + k, Number((value >> BigInt(8 * k)) & 0xffn));
  };
  switch (kind) {
    case 'int': {
      const size = r.pick([1, 2, 4, 8]);
      for (let i = 0; i < length; i += size) put(i, integer(r), size);
      break;
    }
    case 'f16': for (let i = 0; i < length; i += 2) put(i, BigInt(r.chance(0.4) ? r.pick(F16) : r.u32() & 0xffff), 2); break;
    case 'f32': for (let i = 0; i < length; i += 4) put(i, BigInt(float32(r)), 4); break;
    case 'f64': for (let i = 0; i < length; i += 8) put(i, float64(r), 8); break;
    case 'f80':
      if (length >= 10) float80(r, out, at);
      else fill(r, length === 4 ? 'f32' : length === 8 && r.chance(0.7) ? 'f64' : 'int', out, at, length);
      break;
    case 'bcd':
      for (let i = 0; i < length; i++) out.setUint8(at + i, i === 9 ? r.pick([0, 0x80, 0x7f]) : r.below(10) * 16 + r.below(10));
      if (r.chance(0.1)) out.setUint8(at + r.below(length), r.u32());
      break;
    case 'text': { // few different characters, so that string compares find something
      const wide = r.chance(0.4) ? 2 : 1;
      for (let i = 0; i < length; i += wide) put(i, r.chance(0.06) ? 0n : r.chance(0.1) ? integer(r) : BigInt(0x61 + r.below(4)), wide);
    }
  }
}
