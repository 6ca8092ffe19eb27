import { CELL, FLAG_KIND } from '@tally86/core';
import { isImm, type IrOp } from '@tally86/decoder';
import type { Exit, Next } from '../block.ts';
import type { Machine } from '../machine.ts';
import { kindCell } from './flags.ts';

type FlagsOp = Extract<IrOp, { op: 'flags' }>;

/** `flags sub a b; branchcc` (cmp + jcc) and `flags logic a; branchcc` (test + jcc) as one closure; null for other pairs. */
export function flagsThenBranch(m: Machine, f: FlagsOp, cc: number, taken: Exit, fall: Exit): Next | null {
  if ((f.size !== 4 && f.size !== 8) || isImm(f.a)) return null;
  if (f.kind === FLAG_KIND.sub) return f.size === 4 ? compare32(m, f, f.a, cc, taken, fall) : compare64(m, f, f.a, cc, taken, fall);
  if (f.kind === FLAG_KIND.logic) return test(m, f, f.a, cc, taken, fall);
  return null;
}

const KIND = 2 * CELL.ccKind;
const A = 2 * CELL.ccA;
const B = 2 * CELL.ccB;

function compare32(m: Machine, f: FlagsOp, slot: number, cc: number, taken: Exit, fall: Exit): Next | null {
  const { i32 } = m.cpu;
  const kind = kindCell(f);
  const a = 2 * slot;
  const y = isImm(f.b) ? -1 : 2 * f.b;
  const k = isImm(f.b) ? f.b.lo : 0;
  switch (cc) {
    case 2: return () => { const p = i32[a]!; const q = y < 0 ? k : i32[y]!; i32[KIND] = kind; i32[A] = p; i32[B] = q; return p >>> 0 < q >>> 0 ? taken.follow() : fall.follow(); };
    case 3: return () => { const p = i32[a]!; const q = y < 0 ? k : i32[y]!; i32[KIND] = kind; i32[A] = p; i32[B] = q; return p >>> 0 >= q >>> 0 ? taken.follow() : fall.follow(); };
    case 4: return () => { const p = i32[a]!; const q = y < 0 ? k : i32[y]!; i32[KIND] = kind; i32[A] = p; i32[B] = q; return p === q ? taken.follow() : fall.follow(); };
    case 5: return () => { const p = i32[a]!; const q = y < 0 ? k : i32[y]!; i32[KIND] = kind; i32[A] = p; i32[B] = q; return p !== q ? taken.follow() : fall.follow(); };
    case 6: return () => { const p = i32[a]!; const q = y < 0 ? k : i32[y]!; i32[KIND] = kind; i32[A] = p; i32[B] = q; return p >>> 0 <= q >>> 0 ? taken.follow() : fall.follow(); };
    case 7: return () => { const p = i32[a]!; const q = y < 0 ? k : i32[y]!; i32[KIND] = kind; i32[A] = p; i32[B] = q; return p >>> 0 > q >>> 0 ? taken.follow() : fall.follow(); };
    case 12: return () => { const p = i32[a]!; const q = y < 0 ? k : i32[y]!; i32[KIND] = kind; i32[A] = p; i32[B] = q; return p < q ? taken.follow() : fall.follow(); };
    case 13: return () => { const p = i32[a]!; const q = y < 0 ? k : i32[y]!; i32[KIND] = kind; i32[A] = p; i32[B] = q; return p >= q ? taken.follow() : fall.follow(); };
    case 14: return () => { const p = i32[a]!; const q = y < 0 ? k : i32[y]!; i32[KIND] = kind; i32[A] = p; i32[B] = q; return p <= q ? taken.follow() : fall.follow(); };
    case 15: return () => { const p = i32[a]!; const q = y < 0 ? k : i32[y]!; i32[KIND] = kind; i32[A] = p; i32[B] = q; return p > q ? taken.follow() : fall.follow(); };
    default: return null;
  }
}

function compare64(m: Machine, f: FlagsOp, slot: number, cc: number, taken: Exit, fall: Exit): Next | null {
  const { i32, u64, i64 } = m.cpu;
  const kind = kindCell(f);
  const a = 2 * slot;
  const y = isImm(f.b) ? -1 : 2 * f.b;
  const kl = isImm(f.b) ? f.b.lo : 0;
  const kh = isImm(f.b) ? f.b.hi : 0;
  const CA = CELL.ccA;
  const CB = CELL.ccB;
  const record = (): void => {
    i32[KIND] = kind;
    i32[A] = i32[a]!; i32[A + 1] = i32[a + 1]!;
    if (y < 0) { i32[B] = kl; i32[B + 1] = kh; } else { i32[B] = i32[y]!; i32[B + 1] = i32[y + 1]!; }
  };
  switch (cc) {
    case 2: return () => { record(); return u64[CA]! < u64[CB]! ? taken.follow() : fall.follow(); };
    case 3: return () => { record(); return u64[CA]! >= u64[CB]! ? taken.follow() : fall.follow(); };
    case 4: return () => { record(); return i32[A] === i32[B] && i32[A + 1] === i32[B + 1] ? taken.follow() : fall.follow(); };
    case 5: return () => { record(); return i32[A] !== i32[B] || i32[A + 1] !== i32[B + 1] ? taken.follow() : fall.follow(); };
    case 6: return () => { record(); return u64[CA]! <= u64[CB]! ? taken.follow() : fall.follow(); };
    case 7: return () => { record(); return u64[CA]! > u64[CB]! ? taken.follow() : fall.follow(); };
    case 12: return () => { record(); return i64[CA]! < i64[CB]! ? taken.follow() : fall.follow(); };
    case 13: return () => { record(); return i64[CA]! >= i64[CB]! ? taken.follow() : fall.follow(); };
    case 14: return () => { record(); return i64[CA]! <= i64[CB]! ? taken.follow() : fall.follow(); };
    case 15: return () => { record(); return i64[CA]! > i64[CB]! ? taken.follow() : fall.follow(); };
    default: return null;
  }
}

function test(m: Machine, f: FlagsOp, slot: number, cc: number, taken: Exit, fall: Exit): Next | null {
  const { i32 } = m.cpu;
  const kind = kindCell(f);
  const a = 2 * slot;
  if (f.size === 4) {
    switch (cc) {
      case 4: case 6: return () => { const p = i32[a]!; i32[KIND] = kind; i32[A] = p; return p === 0 ? taken.follow() : fall.follow(); };
      case 5: case 7: return () => { const p = i32[a]!; i32[KIND] = kind; i32[A] = p; return p !== 0 ? taken.follow() : fall.follow(); };
      case 8: case 12: return () => { const p = i32[a]!; i32[KIND] = kind; i32[A] = p; return p < 0 ? taken.follow() : fall.follow(); };
      case 9: case 13: return () => { const p = i32[a]!; i32[KIND] = kind; i32[A] = p; return p >= 0 ? taken.follow() : fall.follow(); };
      case 14: return () => { const p = i32[a]!; i32[KIND] = kind; i32[A] = p; return p <= 0 ? taken.follow() : fall.follow(); };
      case 15: return () => { const p = i32[a]!; i32[KIND] = kind; i32[A] = p; return p > 0 ? taken.follow() : fall.follow(); };
      default: return null;
    }
  }
  switch (cc) {
    case 4: case 6: return () => { const p = i32[a]!; const h = i32[a + 1]!; i32[KIND] = kind; i32[A] = p; i32[A + 1] = h; return (p | h) === 0 ? taken.follow() : fall.follow(); };
    case 5: case 7: return () => { const p = i32[a]!; const h = i32[a + 1]!; i32[KIND] = kind; i32[A] = p; i32[A + 1] = h; return (p | h) !== 0 ? taken.follow() : fall.follow(); };
    case 8: case 12: return () => { const h = i32[a + 1]!; i32[KIND] = kind; i32[A] = i32[a]!; i32[A + 1] = h; return h < 0 ? taken.follow() : fall.follow(); };
    case 9: case 13: return () => { const h = i32[a + 1]!; i32[KIND] = kind; i32[A] = i32[a]!; i32[A + 1] = h; return h >= 0 ? taken.follow() : fall.follow(); };
    default: return null;
  }
}
