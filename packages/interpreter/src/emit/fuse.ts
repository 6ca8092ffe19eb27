import { CELL, FLAG_KIND } from '@tally86/core';
import { isImm, type BinaryIr, type IrOp, type Operand } from '@tally86/decoder';
import type { Next } from '../block.ts';
import type { Machine } from '../machine.ts';
import { kindCell } from './flags.ts';

type FlagsOp = Extract<IrOp, { op: 'flags' }>;

/** One closure for `flags` and the operation whose flags they are (`flags add a b; add d a b` and the like); null if the pair is no such thing. */
export function fuseEmitters(m: Machine) {
  const { i32, u64 } = m.cpu;
  const KIND = 2 * CELL.ccKind;
  const A = 2 * CELL.ccA;
  const B = 2 * CELL.ccB;
  const AC = CELL.ccA;
  const BC = CELL.ccB;

  function flagsThenOp(f: FlagsOp, op: IrOp, next: Next): Next | null {
    if (f.kind !== FLAG_KIND.add && f.kind !== FLAG_KIND.sub) return null;
    if ((op.op !== 'add' && op.op !== 'sub') || (op.op === 'add') !== (f.kind === FLAG_KIND.add)) return null;
    const b = op as BinaryIr;
    if (f.size * 8 !== b.w || isImm(b.a) || b.a !== f.a || !same(b.b, f.b)) return null;
    const kind = kindCell(f);
    const { d, a } = b;
    const add = op.op === 'add';
    if (b.w === 64) {
      if (isImm(b.b)) {
        const k = b.b.imm;
        const { lo, hi } = b.b;
        return add
          ? () => { i32[KIND] = kind; const x = u64[a]!; u64[AC] = x; i32[B] = lo; i32[B + 1] = hi; u64[d] = x + k; return next(); }
          : () => { i32[KIND] = kind; const x = u64[a]!; u64[AC] = x; i32[B] = lo; i32[B + 1] = hi; u64[d] = x - k; return next(); };
      }
      const y = b.b;
      return add
        ? () => { i32[KIND] = kind; const x = u64[a]!; const z = u64[y]!; u64[AC] = x; u64[BC] = z; u64[d] = x + z; return next(); }
        : () => { i32[KIND] = kind; const x = u64[a]!; const z = u64[y]!; u64[AC] = x; u64[BC] = z; u64[d] = x - z; return next(); };
    }
    const d2 = 2 * d;
    const a2 = 2 * a;
    if (isImm(b.b)) {
      const k = b.b.lo;
      const s = add ? k : -k;
      return () => { i32[KIND] = kind; const x = i32[a2]!; i32[A] = x; i32[B] = k; i32[d2] = x + s; i32[d2 + 1] = 0; return next(); };
    }
    const y = 2 * b.b;
    return add
      ? () => { i32[KIND] = kind; const x = i32[a2]!; const z = i32[y]!; i32[A] = x; i32[B] = z; i32[d2] = x + z; i32[d2 + 1] = 0; return next(); }
      : () => { i32[KIND] = kind; const x = i32[a2]!; const z = i32[y]!; i32[A] = x; i32[B] = z; i32[d2] = x - z; i32[d2 + 1] = 0; return next(); };
  }

  /** `and d a b; flags logic d` in one. */
  function opThenLogic(op: IrOp, f: FlagsOp, next: Next): Next | null {
    if (f.kind !== FLAG_KIND.logic || (op.op !== 'and' && op.op !== 'or' && op.op !== 'xor')) return null;
    const b = op as BinaryIr;
    if (f.size * 8 !== b.w || f.a !== b.d || isImm(b.a)) return null;
    const kind = kindCell(f);
    const d = 2 * b.d;
    const a = 2 * b.a;
    if (b.w === 32) {
      if (isImm(b.b)) {
        const k = b.b.lo;
        switch (op.op) {
          case 'and': return () => { i32[KIND] = kind; const v = i32[a]! & k; i32[A] = v; i32[d] = v; i32[d + 1] = 0; return next(); };
          case 'or': return () => { i32[KIND] = kind; const v = i32[a]! | k; i32[A] = v; i32[d] = v; i32[d + 1] = 0; return next(); };
          default: return () => { i32[KIND] = kind; const v = i32[a]! ^ k; i32[A] = v; i32[d] = v; i32[d + 1] = 0; return next(); };
        }
      }
      const y = 2 * b.b;
      switch (op.op) {
        case 'and': return () => { i32[KIND] = kind; const v = i32[a]! & i32[y]!; i32[A] = v; i32[d] = v; i32[d + 1] = 0; return next(); };
        case 'or': return () => { i32[KIND] = kind; const v = i32[a]! | i32[y]!; i32[A] = v; i32[d] = v; i32[d + 1] = 0; return next(); };
        default: return () => { i32[KIND] = kind; const v = i32[a]! ^ i32[y]!; i32[A] = v; i32[d] = v; i32[d + 1] = 0; return next(); };
      }
    }
    if (isImm(b.b)) {
      const { lo, hi } = b.b;
      if (op.op !== 'and') return null;
      return () => {
        i32[KIND] = kind;
        const l = i32[a]! & lo; const h = i32[a + 1]! & hi;
        i32[A] = l; i32[A + 1] = h; i32[d] = l; i32[d + 1] = h;
        return next();
      };
    }
    const y = b.b;
    const dd = b.d;
    const aa = b.a;
    switch (op.op) {
      case 'and': return () => { i32[KIND] = kind; const v = u64[aa]! & u64[y]!; u64[AC] = v; u64[dd] = v; return next(); };
      case 'or': return () => { i32[KIND] = kind; const v = u64[aa]! | u64[y]!; u64[AC] = v; u64[dd] = v; return next(); };
      default: return () => { i32[KIND] = kind; const v = u64[aa]! ^ u64[y]!; u64[AC] = v; u64[dd] = v; return next(); };
    }
  }

  return { flagsThenOp, opThenLogic };
}

function same(a: Operand, b: Operand): boolean {
  return isImm(a) ? isImm(b) && a.imm === b.imm : a === b;
}
