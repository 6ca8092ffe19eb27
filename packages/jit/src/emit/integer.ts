import { isImm, type Cond, type DataOp, type Operand } from '@tally86/decoder';
import { OP } from '../wasm/opcodes.ts';
import { TYPE } from '../wasm/opcodes.ts';
import type { RegionWriter } from './writer.ts';

const BINARY32 = {
  add: OP.i32_add, sub: OP.i32_sub, and: OP.i32_and, or: OP.i32_or, xor: OP.i32_xor, mul: OP.i32_mul,
  shl: OP.i32_shl, shr: OP.i32_shr_u, sar: OP.i32_shr_s, rotl: OP.i32_rotl, rotr: OP.i32_rotr,
} as const;
const BINARY64 = {
  add: OP.i64_add, sub: OP.i64_sub, and: OP.i64_and, or: OP.i64_or, xor: OP.i64_xor, mul: OP.i64_mul,
  shl: OP.i64_shl, shr: OP.i64_shr_u, sar: OP.i64_shr_s, rotl: OP.i64_rotl, rotr: OP.i64_rotr,
} as const;
const COMPARE32: Record<Cond, number> = {
  eq: OP.i32_eq, ne: OP.i32_ne, ltu: OP.i32_lt_u, leu: OP.i32_le_u, gtu: OP.i32_gt_u, geu: OP.i32_ge_u, lts: OP.i32_lt_s, les: OP.i32_le_s, gts: OP.i32_gt_s, ges: OP.i32_ge_s,
};
const COMPARE64: Record<Cond, number> = {
  eq: OP.i64_eq, ne: OP.i64_ne, ltu: OP.i64_lt_u, leu: OP.i64_le_u, gtu: OP.i64_gt_u, geu: OP.i64_ge_u, lts: OP.i64_lt_s, les: OP.i64_le_s, gts: OP.i64_gt_s, ges: OP.i64_ge_s,
};

const isZero = (a: Operand): boolean => isImm(a) && a.lo === 0 && a.hi === 0;

/** Pushes 1 if cond(a, b) holds at a width, else 0. */
export function emitCompare(w: RegionWriter, cond: Cond, width: 32 | 64, a: Operand, b: Operand): void {
  if (width === 32) {
    w.get32(a);
    if ((cond === 'eq' || cond === 'ne') && isImm(b) && b.lo === 0) {
      w.code.op(OP.i32_eqz);
      if (cond === 'ne') w.code.op(OP.i32_eqz);
      return;
    }
    w.get32(b);
    w.code.op(COMPARE32[cond]);
    return;
  }
  w.get(a);
  if (cond === 'eq' && isZero(b)) {
    w.code.op(OP.i64_eqz);
    return;
  }
  w.get(b);
  w.code.op(COMPARE64[cond]);
}

/** Pushes x if the condition on top of the stack is not 0, else y; at width 32 as i32. */
export function emitSelect(w: RegionWriter, width: 32 | 64, d: number, x: Operand, y: Operand): void {
  const { code } = w;
  const t = w.scratch(TYPE.i32, 0);
  code.set(t);
  if (width === 32) {
    w.get32(x);
    w.get32(y);
    code.get(t).op(OP.select);
    w.set32(d);
  } else {
    w.get(x);
    w.get(y);
    code.get(t).op(OP.select);
    w.set(d);
  }
}

/** Pushes the high half of the unsigned or signed 128-bit product: four multiplications of halves. */
function highProduct(w: RegionWriter, a: Operand, b: Operand, signed: boolean): void {
  const { code } = w;
  const x = w.scratch(TYPE.i64, 0);
  const y = w.scratch(TYPE.i64, 1);
  const t = w.scratch(TYPE.i64, 2);
  w.get(a);
  code.set(x);
  w.get(b);
  code.set(y);
  const low = (l: number): void => void code.get(l).i64(-1, 0).op(OP.i64_and);
  const high = (l: number): void => void code.get(l).i64(32).op(OP.i64_shr_u);
  // t = hi(x) * lo(y) + (lo(x) * lo(y) >> 32)
  high(x); low(y); code.op(OP.i64_mul);
  low(x); low(y); code.op(OP.i64_mul).i64(32).op(OP.i64_shr_u).op(OP.i64_add).set(t);
  // hi(x) * hi(y) + hi(t) + (lo(x) * hi(y) + lo(t) >> 32)
  high(x); high(y); code.op(OP.i64_mul);
  high(t); code.op(OP.i64_add);
  low(x); high(y); code.op(OP.i64_mul); low(t); code.op(OP.i64_add).i64(32).op(OP.i64_shr_u).op(OP.i64_add);
  if (signed) {
    // less the other operand for each negative one
    code.get(x).i64(63).op(OP.i64_shr_s).get(y).op(OP.i64_and).op(OP.i64_sub);
    code.get(y).i64(63).op(OP.i64_shr_s).get(x).op(OP.i64_and).op(OP.i64_sub);
  }
}

function bswap32(w: RegionWriter, a: Operand): void {
  const { code } = w;
  w.get32(a);
  code.i32(0x00ff00ff).op(OP.i32_and).i32(8).op(OP.i32_rotr);
  w.get32(a);
  code.i32(0xff00ff00 | 0).op(OP.i32_and).i32(24).op(OP.i32_rotr).op(OP.i32_or);
}
function bswap64(w: RegionWriter, a: Operand): void {
  const { code } = w;
  const t = w.scratch(TYPE.i64, 0);
  w.get(a);
  code.set(t);
  // swap bytes, then 16-bit units, then halves
  code.get(t).i64(8).op(OP.i64_shr_u).i64(0x00ff00ff, 0x00ff00ff).op(OP.i64_and);
  code.get(t).i64(0x00ff00ff, 0x00ff00ff).op(OP.i64_and).i64(8).op(OP.i64_shl).op(OP.i64_or).set(t);
  code.get(t).i64(16).op(OP.i64_shr_u).i64(0x0000ffff, 0x0000ffff).op(OP.i64_and);
  code.get(t).i64(0x0000ffff, 0x0000ffff).op(OP.i64_and).i64(16).op(OP.i64_shl).op(OP.i64_or).i64(32).op(OP.i64_rotl);
}

/** Operations on cells that touch neither memory nor flags. */
export function emitData(w: RegionWriter, op: DataOp): void {
  const { code } = w;
  switch (op.op) {
    case 'add': case 'sub': case 'and': case 'or': case 'xor': case 'mul': case 'shl': case 'shr': case 'sar': case 'rotl': case 'rotr':
      if (op.w === 32) {
        w.get32(op.a);
        w.get32(op.b);
        code.op(BINARY32[op.op]);
        w.set32(op.d);
      } else {
        w.get(op.a);
        w.get(op.b);
        code.op(BINARY64[op.op]);
        w.set(op.d);
      }
      return;
    case 'mulhu': case 'mulhs':
      highProduct(w, op.a, op.b, op.op === 'mulhs');
      w.set(op.d);
      return;
    case 'deposit': {
      const mask = op.len === 8 ? 0xff : 0xffff;
      w.get(op.a);
      code.i64(~(mask << op.pos), -1).op(OP.i64_and);
      w.get(op.b);
      code.i64(mask).op(OP.i64_and);
      if (op.pos !== 0) code.i64(op.pos).op(OP.i64_shl);
      code.op(OP.i64_or);
      w.set(op.d);
      return;
    }
    case 'extract':
      w.get(op.a);
      if (op.pos !== 0) code.i64(op.pos).op(OP.i64_shr_u);
      code.i64(op.len === 8 ? 0xff : 0xffff).op(OP.i64_and);
      w.set(op.d);
      return;
    case 'set':
      emitCompare(w, op.cond, op.w, op.a, op.b);
      w.set32(op.d);
      return;
    case 'select':
      emitCompare(w, op.cond, op.w, op.a, op.b);
      emitSelect(w, 64, op.d, op.x, op.y);
      return;
    default:
      unary(w, op);
  }
}

function unary(w: RegionWriter, { op, w: width, d, a }: Extract<DataOp, { op: 'mov' | 'neg' | 'not' | 'bswap' | 'clz' | 'ctz' | 'popcnt' | 'sext8' | 'sext16' | 'sext32' | 'zext8' | 'zext16' | 'zext32' }>): void {
  const { code } = w;
  const wide = width === 64;
  const get = (): void => (wide ? w.get(a) : w.get32(a));
  const set = (): void => (wide ? w.set(d) : w.set32(d));
  switch (op) {
    case 'mov':
      if (!wide && isImm(a)) {
        code.i64(a.lo, 0);
        w.set(d);
        return;
      }
      get();
      break;
    case 'neg':
      if (wide) code.i64(0); else code.i32(0);
      get();
      code.op(wide ? OP.i64_sub : OP.i32_sub);
      break;
    case 'not':
      get();
      if (wide) code.i64(-1).op(OP.i64_xor); else code.i32(-1).op(OP.i32_xor);
      break;
    case 'bswap':
      if (wide) bswap64(w, a); else bswap32(w, a);
      break;
    case 'clz': get(); code.op(wide ? OP.i64_clz : OP.i32_clz); break;
    case 'ctz': get(); code.op(wide ? OP.i64_ctz : OP.i32_ctz); break;
    case 'popcnt': get(); code.op(wide ? OP.i64_popcnt : OP.i32_popcnt); break;
    case 'sext8': get(); code.op(wide ? OP.i64_extend8_s : OP.i32_extend8_s); break;
    case 'sext16': get(); code.op(wide ? OP.i64_extend16_s : OP.i32_extend16_s); break;
    case 'sext32': get(); if (wide) code.op(OP.i64_extend32_s); break;
    case 'zext8': get(); if (wide) code.i64(0xff).op(OP.i64_and); else code.i32(0xff).op(OP.i32_and); break;
    case 'zext16': get(); if (wide) code.i64(0xffff).op(OP.i64_and); else code.i32(0xffff).op(OP.i32_and); break;
    case 'zext32':
      w.get32(a);
      w.set32(d);
      return;
  }
  set();
}
