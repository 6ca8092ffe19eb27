import { gathered } from './lanes.ts';
import { at32, type VectorTable } from './types.ts';

/** Bitwise operations, and moves of whole halves. */
export const logic: VectorTable = {
  'v128.and': ({ i32 }, op, next) => {
    const d = at32(op.d);
    const a = at32(op.a);
    const b = at32(op.b);
    return () => {
      i32[d] = i32[a] & i32[b];
      i32[d + 1] = i32[a + 1] & i32[b + 1];
      i32[d + 2] = i32[a + 2] & i32[b + 2];
      i32[d + 3] = i32[a + 3] & i32[b + 3];
      return next();
    };
  },
  'v128.or': ({ i32 }, op, next) => {
    const d = at32(op.d);
    const a = at32(op.a);
    const b = at32(op.b);
    return () => {
      i32[d] = i32[a] | i32[b];
      i32[d + 1] = i32[a + 1] | i32[b + 1];
      i32[d + 2] = i32[a + 2] | i32[b + 2];
      i32[d + 3] = i32[a + 3] | i32[b + 3];
      return next();
    };
  },
  'v128.xor': ({ i32 }, op, next) => {
    const d = at32(op.d);
    const a = at32(op.a);
    const b = at32(op.b);
    if (a === b) {
      return () => {
        i32[d] = i32[d + 1] = i32[d + 2] = i32[d + 3] = 0;
        return next();
      };
    }
    return () => {
      i32[d] = i32[a] ^ i32[b];
      i32[d + 1] = i32[a + 1] ^ i32[b + 1];
      i32[d + 2] = i32[a + 2] ^ i32[b + 2];
      i32[d + 3] = i32[a + 3] ^ i32[b + 3];
      return next();
    };
  },
  /** a & ~b */
  'v128.andnot': ({ i32 }, op, next) => {
    const d = at32(op.d);
    const a = at32(op.a);
    const b = at32(op.b);
    return () => {
      i32[d] = i32[a] & ~i32[b];
      i32[d + 1] = i32[a + 1] & ~i32[b + 1];
      i32[d + 2] = i32[a + 2] & ~i32[b + 2];
      i32[d + 3] = i32[a + 3] & ~i32[b + 3];
      return next();
    };
  },
  /** The low 64 bits of a, zero above. */
  'v128.low64': ({ i32 }, op, next) => {
    const d = at32(op.d);
    const a = at32(op.a);
    return () => {
      i32[d] = i32[a];
      i32[d + 1] = i32[a + 1];
      i32[d + 2] = i32[d + 3] = 0;
      return next();
    };
  },
  /** Shifts by imm bytes; 16 and more give zero. */
  'v128.shl_bytes': gathered((a, _b, d, imm) => {
    for (let i = 0; i < 16; i++) d[i] = i >= imm ? a[i - imm] : 0;
  }),
  'v128.shr_bytes': gathered((a, _b, d, imm) => {
    for (let i = 0; i < 16; i++) d[i] = i + imm < 16 ? a[i + imm] : 0;
  }),
  /** ZF (0x40) if a & b is zero, CF (1) if ~a & b is. */
  'ptest': ({ i32 }, op, next) => {
    const d = at32(op.d);
    const a = at32(op.a);
    const b = at32(op.b);
    return () => {
      let and = 0;
      let andnot = 0;
      for (let i = 0; i < 4; i++) {
        and |= i32[a + i] & i32[b + i];
        andnot |= ~i32[a + i] & i32[b + i];
      }
      i32[d] = (and === 0 ? 0x40 : 0) | (andnot === 0 ? 1 : 0);
      i32[d + 1] = i32[d + 2] = i32[d + 3] = 0;
      return next();
    };
  },
  /** The sign bits of all lanes, in the low 32 bits of d. */
  'i8x16.bitmask': ({ i32 }, op, next) => {
    const d = at32(op.d);
    const a = at32(op.a);
    // gathers bits 7, 15, 23, 31 of a word into bits 28 to 31
    const four = (x: number): number => Math.imul((x >>> 7) & 0x01010101, 0x10204080) >>> 28;
    return () => {
      const mask = four(i32[a]) | (four(i32[a + 1]) << 4) | (four(i32[a + 2]) << 8) | (four(i32[a + 3]) << 12);
      i32[d] = mask;
      i32[d + 1] = i32[d + 2] = i32[d + 3] = 0;
      return next();
    };
  },
  'i32x4.bitmask': ({ i32 }, op, next) => {
    const d = at32(op.d);
    const a = at32(op.a);
    return () => {
      const mask = (i32[a] >>> 31) | ((i32[a + 1] >>> 31) << 1) | ((i32[a + 2] >>> 31) << 2) | ((i32[a + 3] >>> 31) << 3);
      i32[d] = mask;
      i32[d + 1] = i32[d + 2] = i32[d + 3] = 0;
      return next();
    };
  },
  'i64x2.bitmask': ({ i32 }, op, next) => {
    const d = at32(op.d);
    const a = at32(op.a);
    return () => {
      const mask = (i32[a + 1] >>> 31) | ((i32[a + 3] >>> 31) << 1);
      i32[d] = mask;
      i32[d + 1] = i32[d + 2] = i32[d + 3] = 0;
      return next();
    };
  },
};
