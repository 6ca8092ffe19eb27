import { clampS16 } from './arithmetic.ts';
import { gathered, gathered16, gathered32 } from './lanes.ts';
import { at32, at8, type VectorEmitter, type VectorTable } from './types.ts';

const s16 = (x: number): number => (x << 16) >> 16;
const clamp = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x);

/** Lanes of a (or b where the bit of imm is set). */
const blend16: VectorEmitter = gathered16((a, b, d, imm) => {
  for (let i = 0; i < 8; i++) d[i] = (imm >> i) & 1 ? b[i] : a[i];
});
const blend = (lanes: 2 | 4): VectorEmitter => ({ i32 }, op, next) => {
  const d = at32(op.d);
  const a = at32(op.a);
  const b = at32(op.b);
  const from: number[] = [];
  for (let i = 0; i < 4; i++) from.push(((op.imm >> (lanes === 4 ? i : i >> 1)) & 1 ? b : a) + i);
  const [w = 0, x = 0, y = 0, z = 0] = from;
  return () => {
    i32[d] = i32[w];
    i32[d + 1] = i32[x];
    i32[d + 2] = i32[y];
    i32[d + 3] = i32[z];
    return next();
  };
};

/** Lanes of b where the sign bit of the mask's lane is set, else of a. imm is the slot of the mask. */
const blendv = (size: 1 | 4 | 8): VectorEmitter => ({ u8 }, op, next) => {
  const d = at8(op.d);
  const a = at8(op.a);
  const b = at8(op.b);
  const mask = at8(op.imm);
  return () => {
    for (let i = 0; i < 16; i += size) {
      // d may be the mask: its lane is read before it is written
      const from = u8[mask + i + size - 1] >= 128 ? b : a;
      for (let j = i; j < i + size; j++) u8[d + j] = u8[from + j];
    }
    return next();
  };
};

/** Lanes of the low part of a, widened to `to` bytes each. */
const extend = (from: 1 | 2 | 4, to: 2 | 4 | 8, signed: boolean): VectorEmitter => gathered((a, _b, d) => {
  for (let i = 0; i < 16 / to; i++) {
    for (let j = 0; j < from; j++) d[i * to + j] = a[i * from + j];
    const fill = signed && a[i * from + from - 1] >= 128 ? 255 : 0;
    for (let j = from; j < to; j++) d[i * to + j] = fill;
  }
});

/** Moves of lanes. */
export const shuffles: VectorTable = {
  /** [a[imm 1:0], a[imm 3:2], b[imm 5:4], b[imm 7:6]] */
  'i32x4.shuffle': ({ i32 }, op, next) => {
    const { imm } = op;
    const d = at32(op.d);
    const w = at32(op.a) + (imm & 3);
    const x = at32(op.a) + ((imm >> 2) & 3);
    const y = at32(op.b) + ((imm >> 4) & 3);
    const z = at32(op.b) + ((imm >> 6) & 3);
    return () => {
      const p = i32[w];
      const q = i32[x];
      const r = i32[y];
      i32[d + 3] = i32[z];
      i32[d] = p;
      i32[d + 1] = q;
      i32[d + 2] = r;
      return next();
    };
  },
  /** [a[imm 0], b[imm 1]] */
  'i64x2.shuffle': ({ i32 }, op, next) => {
    const d = at32(op.d);
    const x = at32(op.a) + 2 * (op.imm & 1);
    const y = at32(op.b) + (op.imm & 2);
    return () => {
      const p = i32[x];
      const q = i32[x + 1];
      const r = i32[y];
      i32[d + 3] = i32[y + 1];
      i32[d + 2] = r;
      i32[d] = p;
      i32[d + 1] = q;
      return next();
    };
  },
  'i16x8.shuffle_low': gathered16((a, _b, d, imm) => {
    for (let i = 0; i < 4; i++) d[i] = a[(imm >> (2 * i)) & 3];
    for (let i = 4; i < 8; i++) d[i] = a[i];
  }),
  'i16x8.shuffle_high': gathered16((a, _b, d, imm) => {
    for (let i = 0; i < 4; i++) d[i] = a[i];
    for (let i = 0; i < 4; i++) d[i + 4] = a[4 + ((imm >> (2 * i)) & 3)];
  }),
  /** Bytes of a by the numbers in b; bit 7 of a number gives 0. */
  'pshufb': gathered((a, b, d) => {
    for (let i = 0; i < 16; i++) d[i] = b[i] >= 128 ? 0 : a[b[i] & 15];
  }),
  /** Lanes of a by the low bits of the lanes of b; of 64 bits: by the bit above the lowest. */
  'i32x4.permute': gathered32((a, b, d) => {
    for (let i = 0; i < 4; i++) d[i] = a[b[i] & 3];
  }),
  'i64x2.permute': gathered32((a, b, d) => {
    for (let i = 0; i < 4; i += 2) {
      const from = b[i] & 2;
      d[i] = a[from];
      d[i + 1] = a[from + 1];
    }
  }),
  /** The 16 bytes that start imm bytes into b followed by a. */
  'palignr': gathered((a, b, d, imm) => {
    for (let i = 0; i < 16; i++) {
      const k = i + imm;
      d[i] = k < 16 ? b[k] : k < 32 ? a[k - 16] : 0;
    }
  }),
  'i16x8.blend': blend16,
  'i32x4.blend': blend(4),
  'i64x2.blend': blend(2),
  'i8x16.blendv': blendv(1),
  'i32x4.blendv': blendv(4),
  'i64x2.blendv': blendv(8),

  // lanes of a and b in turn
  'i8x16.unpack_low': gathered((a, b, d) => {
    for (let i = 0; i < 8; i++) {
      d[2 * i] = a[i];
      d[2 * i + 1] = b[i];
    }
  }),
  'i8x16.unpack_high': gathered((a, b, d) => {
    for (let i = 0; i < 8; i++) {
      d[2 * i] = a[8 + i];
      d[2 * i + 1] = b[8 + i];
    }
  }),
  'i16x8.unpack_low': gathered16((a, b, d) => {
    for (let i = 0; i < 4; i++) {
      d[2 * i] = a[i];
      d[2 * i + 1] = b[i];
    }
  }),
  'i16x8.unpack_high': gathered16((a, b, d) => {
    for (let i = 0; i < 4; i++) {
      d[2 * i] = a[4 + i];
      d[2 * i + 1] = b[4 + i];
    }
  }),
  'i32x4.unpack_low': gathered32((a, b, d) => {
    d[0] = a[0];
    d[1] = b[0];
    d[2] = a[1];
    d[3] = b[1];
  }),
  'i32x4.unpack_high': gathered32((a, b, d) => {
    d[0] = a[2];
    d[1] = b[2];
    d[2] = a[3];
    d[3] = b[3];
  }),
  'i64x2.unpack_low': (cpu, op, next) => shuffles['i64x2.shuffle'](cpu, { ...op, imm: 0 }, next),
  'i64x2.unpack_high': (cpu, op, next) => shuffles['i64x2.shuffle'](cpu, { ...op, imm: 3 }, next),

  // saturated: the lanes of a, then those of b; sources are signed
  'i8x16.narrow_i16x8_s': gathered16((a, b, d) => narrowBytes(a, b, d, -128, 127)),
  'i8x16.narrow_i16x8_u': gathered16((a, b, d) => narrowBytes(a, b, d, 0, 255)),
  'i16x8.narrow_i32x4_s': gathered32((a, b, d) => {
    d[0] = (clampS16(a[0]) & 0xffff) | (clampS16(a[1]) << 16);
    d[1] = (clampS16(a[2]) & 0xffff) | (clampS16(a[3]) << 16);
    d[2] = (clampS16(b[0]) & 0xffff) | (clampS16(b[1]) << 16);
    d[3] = (clampS16(b[2]) & 0xffff) | (clampS16(b[3]) << 16);
  }),
  'i16x8.narrow_i32x4_u': gathered32((a, b, d) => {
    d[0] = clamp(a[0], 0, 65535) | (clamp(a[1], 0, 65535) << 16);
    d[1] = clamp(a[2], 0, 65535) | (clamp(a[3], 0, 65535) << 16);
    d[2] = clamp(b[0], 0, 65535) | (clamp(b[1], 0, 65535) << 16);
    d[3] = clamp(b[2], 0, 65535) | (clamp(b[3], 0, 65535) << 16);
  }),
  'i16x8.extend_i8x16_s': extend(1, 2, true),
  'i16x8.extend_i8x16_u': extend(1, 2, false),
  'i32x4.extend_i8x16_s': extend(1, 4, true),
  'i32x4.extend_i8x16_u': extend(1, 4, false),
  'i64x2.extend_i8x16_s': extend(1, 8, true),
  'i64x2.extend_i8x16_u': extend(1, 8, false),
  'i32x4.extend_i16x8_s': extend(2, 4, true),
  'i32x4.extend_i16x8_u': extend(2, 4, false),
  'i64x2.extend_i16x8_s': extend(2, 8, true),
  'i64x2.extend_i16x8_u': extend(2, 8, false),
  'i64x2.extend_i32x4_s': extend(4, 8, true),
  'i64x2.extend_i32x4_u': extend(4, 8, false),
};

function narrowBytes(a: Uint16Array, b: Uint16Array, d: Uint16Array, low: number, high: number): void {
  for (let i = 0; i < 8; i++) {
    const from = i < 4 ? a : b;
    const k = (2 * i) & 7;
    d[i] = (clamp(s16(from[k]), low, high) & 0xff) | ((clamp(s16(from[k + 1]), low, high) & 0xff) << 8);
  }
}
