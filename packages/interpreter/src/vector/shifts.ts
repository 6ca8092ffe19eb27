import { words } from './lanes.ts';
import { at32, at64, at16, type VectorEmitter, type VectorTable } from './types.ts';

/**
 * Shifts of all lanes by one count: the constant imm, or (names ending in _by) the low 64 bits of b, unsigned.
 * Counts of the lane's width and more give zero, or the sign in arithmetic shifts.
 */
type Lanes = (views: Parameters<VectorEmitter>[0], d: number, a: number) => (count: number) => void;

const lanes16 = (f: (x: number, n: number) => number, limit: number): Lanes => ({ u16 }, ds, as) => {
  const d = at16(ds);
  const a = at16(as);
  return (count) => {
    for (let i = 0; i < 8; i++) u16[d + i] = count < 16 ? f(u16[a + i], count) : limit === 0 ? 0 : f(u16[a + i], limit);
  };
};
const lanes32 = (f: (x: number, n: number) => number, limit: number): Lanes => ({ i32 }, ds, as) => {
  const d = at32(ds);
  const a = at32(as);
  return (count) => {
    for (let i = 0; i < 4; i++) i32[d + i] = count < 32 ? f(i32[a + i], count) : limit === 0 ? 0 : f(i32[a + i], limit);
  };
};
const lanes64 = (f: (x: bigint, n: bigint) => bigint): Lanes => ({ u64 }, ds, as) => {
  const d = at64(ds);
  const a = at64(as);
  return (count) => {
    const n = BigInt(count);
    u64[d] = count < 64 ? f(u64[a], n) : 0n;
    u64[d + 1] = count < 64 ? f(u64[a + 1], n) : 0n;
  };
};

const KINDS: Readonly<Record<string, Lanes>> = {
  'i16x8.shl': lanes16((x, n) => x << n, 0),
  'i16x8.shr_u': lanes16((x, n) => x >>> n, 0),
  'i16x8.shr_s': lanes16((x, n) => (x << 16) >> (16 + n), 15),
  'i32x4.shl': lanes32((x, n) => x << n, 0),
  'i32x4.shr_u': lanes32((x, n) => x >>> n, 0),
  'i32x4.shr_s': lanes32((x, n) => x >> n, 31),
  'i64x2.shl': lanes64((x, n) => x << n),
  'i64x2.shr_u': lanes64((x, n) => x >> n),
};

const byConstant = (lanes: Lanes): VectorEmitter => (cpu, op, next) => {
  const shift = lanes(cpu, op.d, op.a);
  const { imm } = op;
  return () => {
    shift(imm);
    return next();
  };
};
const byOperand = (lanes: Lanes): VectorEmitter => (cpu, op, next) => {
  const shift = lanes(cpu, op.d, op.a);
  const { u32 } = cpu;
  const b = at32(op.b);
  return () => {
    shift(u32[b + 1] !== 0 || u32[b] > 64 ? 64 : u32[b]);
    return next();
  };
};

/** Lanes by the lanes of b, unsigned. */
const each64 = (f: (x: bigint, n: bigint) => bigint): VectorEmitter => ({ u64 }, op, next) => {
  const [d, a, b] = [at64(op.d), at64(op.a), at64(op.b)];
  return () => {
    for (let i = 0; i < 2; i++) u64[d + i] = u64[b + i] < 64n ? f(u64[a + i], u64[b + i]) : 0n;
    return next();
  };
};

export const shifts: VectorTable = {
  ...Object.fromEntries(Object.entries(KINDS).flatMap(([name, lanes]) => [[name, byConstant(lanes)], [`${name}_by`, byOperand(lanes)]])),
  'i32x4.shl_each': words((x, n) => (n >>> 0 < 32 ? x << n : 0)),
  'i32x4.shr_u_each': words((x, n) => (n >>> 0 < 32 ? x >>> n : 0)),
  'i32x4.shr_s_each': words((x, n) => x >> (n >>> 0 < 32 ? n : 31)),
  'i64x2.shl_each': each64((x, n) => x << n),
  'i64x2.shr_u_each': each64((x, n) => x >> n),
};
