import { bytes, gathered, gathered16, gathered32, halves, quads, signedBytes, signedHalves, words } from './lanes.ts';
import { at16, at32, at64, type VectorTable } from './types.ts';

// Lanes inside of 32-bit words (SWAR): carries are kept from crossing lanes by working on the bits below each lane's top bit.
const add8 = (x: number, y: number): number => ((x & 0x7f7f7f7f) + (y & 0x7f7f7f7f)) ^ ((x ^ y) & 0x80808080);
const add16 = (x: number, y: number): number => ((x & 0x7fff7fff) + (y & 0x7fff7fff)) ^ ((x ^ y) & 0x80008000);
const sub8 = (x: number, y: number): number => ((x | 0x80808080) - (y & 0x7f7f7f7f)) ^ ((x ^ ~y) & 0x80808080);
const sub16 = (x: number, y: number): number => ((x | 0x80008000) - (y & 0x7fff7fff)) ^ ((x ^ ~y) & 0x80008000);
/** 0xff in each byte where x and y are equal. */
const eq8 = (x: number, y: number): number => {
  const z = x ^ y;
  const t = ~(((z & 0x7f7f7f7f) + 0x7f7f7f7f) | z | 0x7f7f7f7f);
  return Math.imul(t >>> 7, 255);
};
const eq16 = (x: number, y: number): number => {
  const z = x ^ y;
  return ((z & 0xffff) === 0 ? 0xffff : 0) | (z >>> 16 === 0 ? -65536 : 0);
};

const clampS8 = (x: number): number => (x > 127 ? 127 : x < -128 ? -128 : x);
const clampU8 = (x: number): number => (x > 255 ? 255 : x < 0 ? 0 : x);
export const clampS16 = (x: number): number => (x > 32767 ? 32767 : x < -32768 ? -32768 : x);
const clampU16 = (x: number): number => (x > 65535 ? 65535 : x < 0 ? 0 : x);
const min = (x: number, y: number): number => (x < y ? x : y);
const max = (x: number, y: number): number => (x > y ? x : y);
const average = (x: number, y: number): number => (x + y + 1) >> 1;
const sign = (x: number, y: number): number => (y < 0 ? -x : y === 0 ? 0 : x);
const s16 = (x: number): number => (x << 16) >> 16;

/** Additions, products, comparisons: lane by lane. */
export const arithmetic: VectorTable = {
  'i8x16.add': ({ i32 }, op, next) => {
    const d = at32(op.d);
    const a = at32(op.a);
    const b = at32(op.b);
    return () => {
      i32[d] = add8(i32[a], i32[b]);
      i32[d + 1] = add8(i32[a + 1], i32[b + 1]);
      i32[d + 2] = add8(i32[a + 2], i32[b + 2]);
      i32[d + 3] = add8(i32[a + 3], i32[b + 3]);
      return next();
    };
  },
  'i16x8.add': words(add16),
  'i32x4.add': ({ i32 }, op, next) => {
    const d = at32(op.d);
    const a = at32(op.a);
    const b = at32(op.b);
    return () => {
      i32[d] = i32[a] + i32[b];
      i32[d + 1] = i32[a + 1] + i32[b + 1];
      i32[d + 2] = i32[a + 2] + i32[b + 2];
      i32[d + 3] = i32[a + 3] + i32[b + 3];
      return next();
    };
  },
  'i64x2.add': ({ i64 }, op, next) => {
    const d = at64(op.d);
    const a = at64(op.a);
    const b = at64(op.b);
    return () => {
      i64[d] = i64[a] + i64[b];
      i64[d + 1] = i64[a + 1] + i64[b + 1];
      return next();
    };
  },
  'i8x16.sub': words(sub8),
  'i16x8.sub': words(sub16),
  'i32x4.sub': words((x, y) => x - y),
  'i64x2.sub': ({ i64 }, op, next) => {
    const d = at64(op.d);
    const a = at64(op.a);
    const b = at64(op.b);
    return () => {
      i64[d] = i64[a] - i64[b];
      i64[d + 1] = i64[a + 1] - i64[b + 1];
      return next();
    };
  },
  'i8x16.add_sat_s': signedBytes((x, y) => clampS8(x + y)),
  'i8x16.add_sat_u': bytes((x, y) => clampU8(x + y)),
  'i16x8.add_sat_s': signedHalves((x, y) => clampS16(x + y)),
  'i16x8.add_sat_u': halves((x, y) => clampU16(x + y)),
  'i8x16.sub_sat_s': signedBytes((x, y) => clampS8(x - y)),
  'i8x16.sub_sat_u': bytes((x, y) => clampU8(x - y)),
  'i16x8.sub_sat_s': signedHalves((x, y) => clampS16(x - y)),
  'i16x8.sub_sat_u': halves((x, y) => clampU16(x - y)),

  'i16x8.mul': halves((x, y) => Math.imul(x, y)),
  'i16x8.mulhi_s': signedHalves((x, y) => Math.imul(x, y) >> 16),
  'i16x8.mulhi_u': halves((x, y) => Math.imul(x, y) >>> 16),
  /** Rounded product of fractions; −1 × −1 gives −1 (Wasm's saturating form does not). */
  'i16x8.q15mulr': signedHalves((x, y) => ((Math.imul(x, y) >> 14) + 1) >> 1),
  'i32x4.mul': words(Math.imul),
  /** Full products of the even 32-bit lanes. */
  'i64x2.mul_even_u': quads((x, y) => (x & 0xffff_ffffn) * (y & 0xffff_ffffn)),
  'i64x2.mul_even_s': quads((x, y) => BigInt.asIntN(32, x) * BigInt.asIntN(32, y)),
  /** Sums of neighbouring products of signed 16-bit lanes; the one overflow wraps. */
  'i32x4.dot_i16x8_s': words((x, y) => Math.imul(s16(x), s16(y)) + Math.imul(x >> 16, y >> 16)),
  /** Saturated sums of neighbouring products of unsigned bytes (a) and signed bytes (b). */
  'pmaddubsw': halves((x, y) => clampS16((x & 0xff) * ((y << 24) >> 24) + (x >> 8) * ((y << 16) >> 24))),
  'psadbw': gathered16((a, b, d) => {
    for (let half = 0; half < 8; half += 4) {
      let sum = 0;
      for (let i = half; i < half + 4; i++) sum += Math.abs((a[i] & 0xff) - (b[i] & 0xff)) + Math.abs((a[i] >> 8) - (b[i] >> 8));
      d[half] = sum;
      d[half + 1] = d[half + 2] = d[half + 3] = 0;
    }
  }),
  /** Sums of absolute differences of 4 bytes: imm bits 0 and 1 choose 4 bytes of b, bit 2 the first of 11 bytes of a. */
  'mpsadbw': gathered((a, b, d, imm) => {
    const from = (imm & 4) !== 0 ? 4 : 0;
    const block = (imm & 3) * 4;
    for (let i = 0; i < 8; i++) {
      let sum = 0;
      for (let j = 0; j < 4; j++) sum += Math.abs(a[from + i + j] - b[block + j]);
      d[2 * i] = sum;
      d[2 * i + 1] = sum >> 8;
    }
  }),

  'i8x16.avgr_u': bytes(average),
  'i16x8.avgr_u': halves(average),
  'i8x16.min_s': signedBytes(min),
  'i8x16.min_u': bytes(min),
  'i16x8.min_s': signedHalves(min),
  'i16x8.min_u': halves(min),
  'i32x4.min_s': words(min),
  'i32x4.min_u': words((x, y) => (x >>> 0 < y >>> 0 ? x : y)),
  'i8x16.max_s': signedBytes(max),
  'i8x16.max_u': bytes(max),
  'i16x8.max_s': signedHalves(max),
  'i16x8.max_u': halves(max),
  'i32x4.max_s': words(max),
  'i32x4.max_u': words((x, y) => (x >>> 0 > y >>> 0 ? x : y)),
  'i8x16.abs': signedBytes((x) => Math.abs(x)),
  'i16x8.abs': signedHalves((x) => Math.abs(x)),
  'i32x4.abs': words((x) => (x < 0 ? -x : x)),
  'i8x16.sign': signedBytes(sign),
  'i16x8.sign': signedHalves(sign),
  'i32x4.sign': words(sign),

  'i8x16.eq': ({ i32 }, op, next) => {
    const d = at32(op.d);
    const a = at32(op.a);
    const b = at32(op.b);
    return () => {
      i32[d] = eq8(i32[a], i32[b]);
      i32[d + 1] = eq8(i32[a + 1], i32[b + 1]);
      i32[d + 2] = eq8(i32[a + 2], i32[b + 2]);
      i32[d + 3] = eq8(i32[a + 3], i32[b + 3]);
      return next();
    };
  },
  'i16x8.eq': words(eq16),
  'i32x4.eq': words((x, y) => (x === y ? -1 : 0)),
  'i64x2.eq': quads((x, y) => (x === y ? -1n : 0n)),
  'i8x16.gt_s': signedBytes((x, y) => (x > y ? -1 : 0)),
  'i16x8.gt_s': signedHalves((x, y) => (x > y ? -1 : 0)),
  'i32x4.gt_s': words((x, y) => (x > y ? -1 : 0)),
  'i64x2.gt_s': quads((x, y) => (x > y ? -1n : 0n)),

  // neighbouring lanes of a, then of b
  'i16x8.hadd': gathered16((a, b, d) => pairs(a, b, d, (x, y) => x + y)),
  'i16x8.hsub': gathered16((a, b, d) => pairs(a, b, d, (x, y) => x - y)),
  'i16x8.hadd_sat_s': gathered16((a, b, d) => pairs(a, b, d, (x, y) => clampS16(s16(x) + s16(y)))),
  'i16x8.hsub_sat_s': gathered16((a, b, d) => pairs(a, b, d, (x, y) => clampS16(s16(x) - s16(y)))),
  'i32x4.hadd': gathered32((a, b, d) => pairs(a, b, d, (x, y) => x + y)),
  'i32x4.hsub': gathered32((a, b, d) => pairs(a, b, d, (x, y) => x - y)),

  /** The smallest unsigned 16-bit lane of a and the number of the first lane that has it; zero above. */
  'phminposuw': ({ u16, i32 }, op, next) => {
    const d = at32(op.d);
    const a = at16(op.a);
    return () => {
      let least = 0x10000;
      let index = 0;
      for (let i = 0; i < 8; i++) {
        if (u16[a + i] < least) {
          least = u16[a + i];
          index = i;
        }
      }
      i32[d] = least | (index << 16);
      i32[d + 1] = i32[d + 2] = i32[d + 3] = 0;
      return next();
    };
  },
};

function pairs(a: Uint16Array | Int32Array, b: Uint16Array | Int32Array, d: Uint16Array | Int32Array, f: (x: number, y: number) => number): void {
  const half = a.length >> 1;
  for (let i = 0; i < half; i++) {
    d[i] = f(a[2 * i], a[2 * i + 1]);
    d[half + i] = f(b[2 * i], b[2 * i + 1]);
  }
}
