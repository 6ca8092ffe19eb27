import { isImm, type BinaryIr, type IrOp, type Operand, type UnaryIr, type WideIr } from '@tally86/decoder';
import type { Next } from '../block.ts';
import { CONST_A, type Machine } from '../machine.ts';

type Op<K extends IrOp['op']> = Extract<IrOp, { op: K }>;

function popcount(x: number): number {
  x -= (x >>> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
function bswap32(x: number): number {
  return (x << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24);
}
const ctz32 = (x: number): number => (x === 0 ? 32 : 31 - Math.clz32(x & -x));

/** High halves of 64×64-bit products, by 32-bit parts in BigInt. */
const M64 = 0xffff_ffff_ffff_ffffn;

/** Emitters of integer data operations. 64-bit arithmetic is on BigInt cells, which V8 keeps in machine registers. */
export function integerEmitters(m: Machine) {
  const { i32, u32, u64, i64 } = m.cpu;

  /** Puts a constant into a private cell ahead of an operation that has no immediate form there. */
  function cellOf(a: Operand, cell: number, wrap: { pre: (() => void) | null }): number {
    if (!isImm(a)) return a;
    const { lo, hi } = a;
    const before = wrap.pre;
    const c = 2 * cell;
    wrap.pre = () => {
      before?.();
      i32[c] = lo;
      i32[c + 1] = hi;
    };
    return cell;
  }
  function withPre(wrap: { pre: (() => void) | null }, f: Next): Next {
    const { pre } = wrap;
    return pre === null ? f : () => (pre(), f());
  }

  function binary(op: BinaryIr, next: Next): Next {
    const wrap = { pre: null };
    const a = cellOf(op.a, CONST_A, wrap);
    const f = op.w === 64 ? binary64(op.op, op.d, a, op.b, next) : binary32(op.op, 2 * op.d, 2 * a, op.b, next);
    return withPre(wrap, f);
  }

  function binary64(name: string, d: number, a: number, b: Operand, next: Next): Next {
    if (isImm(b)) {
      const k = b.imm;
      const n = BigInt(b.lo & 63);
      switch (name) {
        case 'add': return () => { u64[d] = u64[a]! + k; return next(); };
        case 'sub': return () => { u64[d] = u64[a]! - k; return next(); };
        case 'and': {
          const { lo, hi } = b; const d2 = 2 * d; const a2 = 2 * a;
          return () => { i32[d2] = i32[a2]! & lo; i32[d2 + 1] = i32[a2 + 1]! & hi; return next(); };
        }
        case 'or': return () => { u64[d] = u64[a]! | k; return next(); };
        case 'xor': return () => { u64[d] = u64[a]! ^ k; return next(); };
        case 'mul': return () => { u64[d] = u64[a]! * k; return next(); };
        case 'shl': {
          const s = b.lo & 63; const d2 = 2 * d; const a2 = 2 * a;
          if (s === 0) return () => { u64[d] = u64[a]!; return next(); };
          if (s >= 32) return () => { i32[d2 + 1] = i32[a2]! << (s - 32); i32[d2] = 0; return next(); };
          return () => { const lo = i32[a2]!; i32[d2 + 1] = (i32[a2 + 1]! << s) | (lo >>> (32 - s)); i32[d2] = lo << s; return next(); };
        }
        case 'shr': {
          const s = b.lo & 63; const d2 = 2 * d; const a2 = 2 * a;
          if (s === 0) return () => { u64[d] = u64[a]!; return next(); };
          if (s >= 32) return () => { i32[d2] = i32[a2 + 1]! >>> (s - 32); i32[d2 + 1] = 0; return next(); };
          return () => { const hi = i32[a2 + 1]!; i32[d2] = (i32[a2]! >>> s) | (hi << (32 - s)); i32[d2 + 1] = hi >>> s; return next(); };
        }
        case 'sar': {
          const s = b.lo & 63; const d2 = 2 * d; const a2 = 2 * a;
          if (s === 0) return () => { u64[d] = u64[a]!; return next(); };
          if (s >= 32) return () => { const hi = i32[a2 + 1]!; i32[d2] = hi >> (s - 32); i32[d2 + 1] = hi >> 31; return next(); };
          return () => { const hi = i32[a2 + 1]!; i32[d2] = (i32[a2]! >>> s) | (hi << (32 - s)); i32[d2 + 1] = hi >> s; return next(); };
        }
        case 'rotl': { const r = 64n - n; return () => { const v = u64[a]!; u64[d] = (v << n) | (v >> r); return next(); }; }
        case 'rotr': { const r = 64n - n; return () => { const v = u64[a]!; u64[d] = (v >> n) | (v << r); return next(); }; }
        default: throw new Error(name);
      }
    }
    const b2 = 2 * b;
    switch (name) {
      case 'add': return () => { u64[d] = u64[a]! + u64[b]!; return next(); };
      case 'sub': return () => { u64[d] = u64[a]! - u64[b]!; return next(); };
      case 'and': return () => { u64[d] = u64[a]! & u64[b]!; return next(); };
      case 'or': return () => { u64[d] = u64[a]! | u64[b]!; return next(); };
      case 'xor': return () => { u64[d] = u64[a]! ^ u64[b]!; return next(); };
      case 'mul': return () => { u64[d] = u64[a]! * u64[b]!; return next(); };
      case 'shl': return () => { u64[d] = u64[a]! << BigInt(i32[b2]! & 63); return next(); };
      case 'shr': return () => { u64[d] = u64[a]! >> BigInt(i32[b2]! & 63); return next(); };
      case 'sar': return () => { i64[d] = i64[a]! >> BigInt(i32[b2]! & 63); return next(); };
      case 'rotl': return () => { const n = i32[b2]! & 63; const v = u64[a]!; u64[d] = (v << BigInt(n)) | (v >> BigInt(64 - n)); return next(); };
      case 'rotr': return () => { const n = i32[b2]! & 63; const v = u64[a]!; u64[d] = (v >> BigInt(n)) | (v << BigInt(64 - n)); return next(); };
      default: throw new Error(name);
    }
  }

  function binary32(name: string, d: number, a: number, b: Operand, next: Next): Next {
    const h = d + 1;
    if (isImm(b)) {
      const k = b.lo;
      const n = k & 31;
      switch (name) {
        case 'add': return () => { i32[d] = i32[a]! + k; i32[h] = 0; return next(); };
        case 'sub': return () => { i32[d] = i32[a]! - k; i32[h] = 0; return next(); };
        case 'and': return () => { i32[d] = i32[a]! & k; i32[h] = 0; return next(); };
        case 'or': return () => { i32[d] = i32[a]! | k; i32[h] = 0; return next(); };
        case 'xor': return () => { i32[d] = i32[a]! ^ k; i32[h] = 0; return next(); };
        case 'mul': return () => { i32[d] = Math.imul(i32[a]!, k); i32[h] = 0; return next(); };
        case 'shl': return () => { i32[d] = i32[a]! << n; i32[h] = 0; return next(); };
        case 'shr': return () => { i32[d] = i32[a]! >>> n; i32[h] = 0; return next(); };
        case 'sar': return () => { i32[d] = i32[a]! >> n; i32[h] = 0; return next(); };
        case 'rotl': return () => { const v = i32[a]!; i32[d] = (v << n) | (v >>> (32 - n)); i32[h] = 0; return next(); };
        case 'rotr': return () => { const v = i32[a]!; i32[d] = (v >>> n) | (v << (32 - n)); i32[h] = 0; return next(); };
        default: throw new Error(name);
      }
    }
    const c = 2 * b;
    switch (name) {
      case 'add': return () => { i32[d] = i32[a]! + i32[c]!; i32[h] = 0; return next(); };
      case 'sub': return () => { i32[d] = i32[a]! - i32[c]!; i32[h] = 0; return next(); };
      case 'and': return () => { i32[d] = i32[a]! & i32[c]!; i32[h] = 0; return next(); };
      case 'or': return () => { i32[d] = i32[a]! | i32[c]!; i32[h] = 0; return next(); };
      case 'xor': return () => { i32[d] = i32[a]! ^ i32[c]!; i32[h] = 0; return next(); };
      case 'mul': return () => { i32[d] = Math.imul(i32[a]!, i32[c]!); i32[h] = 0; return next(); };
      case 'shl': return () => { i32[d] = i32[a]! << i32[c]!; i32[h] = 0; return next(); };
      case 'shr': return () => { i32[d] = i32[a]! >>> i32[c]!; i32[h] = 0; return next(); };
      case 'sar': return () => { i32[d] = i32[a]! >> i32[c]!; i32[h] = 0; return next(); };
      case 'rotl': return () => { const v = i32[a]!; const n = i32[c]! & 31; i32[d] = (v << n) | (v >>> (32 - n)); i32[h] = 0; return next(); };
      case 'rotr': return () => { const v = i32[a]!; const n = i32[c]! & 31; i32[d] = (v >>> n) | (v << (32 - n)); i32[h] = 0; return next(); };
      default: throw new Error(name);
    }
  }

  function wide(op: WideIr, next: Next): Next {
    const wrap = { pre: null };
    const a = cellOf(op.a, CONST_A, wrap);
    const b = cellOf(op.b, CONST_A + 1, wrap);
    const { d } = op;
    const f: Next = op.op === 'mulhu'
      ? () => { u64[d] = (u64[a]! * u64[b]!) >> 64n; return next(); }
      : () => { i64[d] = ((i64[a]! * i64[b]!) >> 64n) & M64; return next(); };
    return withPre(wrap, f);
  }

  function unary(op: UnaryIr, next: Next): Next {
    const d = 2 * op.d;
    const h = d + 1;
    const name = op.op as string;
    if (isImm(op.a)) {
      if (name === 'mov') {
        const { lo } = op.a;
        const hi = op.w === 64 ? op.a.hi : 0;
        return () => { i32[d] = lo; i32[h] = hi; return next(); };
      }
      const wrap = { pre: null };
      const a = cellOf(op.a, CONST_A, wrap);
      return withPre(wrap, unary({ ...op, a }, next));
    }
    const dd = op.d;
    const aa = op.a;
    const a = 2 * aa;
    if (op.w === 64) {
      switch (name) {
        case 'mov': return () => { i32[d] = i32[a]!; i32[h] = i32[a + 1]!; return next(); };
        case 'neg': return () => { u64[dd] = -u64[aa]!; return next(); };
        case 'not': return () => { const l = ~i32[a]!; i32[h] = ~i32[a + 1]!; i32[d] = l; return next(); };
        case 'bswap': return () => { const l = bswap32(i32[a]!); i32[d] = bswap32(i32[a + 1]!); i32[h] = l; return next(); };
        case 'clz': return () => { const n = i32[a + 1]! !== 0 ? Math.clz32(i32[a + 1]!) : 32 + Math.clz32(i32[a]!); i32[d] = n; i32[h] = 0; return next(); };
        case 'ctz': return () => { const n = i32[a]! !== 0 ? ctz32(i32[a]!) : 32 + ctz32(i32[a + 1]!); i32[d] = n; i32[h] = 0; return next(); };
        case 'popcnt': return () => { const n = popcount(i32[a]!) + popcount(i32[a + 1]!); i32[d] = n; i32[h] = 0; return next(); };
        case 'sext8': return () => { const v = (i32[a]! << 24) >> 24; i32[d] = v; i32[h] = v >> 31; return next(); };
        case 'sext16': return () => { const v = (i32[a]! << 16) >> 16; i32[d] = v; i32[h] = v >> 31; return next(); };
        case 'sext32': return () => { const v = i32[a]!; i32[d] = v; i32[h] = v >> 31; return next(); };
        default:
      }
    }
    switch (name) {
      case 'mov': case 'zext32': return () => { i32[d] = i32[a]!; i32[h] = 0; return next(); };
      case 'neg': return () => { i32[d] = -i32[a]!; i32[h] = 0; return next(); };
      case 'not': return () => { i32[d] = ~i32[a]!; i32[h] = 0; return next(); };
      case 'bswap': return () => { i32[d] = bswap32(i32[a]!); i32[h] = 0; return next(); };
      case 'clz': return () => { i32[d] = Math.clz32(i32[a]!); i32[h] = 0; return next(); };
      case 'ctz': return () => { i32[d] = ctz32(i32[a]!); i32[h] = 0; return next(); };
      case 'popcnt': return () => { i32[d] = popcount(i32[a]!); i32[h] = 0; return next(); };
      case 'sext8': return () => { i32[d] = (i32[a]! << 24) >> 24; i32[h] = 0; return next(); };
      case 'sext16': return () => { i32[d] = (i32[a]! << 16) >> 16; i32[h] = 0; return next(); };
      case 'sext32': return () => { i32[d] = i32[a]!; i32[h] = 0; return next(); };
      case 'zext8': return () => { i32[d] = i32[a]! & 0xff; i32[h] = 0; return next(); };
      case 'zext16': return () => { i32[d] = i32[a]! & 0xffff; i32[h] = 0; return next(); };
      default: throw new Error(name);
    }
  }

  function deposit(op: Op<'deposit'>, next: Next): Next {
    const wrap = { pre: null };
    const a = 2 * cellOf(op.a, CONST_A, wrap);
    const d = 2 * op.d;
    const { pos } = op;
    const bits = op.len === 8 ? 0xff : 0xffff;
    const keep = ~(bits << pos);
    let f: Next;
    if (isImm(op.b)) {
      const v = (op.b.lo & bits) << pos;
      f = () => { const hi = i32[a + 1]!; i32[d] = (i32[a]! & keep) | v; i32[d + 1] = hi; return next(); };
    } else {
      const b = 2 * op.b;
      f = d === a
        ? () => { i32[d] = (i32[d]! & keep) | ((i32[b]! & bits) << pos); return next(); }
        : () => { const hi = i32[a + 1]!; i32[d] = (i32[a]! & keep) | ((i32[b]! & bits) << pos); i32[d + 1] = hi; return next(); };
    }
    return withPre(wrap, f);
  }

  function extract(op: Op<'extract'>, next: Next): Next {
    const wrap = { pre: null };
    const a = 2 * cellOf(op.a, CONST_A, wrap);
    const d = 2 * op.d;
    const { pos } = op;
    const bits = op.len === 8 ? 0xff : 0xffff;
    return withPre(wrap, () => { i32[d] = (i32[a]! >>> pos) & bits; i32[d + 1] = 0; return next(); });
  }

  /** A closure that compares two operands. */
  function comparison(cond: string, w: number, a: Operand, b: Operand): () => boolean {
    const wrap = { pre: null as (() => void) | null };
    const aa = cellOf(a, CONST_A, wrap);
    const bb = cellOf(b, CONST_A + 1, wrap);
    const f = w === 64 ? compare64(cond, aa, bb) : compare32(cond, 2 * aa, 2 * bb);
    const { pre } = wrap;
    return pre === null ? f : () => (pre(), f());
  }
  function compare64(cond: string, a: number, b: number): () => boolean {
    const al = 2 * a, bl = 2 * b;
    switch (cond) {
      case 'eq': return () => i32[al] === i32[bl] && i32[al + 1] === i32[bl + 1];
      case 'ne': return () => i32[al] !== i32[bl] || i32[al + 1] !== i32[bl + 1];
      case 'ltu': return () => u64[a]! < u64[b]!;
      case 'leu': return () => u64[a]! <= u64[b]!;
      case 'gtu': return () => u64[a]! > u64[b]!;
      case 'geu': return () => u64[a]! >= u64[b]!;
      case 'lts': return () => i64[a]! < i64[b]!;
      case 'les': return () => i64[a]! <= i64[b]!;
      case 'gts': return () => i64[a]! > i64[b]!;
      case 'ges': return () => i64[a]! >= i64[b]!;
      default: throw new Error(cond);
    }
  }
  function compare32(cond: string, a: number, b: number): () => boolean {
    switch (cond) {
      case 'eq': return () => i32[a] === i32[b];
      case 'ne': return () => i32[a] !== i32[b];
      case 'ltu': return () => u32[a]! < u32[b]!;
      case 'leu': return () => u32[a]! <= u32[b]!;
      case 'gtu': return () => u32[a]! > u32[b]!;
      case 'geu': return () => u32[a]! >= u32[b]!;
      case 'lts': return () => i32[a]! < i32[b]!;
      case 'les': return () => i32[a]! <= i32[b]!;
      case 'gts': return () => i32[a]! > i32[b]!;
      case 'ges': return () => i32[a]! >= i32[b]!;
      default: throw new Error(cond);
    }
  }

  function set(op: Op<'set'>, next: Next): Next {
    const holds = comparison(op.cond, op.w, op.a, op.b);
    const d = 2 * op.d;
    return () => { i32[d] = holds() ? 1 : 0; i32[d + 1] = 0; return next(); };
  }

  /** Copies one of two cells; at width 32 its low half, zero-extended. */
  function choose(holds: () => boolean, w: number, d0: number, x: Operand, y: Operand, next: Next): Next {
    const wrap = { pre: null };
    const d = 2 * d0;
    const xx = 2 * cellOf(x, CONST_A, wrap);
    const yy = 2 * cellOf(y, CONST_A + 1, wrap);
    const { pre } = wrap;
    const load = pre as (() => void) | null;
    if (w === 32) return () => {
      const which = holds();
      load?.();
      i32[d] = i32[which ? xx : yy]!;
      i32[d + 1] = 0;
      return next();
    };
    return () => {
      const which = holds();
      load?.();
      const s = which ? xx : yy;
      const lo = i32[s]!;
      i32[d + 1] = i32[s + 1]!;
      i32[d] = lo;
      return next();
    };
  }
  function select(op: Op<'select'>, next: Next): Next {
    return choose(comparison(op.cond, op.w, op.a, op.b), 64, op.d, op.x, op.y, next);
  }

  return { binary, wide, unary, deposit, extract, set, select, choose, comparison };
}
