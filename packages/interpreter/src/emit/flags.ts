import { CELL, FLAG, FLAG_KIND, FLAG_OVERLAY } from '@tally86/core';
import { isImm, type IrOp, type Operand } from '@tally86/decoder';
import { arithmeticFlags, conditionHolds, mergeArithmeticFlags, readArithmeticFlags } from '@tally86/helpers';
import type { Next } from '../block.ts';
import type { Machine } from '../machine.ts';

type FlagsOp = Extract<IrOp, { op: 'flags' }>;

/** What is known, while a block is put together, of the lazy flags at this point: kind | log2(size) << 8, or −1. */
export type KnownFlags = number;

/** CF is known to be in an overlay (FLAG_OVERLAY), the rest is not known. */
export const KNOWN_CF = -2;

const LOG2: Record<number, number> = { 1: 0, 2: 1, 4: 2, 8: 3 };
export function kindCell(op: FlagsOp): number {
  return op.kind | (LOG2[op.size]! << 8);
}

const SUB = FLAG_KIND.sub;
const LOGIC = FLAG_KIND.logic;
const EXPLICIT = FLAG_KIND.explicit;

/** Emitters of lazy flags: recording them, and testing conditions on them. */
export function flagEmitters(m: Machine) {
  const { cpu } = m;
  const { i32, u32, u64, i64 } = cpu;
  const KIND = 2 * CELL.ccKind;
  const A = 2 * CELL.ccA;
  const B = 2 * CELL.ccB;
  const C = 2 * CELL.ccC;

  function put(cell: number, a: Operand): (() => void) | null {
    if (isImm(a)) {
      const { lo, hi } = a;
      return () => { i32[cell] = lo; i32[cell + 1] = hi; };
    }
    const s = 2 * a;
    return () => { i32[cell] = i32[s]!; i32[cell + 1] = i32[s + 1]!; };
  }

  /** Records flags. */
  function flags(op: FlagsOp, next: Next): Next {
    const count = dynamicCount(op);
    if (count === null) return record(op, next);
    const n = 2 * count;
    const then = record(op, next);
    return () => (i32[n] === 0 ? next() : then());
  }
  function record(op: FlagsOp, next: Next): Next {
    const kind = kindCell(op);
    const { a, b, c } = op;
    const one = op.kind === LOGIC || op.kind === EXPLICIT || op.kind === FLAG_KIND.popcnt;
    const three = op.kind === FLAG_KIND.adc || op.kind === FLAG_KIND.sbb || op.kind === FLAG_KIND.shld || op.kind === FLAG_KIND.shrd;
    if (!isImm(a) && !three) {
      const x = 2 * a;
      if (one) return () => { i32[KIND] = kind; i32[A] = i32[x]!; i32[A + 1] = i32[x + 1]!; return next(); };
      if (isImm(b)) {
        const { lo, hi } = b;
        return () => { i32[KIND] = kind; i32[A] = i32[x]!; i32[A + 1] = i32[x + 1]!; i32[B] = lo; i32[B + 1] = hi; return next(); };
      }
      const y = 2 * b;
      return () => {
        i32[KIND] = kind; i32[A] = i32[x]!; i32[A + 1] = i32[x + 1]!; i32[B] = i32[y]!; i32[B + 1] = i32[y + 1]!;
        return next();
      };
    }
    const pa = put(A, a)!;
    const pb = put(B, b)!;
    const pc = put(C, c)!;
    return () => {
      // an operand may be one of these cells only through temporaries, so the order does not matter
      pa(); pb(); pc();
      i32[KIND] = kind;
      return next();
    };
  }

  /** A closure that tests an x86 condition on the recorded flags; short forms where their kind is known. */
  function condition(cc: number, known: KnownFlags): () => boolean {
    if (known === KNOWN_CF && (cc === 2 || cc === 3)) return cc === 2 ? () => (i32[C]! & 1) !== 0 : () => (i32[C]! & 1) === 0;
    if (known >= 0) {
      const short = shortCondition(cc, known & 0xff, known >> 8);
      if (short !== null) return short;
    }
    if (known >= 0) return () => conditionHolds(cc, readArithmeticFlags(cpu));
    return unknownCondition(cc);
  }

  /** Conditions by the kind cell that is found when they are tested: one table for each condition code, filled on demand. */
  const byKind: (() => boolean)[][] = Array.from({ length: 16 }, () => []);
  const dynamic: ((() => boolean) | undefined)[] = [];
  function unknownCondition(cc: number): () => boolean {
    let test = dynamic[cc];
    if (test !== undefined) return test;
    const row = byKind[cc]!;
    const generic = (): boolean => conditionHolds(cc, readArithmeticFlags(cpu));
    test = () => {
      const kind = i32[KIND]!;
      // a record with an overlay has bits above the size
      if (kind >= 0x400) return generic();
      const short = row[kind];
      if (short !== undefined) return short();
      return (row[kind] = shortCondition(cc, kind & 0xff, kind >> 8) ?? generic)();
    };
    dynamic[cc] = test;
    return test;
  }

  function shortCondition(cc: number, kind: number, log2: number): (() => boolean) | null {
    const a = CELL.ccA;
    const b = CELL.ccB;
    if (kind === SUB) {
      if (log2 === 3) {
        switch (cc) {
          case 2: return () => u64[a]! < u64[b]!;
          case 3: return () => u64[a]! >= u64[b]!;
          case 4: return () => i32[A] === i32[B] && i32[A + 1] === i32[B + 1];
          case 5: return () => i32[A] !== i32[B] || i32[A + 1] !== i32[B + 1];
          case 6: return () => u64[a]! <= u64[b]!;
          case 7: return () => u64[a]! > u64[b]!;
          case 8: return () => BigInt.asIntN(64, i64[a]! - i64[b]!) < 0n;
          case 9: return () => BigInt.asIntN(64, i64[a]! - i64[b]!) >= 0n;
          case 12: return () => i64[a]! < i64[b]!;
          case 13: return () => i64[a]! >= i64[b]!;
          case 14: return () => i64[a]! <= i64[b]!;
          case 15: return () => i64[a]! > i64[b]!;
          default: return rest(cc, kind, log2);
        }
      }
      const s = 32 - (8 << log2);
      if (s === 0) {
        switch (cc) {
          case 2: return () => u32[A]! < u32[B]!;
          case 3: return () => u32[A]! >= u32[B]!;
          case 4: return () => i32[A] === i32[B];
          case 5: return () => i32[A] !== i32[B];
          case 6: return () => u32[A]! <= u32[B]!;
          case 7: return () => u32[A]! > u32[B]!;
          case 8: return () => ((i32[A]! - i32[B]!) | 0) < 0;
          case 9: return () => ((i32[A]! - i32[B]!) | 0) >= 0;
          case 12: return () => i32[A]! < i32[B]!;
          case 13: return () => i32[A]! >= i32[B]!;
          case 14: return () => i32[A]! <= i32[B]!;
          case 15: return () => i32[A]! > i32[B]!;
          default: return rest(cc, kind, log2);
        }
      }
      // small operands, moved to the top of 32 bits: order and equality stay
      switch (cc) {
        case 2: return () => (i32[A]! << s) >>> 0 < (i32[B]! << s) >>> 0;
        case 3: return () => (i32[A]! << s) >>> 0 >= (i32[B]! << s) >>> 0;
        case 4: return () => ((i32[A]! ^ i32[B]!) << s) === 0;
        case 5: return () => ((i32[A]! ^ i32[B]!) << s) !== 0;
        case 6: return () => (i32[A]! << s) >>> 0 <= (i32[B]! << s) >>> 0;
        case 7: return () => (i32[A]! << s) >>> 0 > (i32[B]! << s) >>> 0;
        case 8: return () => ((i32[A]! - i32[B]!) << s) < 0;
        case 9: return () => ((i32[A]! - i32[B]!) << s) >= 0;
        case 12: return () => (i32[A]! << s) < (i32[B]! << s);
        case 13: return () => (i32[A]! << s) >= (i32[B]! << s);
        case 14: return () => (i32[A]! << s) <= (i32[B]! << s);
        case 15: return () => (i32[A]! << s) > (i32[B]! << s);
        default: return rest(cc, kind, log2);
      }
    }
    if (kind === LOGIC) {
      const s = log2 === 3 ? 0 : 32 - (8 << log2);
      const zero = log2 === 3 ? () => (i32[A]! | i32[A + 1]!) === 0 : () => i32[A]! << s === 0;
      const sign = log2 === 3 ? () => i32[A + 1]! < 0 : () => i32[A]! << s < 0;
      switch (cc) {
        case 0: case 2: return () => false;
        case 1: case 3: return () => true;
        case 4: case 6: return zero;
        case 5: case 7: return log2 === 3 ? () => (i32[A]! | i32[A + 1]!) !== 0 : () => i32[A]! << s !== 0;
        case 8: case 12: return sign;
        case 9: case 13: return log2 === 3 ? () => i32[A + 1]! >= 0 : () => i32[A]! << s >= 0;
        case 14: return () => zero() || sign();
        case 15: return () => !zero() && !sign();
        default: return rest(cc, kind, log2);
      }
    }
    if ((kind === FLAG_KIND.add || kind === FLAG_KIND.inc || kind === FLAG_KIND.dec) && log2 >= 2) {
      const delta = kind === FLAG_KIND.inc ? 1 : -1;
      if (kind !== FLAG_KIND.add && (cc === 2 || cc === 3)) return cc === 2 ? () => (i32[B]! & 1) !== 0 : () => (i32[B]! & 1) === 0;
      if (log2 === 2) {
        const r = kind === FLAG_KIND.add ? () => (i32[A]! + i32[B]!) | 0 : () => (i32[A]! + delta) | 0;
        switch (cc) {
          case 2: return () => r() >>> 0 < u32[A]!;
          case 3: return () => r() >>> 0 >= u32[A]!;
          case 4: return () => r() === 0;
          case 5: return () => r() !== 0;
          case 8: return () => r() < 0;
          case 9: return () => r() >= 0;
          default: return rest(cc, kind, log2);
        }
      }
      const big = BigInt(delta);
      const r = kind === FLAG_KIND.add ? () => BigInt.asUintN(64, u64[a]! + u64[b]!) : () => BigInt.asUintN(64, u64[a]! + big);
      switch (cc) {
        case 2: return () => r() < u64[a]!;
        case 3: return () => r() >= u64[a]!;
        case 4: return () => r() === 0n;
        case 5: return () => r() !== 0n;
        default: return rest(cc, kind, log2);
      }
    }
    return rest(cc, kind, log2);
  }

  function rest(cc: number, kind: number, log2: number): () => boolean {
    return () => conditionHolds(cc, arithmeticFlags(kind, log2, u64[CELL.ccA]!, u64[CELL.ccB]!, u64[CELL.ccC]!));
  }

  function getcc(op: Extract<IrOp, { op: 'getcc' }>, known: KnownFlags, next: Next): Next {
    const holds = condition(op.cc, known);
    const d = 2 * op.d;
    return () => { i32[d] = holds() ? 1 : 0; i32[d + 1] = 0; return next(); };
  }

  function getflags(op: Extract<IrOp, { op: 'getflags' }>, next: Next): Next {
    const d = 2 * op.d;
    return () => { i32[d] = readArithmeticFlags(cpu); i32[d + 1] = 0; return next(); };
  }

  function mergeflags(op: Extract<IrOp, { op: 'mergeflags' }>, next: Next): Next {
    const { mask } = op;
    const value = isImm(op.a) ? null : 2 * op.a;
    const constant = isImm(op.a) ? op.a.lo : 0;
    if (mask === FLAG.CF) {
      return () => {
        const v = value === null ? constant : i32[value]!;
        if (overlayFits(i32[KIND]!)) {
          i32[C] = (i32[C]! & ~1) | (v & 1);
          i32[KIND] = i32[KIND]! | FLAG_OVERLAY.CF;
        } else mergeArithmeticFlags(cpu, FLAG.CF, v);
        return next();
      };
    }
    return () => {
      mergeArithmeticFlags(cpu, mask, value === null ? constant : i32[value]!);
      return next();
    };
  }

  /** CF and OF of rotates. */
  function rotflags(op: Extract<IrOp, { op: 'rotflags' }>, next: Next): Next {
    const { right } = op;
    // the result's top bit, and the one below it
    const a = 2 * op.a + (op.size === 8 ? 1 : 0);
    const low = 2 * op.a;
    const top = op.size === 1 ? 7 : op.size === 2 ? 15 : 31;
    const count = isImm(op.count) ? null : 2 * op.count;
    const both = FLAG_OVERLAY.CF | FLAG_OVERLAY.OF;
    return () => {
      if (count !== null && i32[count] === 0) return next();
      const r = i32[a]!;
      const sign = r >>> top;
      const cf = (right ? sign : i32[low]!) & 1;
      const of = (sign ^ (right ? r >>> (top - 1) : cf)) & 1;
      if (overlayFits(i32[KIND]!)) {
        i32[C] = cf | (of << 11);
        i32[KIND] = i32[KIND]! | both;
      } else mergeArithmeticFlags(cpu, FLAG.CF | FLAG.OF, cf | (of << 11));
      return next();
    };
  }

  return { flags, condition, getcc, getflags, mergeflags, rotflags };
}

/** Whether flags in an overlay can stand on a record: it must not use ccC. */
function overlayFits(kindCell: number): boolean {
  const kind = kindCell & 0xff;
  return kind !== FLAG_KIND.adc && kind !== FLAG_KIND.sbb && kind !== FLAG_KIND.shld && kind !== FLAG_KIND.shrd;
}

/** The slot of a shift count that may turn out to be 0 and then leaves the flags as they were; null: none. */
export function dynamicCount(op: FlagsOp): number | null {
  switch (op.kind) {
    case FLAG_KIND.shl: case FLAG_KIND.shr: case FLAG_KIND.sar: return isImm(op.b) ? null : op.b;
    case FLAG_KIND.shld: case FLAG_KIND.shrd: return isImm(op.c) ? null : op.c;
    default: return null;
  }
}
