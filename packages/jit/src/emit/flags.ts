import { FLAG, FLAG_KIND, FLAG_OVERLAY } from '@tally86/core';
import { imm, isImm, type IrOp, type Operand, type Size } from '@tally86/decoder';
import { OP, TYPE } from '../wasm/opcodes.ts';
import { emitSelect } from './integer.ts';
import type { RegionWriter } from './writer.ts';

type FlagsOp = Extract<IrOp, { op: 'flags' }>;

/** What is known of the lazy flags while a block is written: the contents of ccKind, or one of these. */
export const UNKNOWN = -1;
/** CF stands in an overlay; the rest is not known. */
export const CF_OVERLAY = -2;

const LOG2: Record<Size, number> = { 1: 0, 2: 1, 4: 2, 8: 3 };
/** Kinds whose record uses all three operands, so that no overlay fits. */
const WIDE_KINDS = (1 << FLAG_KIND.adc) | (1 << FLAG_KIND.sbb) | (1 << FLAG_KIND.shld) | (1 << FLAG_KIND.shrd);
const isWide = (kind: number): boolean => ((WIDE_KINDS >> kind) & 1) !== 0;

/** The slot of a shift count that may turn out to be 0 and then leaves the flags as they were; null: none. */
function dynamicCount(op: FlagsOp): Operand | null {
  switch (op.kind) {
    case FLAG_KIND.shl: case FLAG_KIND.shr: case FLAG_KIND.sar: return isImm(op.b) ? null : op.b;
    case FLAG_KIND.shld: case FLAG_KIND.shrd: return isImm(op.c) ? null : op.c;
    default: return null;
  }
}

/** Helpers that record flags themselves, among those that translated code calls. */
export function helperWritesFlags(name: string): boolean {
  return name === 'x87.comi';
}

/** What is known of the flags behind an operation. */
export function flagsAfter(op: IrOp, before: number): number {
  switch (op.op) {
    case 'flags': return dynamicCount(op) === null ? op.kind | (LOG2[op.size] << 8) : UNKNOWN;
    case 'mergeflags': return merged(op.mask, before);
    case 'rotflags': return isImm(op.count) ? merged(FLAG.CF | FLAG.OF, before) : UNKNOWN;
    case 'string': return op.kind !== 'scas' && op.kind !== 'cmps' ? before : op.rep === 'none' ? FLAG_KIND.sub | (LOG2[op.size] << 8) : UNKNOWN;
    case 'helper': return helperWritesFlags(op.name) ? UNKNOWN : before;
    default: return before;
  }
}
function merged(mask: number, before: number): number {
  const overlay = ((mask & FLAG.CF) !== 0 ? FLAG_OVERLAY.CF : 0) | ((mask & FLAG.OF) !== 0 ? FLAG_OVERLAY.OF : 0);
  if (before >= 0) return isWide(before & 0xff) ? UNKNOWN : before | overlay;
  return (mask & FLAG.CF) !== 0 || before === CF_OVERLAY ? CF_OVERLAY : UNKNOWN;
}

/** Whether an operation replaces all six flags, whatever they were. */
export function definesFlags(op: IrOp): boolean {
  return op.op === 'flags' && dynamicCount(op) === null;
}

/** Records and tests of lazy flags. */
export class FlagEmitter {
  readonly #w: RegionWriter;
  /** Calls the host for the six flags at their RFLAGS places: pushes an i32. */
  readonly #readAll: () => void;
  known = UNKNOWN;
  /** False: `known` is only likely; ccKind has to be compared with it. */
  sure = true;

  constructor(w: RegionWriter, readAll: () => void) {
    this.#w = w;
    this.#readAll = readAll;
    w.record = () => {
      const kind = this.sure && this.known >= 0 ? this.known : -1;
      return { kind, b: kind < 0 || usesB(kind & 0xff), c: kind < 0 || isWide(kind & 0xff) || kind > 0xffff };
    };
  }

  record(op: FlagsOp): void {
    const w = this.#w;
    const { code } = w;
    const kind = op.kind | (LOG2[op.size] << 8);
    const count = dynamicCount(op);
    const wide = isWide(op.kind);
    if (count !== null) w.bringFlags('locals');
    w.flagsAt = 'locals';
    if (count === null) {
      w.get(op.a);
      code.set(w.ccA);
      if (usesB(op.kind)) {
        w.get(op.b);
        code.set(w.ccB);
      }
      if (wide) {
        w.get(op.c);
        code.set(w.ccC);
      }
      code.i32(kind).set(w.ccKind);
    } else {
      const t = w.scratch(TYPE.i32, 1);
      w.get32(count);
      code.set(t);
      const put = (a: Operand, local: number): void => {
        w.get(a);
        code.get(local).get(t).op(OP.select).set(local);
      };
      put(op.a, w.ccA);
      put(op.b, w.ccB);
      if (wide) put(op.c, w.ccC);
      code.i32(kind).get(w.ccKind).get(t).op(OP.select).set(w.ccKind);
    }
    this.known = flagsAfter(op, this.known);
    if (count === null || this.known < 0) this.sure = true;
  }

  /** Replaces CF, or CF and OF; other masks are for the interpreter. False if it has to do it. */
  merge(op: Extract<IrOp, { op: 'mergeflags' }>): boolean {
    if ((op.mask & ~(FLAG.CF | FLAG.OF)) !== 0) return false;
    const w = this.#w;
    w.bringFlags('locals');
    this.#overlay(op.mask, () => w.get(op.a));
    return true;
  }

  #overlay(mask: number, value: () => void): void {
    const w = this.#w;
    w.flagsAt = 'locals';
    const { code } = w;
    const bits = ((mask & FLAG.CF) !== 0 ? FLAG_OVERLAY.CF : 0) | ((mask & FLAG.OF) !== 0 ? FLAG_OVERLAY.OF : 0);
    const before = this.known;
    if (before >= 0 && this.sure ? isWide(before & 0xff) : before !== CF_OVERLAY) this.#makeRoom();
    code.get(w.ccC).i64(~mask).op(OP.i64_and);
    value();
    code.i64(mask).op(OP.i64_and).op(OP.i64_or).set(w.ccC);
    code.get(w.ccKind).i32(bits).op(OP.i32_or).set(w.ccKind);
    // made room where needed, the record is an explicit one
    this.known = merged(mask, before >= 0 && isWide(before & 0xff) ? (this.sure ? FLAG_KIND.explicit : UNKNOWN) : before);
    if (this.known < 0) this.sure = true;
  }
  /** Where the record may use ccC it is worked out first. */
  #makeRoom(): void {
    const w = this.#w;
    const { code } = w;
    // bit `kind` of the set of wide kinds
    code.i32(WIDE_KINDS).get(w.ccKind).op(OP.i32_shr_u).i32(1).op(OP.i32_and).if();
    w.nest();
    this.#readAll();
    code.op(OP.i64_extend_i32_u).set(w.ccA).i32(FLAG_KIND.explicit).set(w.ccKind).end();
    w.unnest();
  }

  rotate(op: Extract<IrOp, { op: 'rotflags' }>): void {
    const w = this.#w;
    const { code } = w;
    const top = op.size * 8 - 1;
    w.bringFlags('locals');
    const bit = (n: number): void => {
      w.get(op.a);
      if (n !== 0) code.i64(n).op(OP.i64_shr_u);
      code.i64(1).op(OP.i64_and);
    };
    const value = (): void => {
      // CF | OF << 11
      bit(op.right ? top : 0);
      bit(top);
      bit(op.right ? top - 1 : 0);
      code.op(OP.i64_xor).i64(11).op(OP.i64_shl).op(OP.i64_or);
    };
    if (isImm(op.count)) {
      this.#overlay(FLAG.CF | FLAG.OF, value);
      return;
    }
    w.get32(op.count);
    code.if();
    w.nest();
    this.#overlay(FLAG.CF | FLAG.OF, value);
    code.end();
    w.unnest();
    this.forget();
  }
  /** Nothing is known any more. */
  forget(): void {
    this.known = UNKNOWN;
    this.sure = true;
  }

  readAll(d: number): void {
    this.#w.bringFlags('locals');
    this.#readAll();
    this.#w.set32(d);
  }

  getCondition(d: number, cc: number): void {
    this.condition(cc);
    // whatever flag it was taken from: 1
    this.#w.code.i32(0).op(OP.i32_ne);
    this.#w.set32(d);
  }
  selectCondition(op: Extract<IrOp, { op: 'selectcc' }>): void {
    this.condition(op.cc);
    emitSelect(this.#w, op.w, op.d, op.x, op.y);
  }

  /** Pushes whether a condition code holds, as i32 (not 0: yes). */
  condition(cc: number): void {
    const { code } = this.#w;
    const known = this.known;
    const pair = cc >> 1;
    this.#w.bringFlags('locals');
    if (known === CF_OVERLAY && pair === 1) {
      this.#overlayBit(FLAG.CF);
      if ((cc & 1) !== 0) code.op(OP.i32_eqz);
      return;
    }
    if (known >= 0 && this.sure && this.#short(cc, known)) return;
    if (known >= 0 && !this.sure) {
      code.get(this.#w.ccKind).i32(known).op(OP.i32_eq).if(TYPE.i32);
      this.#w.nest();
      if (!this.#short(cc, known)) {
        this.#readAll();
        this.#fromAll(cc);
      }
      code.else();
      this.#readAll();
      this.#fromAll(cc);
      code.end();
      this.#w.unnest();
      return;
    }
    this.#readAll();
    this.#fromAll(cc);
  }

  #overlayBit(flag: number): void {
    const w = this.#w;
    w.code.get(w.ccC).op(OP.i32_wrap_i64).i32(flag).op(OP.i32_and);
  }

  /** The flags as i32 on the stack → the condition. */
  #fromAll(cc: number): void {
    const { code } = this.#w;
    const masks = [FLAG.OF, FLAG.CF, FLAG.ZF, FLAG.CF | FLAG.ZF, FLAG.SF, FLAG.PF];
    const pair = cc >> 1;
    if (pair < 6) code.i32(masks[pair]!).op(OP.i32_and);
    else {
      const t = this.#w.scratch(TYPE.i32, 2);
      // SF xor OF, for `le` or ZF
      code.tee(t).i32(7).op(OP.i32_shr_u).get(t).i32(11).op(OP.i32_shr_u).op(OP.i32_xor).i32(1).op(OP.i32_and);
      if (pair === 7) code.get(t).i32(FLAG.ZF).op(OP.i32_and).op(OP.i32_or);
    }
    if ((cc & 1) !== 0) code.op(OP.i32_eqz);
  }

  /** Conditions that follow from a record of a known kind without working out all flags. */
  #short(cc: number, known: number): boolean {
    const w = this.#w;
    const { code } = w;
    const kind = known & 0xff;
    const log2 = (known >> 8) & 3;
    const overlay = known & ~0xffff;
    const pair = cc >> 1;
    const negated = (cc & 1) !== 0;
    const not = (): void => {
      if (negated) code.op(OP.i32_eqz);
    };
    if (overlay !== 0) {
      // conditions that read an overlaid flag: only those of that flag alone
      const reads = [FLAG.OF, FLAG.CF, 0, FLAG.CF, 0, 0, FLAG.OF, FLAG.OF][pair]!;
      const covered = ((overlay & FLAG_OVERLAY.CF) !== 0 ? FLAG.CF : 0) | ((overlay & FLAG_OVERLAY.OF) !== 0 ? FLAG.OF : 0);
      if ((reads & covered) !== 0) {
        if (pair > 1) return false;
        this.#overlayBit(reads);
        not();
        return true;
      }
    }
    if (kind === FLAG_KIND.sub && pair !== 0 && pair !== 5 && !(pair === 4 && log2 < 2)) return this.#compare(cc, log2);
    if (kind === FLAG_KIND.explicit) {
      code.get(w.ccA).op(OP.i32_wrap_i64);
      this.#fromAll(cc);
      return true;
    }
    // results: zero and sign
    const result = this.#result(kind);
    if (pair === 2 && (result !== null || kind === FLAG_KIND.scan || kind === FLAG_KIND.popcnt || kind === FLAG_KIND.count)) {
      if (result !== null) result(log2);
      else code.get(kind === FLAG_KIND.count ? w.ccB : w.ccA);
      this.#trimmed(log2);
      code.op(OP.i64_eqz);
      not();
      return true;
    }
    if (pair === 4 && result !== null) {
      result(log2);
      code.i64((8 << log2) - 1).op(OP.i64_shr_u).op(OP.i32_wrap_i64).i32(1).op(OP.i32_and);
      not();
      return true;
    }
    if (pair === 5 && result !== null) {
      // even number of ones in the low byte
      result(0);
      code.op(OP.i32_wrap_i64).i32(255).op(OP.i32_and).op(OP.i32_popcnt).i32(1).op(OP.i32_and);
      if (!negated) code.op(OP.i32_eqz);
      return true;
    }
    if (kind === FLAG_KIND.logic) {
      if (pair === 0 || pair === 1) {
        code.i32(negated ? 1 : 0);
        return true;
      }
      if (pair === 3) {
        code.get(w.ccA);
        this.#trimmed(log2);
        code.op(OP.i64_eqz);
        not();
        return true;
      }
      // l: SF; le: SF or ZF
      code.get(w.ccA);
      this.#extended(log2);
      code.i64(0).op(pair === 6 ? (negated ? OP.i64_ge_s : OP.i64_lt_s) : negated ? OP.i64_gt_s : OP.i64_le_s);
      return true;
    }
    if (pair === 1) {
      if (!this.#carry(kind, log2)) return false;
      not();
      return true;
    }
    if (pair === 3 && result !== null) {
      if (!this.#carry(kind, log2)) return false;
      result(log2);
      this.#trimmed(log2);
      code.op(OP.i64_eqz).op(OP.i32_or);
      not();
      return true;
    }
    if ((pair === 0 || pair >= 6) && result !== null && this.#overflow(kind, log2, result)) {
      if (pair >= 6) {
        result(log2);
        code.i64((8 << log2) - 1).op(OP.i64_shr_u).op(OP.i32_wrap_i64).i32(1).op(OP.i32_and).op(OP.i32_xor);
        if (pair === 7) {
          result(log2);
          this.#trimmed(log2);
          code.op(OP.i64_eqz).op(OP.i32_or);
        }
      }
      not();
      return true;
    }
    return false;
  }

  /** cmp a, b: the condition as a comparison. */
  #compare(cc: number, log2: number): boolean {
    const w = this.#w;
    const { code } = w;
    const ops64: Record<number, number> = {
      2: OP.i64_lt_u, 3: OP.i64_ge_u, 4: OP.i64_eq, 5: OP.i64_ne, 6: OP.i64_le_u, 7: OP.i64_gt_u, 12: OP.i64_lt_s, 13: OP.i64_ge_s, 14: OP.i64_le_s, 15: OP.i64_gt_s,
    };
    const ops32: Record<number, number> = {
      2: OP.i32_lt_u, 3: OP.i32_ge_u, 4: OP.i32_eq, 5: OP.i32_ne, 6: OP.i32_le_u, 7: OP.i32_gt_u, 12: OP.i32_lt_s, 13: OP.i32_ge_s, 14: OP.i32_le_s, 15: OP.i32_gt_s,
    };
    if (cc === 8 || cc === 9) {
      // the sign of the difference
      code.get(w.ccA).get(w.ccB).op(OP.i64_sub);
      if (log2 === 3) code.i64(0).op(cc === 8 ? OP.i64_lt_s : OP.i64_ge_s);
      else code.op(OP.i32_wrap_i64).i32(0).op(cc === 8 ? OP.i32_lt_s : OP.i32_ge_s);
      return true;
    }
    if (log2 === 3) {
      code.get(w.ccA).get(w.ccB).op(ops64[cc]!);
      return true;
    }
    const signed = cc >= 12;
    for (const local of [w.ccA, w.ccB]) {
      code.get(local).op(OP.i32_wrap_i64);
      if (log2 < 2) {
        if (signed) code.op(log2 === 0 ? OP.i32_extend8_s : OP.i32_extend16_s);
        else code.i32(log2 === 0 ? 0xff : 0xffff).op(OP.i32_and);
      }
    }
    code.op(ops32[cc]!);
    return true;
  }

  #trimmed(log2: number): void {
    const { code } = this.#w;
    if (log2 === 2) code.i64(-1, 0).op(OP.i64_and);
    else if (log2 < 2) code.i64(log2 === 0 ? 0xff : 0xffff).op(OP.i64_and);
  }
  #extended(log2: number): void {
    const { code } = this.#w;
    if (log2 < 3) code.op([OP.i64_extend8_s, OP.i64_extend16_s, OP.i64_extend32_s][log2]!);
  }

  /** Pushes the result of the recorded operation as i64; bits above its size are not trimmed. */
  #result(kind: number): ((log2: number) => void) | null {
    const w = this.#w;
    const { code } = w;
    const a = (): void => void code.get(w.ccA);
    const b = (): void => void code.get(w.ccB);
    switch (kind) {
      case FLAG_KIND.logic: return a;
      case FLAG_KIND.add: return () => { a(); b(); code.op(OP.i64_add); };
      case FLAG_KIND.sub: return () => { a(); b(); code.op(OP.i64_sub); };
      case FLAG_KIND.adc: return () => { a(); b(); code.op(OP.i64_add).get(w.ccC).i64(1).op(OP.i64_and).op(OP.i64_add); };
      case FLAG_KIND.sbb: return () => { a(); b(); code.op(OP.i64_sub).get(w.ccC).i64(1).op(OP.i64_and).op(OP.i64_sub); };
      case FLAG_KIND.inc: return () => { a(); code.i64(1).op(OP.i64_add); };
      case FLAG_KIND.dec: return () => { a(); code.i64(1).op(OP.i64_sub); };
      case FLAG_KIND.mul: case FLAG_KIND.imul: return () => { a(); b(); code.op(OP.i64_mul); };
      // sizes below 64 bits: the operand is trimmed or extended before it moves right
      case FLAG_KIND.shl: return () => { a(); b(); code.op(OP.i64_shl); };
      case FLAG_KIND.shr: return () => this.#shifted(OP.i64_shr_u);
      case FLAG_KIND.sar: return () => this.#shifted(OP.i64_shr_s);
      default: return null;
    }
  }
  /** The known record's size decides how the operand of a right shift is extended. */
  #shifted(op: number): void {
    const w = this.#w;
    const log2 = (this.known >> 8) & 3;
    w.code.get(w.ccA);
    if (op === OP.i64_shr_u) this.#trimmed(log2);
    else this.#extended(log2);
    w.code.get(w.ccB).op(op);
  }

  /** Pushes CF as 0 or 1; false: not in a short way. */
  #carry(kind: number, log2: number): boolean {
    const w = this.#w;
    const { code } = w;
    const bits = 8 << log2;
    const trimmed = (local: number): void => {
      code.get(local);
      this.#trimmed(log2);
    };
    switch (kind) {
      case FLAG_KIND.add:
        code.get(w.ccA).get(w.ccB).op(OP.i64_add);
        this.#trimmed(log2);
        trimmed(w.ccA);
        code.op(OP.i64_lt_u);
        return true;
      case FLAG_KIND.sub:
        trimmed(w.ccA);
        trimmed(w.ccB);
        code.op(OP.i64_lt_u);
        return true;
      case FLAG_KIND.adc:
        if (log2 === 3) {
          // a + b wraps, or the carry wraps the sum
          const t = w.scratch(TYPE.i64, 0);
          code.get(w.ccA).get(w.ccB).op(OP.i64_add).tee(t).get(w.ccA).op(OP.i64_lt_u);
          code.get(t).get(w.ccC).i64(1).op(OP.i64_and).op(OP.i64_add).get(t).op(OP.i64_lt_u).op(OP.i32_or);
        } else {
          trimmed(w.ccA);
          trimmed(w.ccB);
          code.op(OP.i64_add).get(w.ccC).i64(1).op(OP.i64_and).op(OP.i64_add).i64(bits).op(OP.i64_shr_u).op(OP.i32_wrap_i64);
        }
        return true;
      case FLAG_KIND.sbb:
        // a < b, or equal with a borrow
        trimmed(w.ccA);
        trimmed(w.ccB);
        code.op(OP.i64_lt_u);
        trimmed(w.ccA);
        trimmed(w.ccB);
        code.op(OP.i64_eq).get(w.ccC).op(OP.i32_wrap_i64).op(OP.i32_and).i32(1).op(OP.i32_and).op(OP.i32_or);
        return true;
      case FLAG_KIND.inc: case FLAG_KIND.dec:
        code.get(w.ccB).op(OP.i32_wrap_i64).i32(1).op(OP.i32_and);
        return true;
      case FLAG_KIND.shl:
        // the bit that went out last; counts above the size shift it out of the 64 bits looked at only for small sizes, where it is 0
        if (log2 === 3) code.get(w.ccA).i64(64).get(w.ccB).op(OP.i64_sub).op(OP.i64_shr_u);
        else {
          trimmed(w.ccA);
          code.get(w.ccB).op(OP.i64_shl).i64(bits).op(OP.i64_shr_u);
        }
        code.op(OP.i32_wrap_i64).i32(1).op(OP.i32_and);
        return true;
      case FLAG_KIND.shr: case FLAG_KIND.sar:
        code.get(w.ccA);
        if (kind === FLAG_KIND.shr) this.#trimmed(log2);
        else this.#extended(log2);
        code.get(w.ccB).i64(1).op(OP.i64_sub).op(kind === FLAG_KIND.shr ? OP.i64_shr_u : OP.i64_shr_s).op(OP.i32_wrap_i64).i32(1).op(OP.i32_and);
        return true;
      case FLAG_KIND.popcnt:
        code.i32(0);
        return true;
      case FLAG_KIND.count:
        trimmed(w.ccA);
        code.op(OP.i64_eqz);
        return true;
      default:
        return false;
    }
  }

  /** Pushes OF as 0 or 1. */
  #overflow(kind: number, log2: number, result: (log2: number) => void): boolean {
    const w = this.#w;
    const { code } = w;
    const top = (8 << log2) - 1;
    const bit = (): void => void code.i64(top).op(OP.i64_shr_u).op(OP.i32_wrap_i64).i32(1).op(OP.i32_and);
    switch (kind) {
      case FLAG_KIND.add: case FLAG_KIND.adc:
        code.get(w.ccA);
        result(log2);
        code.op(OP.i64_xor).get(w.ccB);
        result(log2);
        code.op(OP.i64_xor).op(OP.i64_and);
        bit();
        return true;
      case FLAG_KIND.sub: case FLAG_KIND.sbb:
        code.get(w.ccA).get(w.ccB).op(OP.i64_xor).get(w.ccA);
        result(log2);
        code.op(OP.i64_xor).op(OP.i64_and);
        bit();
        return true;
      case FLAG_KIND.inc: case FLAG_KIND.dec:
        // from the largest number, from the smallest
        code.get(w.ccA);
        this.#trimmed(log2);
        if (kind === FLAG_KIND.inc) {
          const x = imm((1n << BigInt(top)) - 1n);
          code.i64(x.lo, x.hi);
        } else {
          const x = imm(1n << BigInt(top));
          code.i64(x.lo, x.hi);
        }
        code.op(OP.i64_eq);
        return true;
      default:
        return false;
    }
  }
}

/** Kinds that have a second operand. */
function usesB(kind: number): boolean {
  return kind !== FLAG_KIND.logic && kind !== FLAG_KIND.explicit && kind !== FLAG_KIND.popcnt;
}
