import { at16, at32, at64, at8, type VectorEmitter } from './types.ts';

/** Emitters for operations that treat all lanes alike, from the meaning of one lane. Values are what the typed arrays give. */
type Binary = (x: number, y: number) => number;

/** Both operands as four words of 32 bits, signed. */
export const words = (f: Binary): VectorEmitter => ({ i32 }, op, next) => {
  const d = at32(op.d);
  const a = at32(op.a);
  const b = at32(op.b);
  return () => {
    i32[d] = f(i32[a], i32[b]);
    i32[d + 1] = f(i32[a + 1], i32[b + 1]);
    i32[d + 2] = f(i32[a + 2], i32[b + 2]);
    i32[d + 3] = f(i32[a + 3], i32[b + 3]);
    return next();
  };
};

/** Lanes of 8 bits, unsigned. */
export const bytes = (f: Binary): VectorEmitter => ({ u8 }, op, next) => {
  const d = at8(op.d);
  const a = at8(op.a);
  const b = at8(op.b);
  return () => {
    for (let i = 0; i < 16; i++) u8[d + i] = f(u8[a + i], u8[b + i]);
    return next();
  };
};
/** Lanes of 8 bits, signed. */
export const signedBytes = (f: Binary): VectorEmitter => bytes((x, y) => f((x << 24) >> 24, (y << 24) >> 24));

/** Lanes of 16 bits, unsigned. */
export const halves = (f: Binary): VectorEmitter => ({ u16 }, op, next) => {
  const d = at16(op.d);
  const a = at16(op.a);
  const b = at16(op.b);
  return () => {
    for (let i = 0; i < 8; i++) u16[d + i] = f(u16[a + i], u16[b + i]);
    return next();
  };
};
/** Lanes of 16 bits, signed. */
export const signedHalves = (f: Binary): VectorEmitter => halves((x, y) => f((x << 16) >> 16, (y << 16) >> 16));

/** Lanes of 64 bits, signed. */
export const quads = (f: (x: bigint, y: bigint) => bigint): VectorEmitter => ({ i64 }, op, next) => {
  const d = at64(op.d);
  const a = at64(op.a);
  const b = at64(op.b);
  return () => {
    i64[d] = f(i64[a], i64[b]);
    i64[d + 1] = f(i64[a + 1], i64[b + 1]);
    return next();
  };
};

/** The 16 bytes of each operand, copied first, so that a result may be written in any order. */
export const gathered = (f: (a: Uint8Array, b: Uint8Array, d: Uint8Array, imm: number) => void): VectorEmitter => ({ u8 }, op, next) => {
  const { imm } = op;
  const d = u8.subarray(at8(op.d), at8(op.d) + 16);
  const a = u8.subarray(at8(op.a), at8(op.a) + 16);
  const b = u8.subarray(at8(op.b), at8(op.b) + 16);
  const x = new Uint8Array(16);
  const y = new Uint8Array(16);
  return () => {
    x.set(a);
    y.set(b);
    f(x, y, d, imm);
    return next();
  };
};

/** The same with 16-bit lanes. */
export const gathered16 = (f: (a: Uint16Array, b: Uint16Array, d: Uint16Array, imm: number) => void): VectorEmitter => ({ u16 }, op, next) => {
  const { imm } = op;
  const d = u16.subarray(at16(op.d), at16(op.d) + 8);
  const a = u16.subarray(at16(op.a), at16(op.a) + 8);
  const b = u16.subarray(at16(op.b), at16(op.b) + 8);
  const x = new Uint16Array(8);
  const y = new Uint16Array(8);
  return () => {
    x.set(a);
    y.set(b);
    f(x, y, d, imm);
    return next();
  };
};

/** The same with 32-bit lanes, signed. */
export const gathered32 = (f: (a: Int32Array, b: Int32Array, d: Int32Array, imm: number) => void): VectorEmitter => ({ i32 }, op, next) => {
  const { imm } = op;
  const d = i32.subarray(at32(op.d), at32(op.d) + 4);
  const a = i32.subarray(at32(op.a), at32(op.a) + 4);
  const b = i32.subarray(at32(op.b), at32(op.b) + 4);
  const x = new Int32Array(4);
  const y = new Int32Array(4);
  return () => {
    x.set(a);
    y.set(b);
    f(x, y, d, imm);
    return next();
  };
};
