import { FLAG_KIND, REG } from '@tally86/core';
import { isImm, type DataOp, type Ea, type EndOp, type FlagOp, type HelperOp, type IrBlock, type IrOp, type Operand, type VectorOp } from '@tally86/decoder';
import { isWritten } from '../emit/string.ts';
import { cellAt } from '../layout.ts';
import type { Amount } from '../runtime/instrumentation.ts';
import { AT, MICRO_CELL, RECORD, ZERO_AT } from './layout.ts';
import { CODES } from './codes.ts';
import { SIZES, TOGETHER } from './module.ts';
import { FORM } from './shapes-memory.ts';
import { SHIFTS, SHUFFLES } from '../emit/vector/tables.ts';
import { vectorByte } from './writer.ts';

/** Longest translation of one operation, in records: constants, itself, links. */
const MOST = 8;
const LOG2 = { 1: 0, 2: 1, 4: 2, 8: 3 } as const;

/** What the translation of a block came to. */
export interface Translated {
  /** Instructions done by micro-operations; the exact engine goes on behind them. */
  count: number;
  /** Behind the last record. */
  end: number;
}

/** Writes blocks as records. */
export class Translator {
  readonly #halves: Uint16Array;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #helperNumber: (name: string) => number;
  /** Where the next record goes, in bytes. */
  #at = 0;
  /** Index of the present instruction. */
  #k = 0;
  /** The constants used by the present operation. */
  #constants = 0;

  constructor(buffer: ArrayBuffer, helperNumber: (name: string) => number) {
    this.#halves = new Uint16Array(buffer);
    this.#words = new Int32Array(buffer);
    this.#bytes = new Uint8Array(buffer);
    this.#helperNumber = helperNumber;
  }

  /** Bytes that a block may take. */
  static room(ir: IrBlock, counters: number): number {
    return (ir.ops.length * MOST + counters + 8) * RECORD;
  }

  /** The exact engine does the whole block. */
  nothing(at: number, into: Translated): void {
    this.#at = at + RECORD;
    this.#k = 0;
    this.#leave(into);
  }
  #leave(into: Translated): void {
    this.#put(CODES.exact, 0, 0, 0);
    this.#halves[(this.#at - RECORD + AT.instruction) >> 1] = this.#k;
    into.count = this.#k;
    into.end = this.#at;
  }

  /** Writes the records of a block behind `at`, where its entry is: the caller writes that. Counts come first; who leaves in the middle takes some back. */
  block(ir: IrBlock, at: number, counts: readonly Amount[], into: Translated): void {
    const { ops, instructions } = ir;
    this.#at = at + RECORD;
    this.#k = 0;
    for (const { cell, amount } of counts) {
      this.#put(CODES.count, 0, 0, 0);
      this.#imm(amount, cell);
    }
    let start = this.#at;
    let next = instructions.length > 1 ? instructions[1]!.first : Infinity;
    for (let i = 0; i < ops.length; i++) {
      while (i >= next) {
        this.#k++;
        start = this.#at;
        next = this.#k + 1 < instructions.length ? instructions[this.#k + 1]!.first : Infinity;
      }
      this.#constants = 0;
      const done = i === ops.length - 1 ? this.#end(ops[i] as EndOp) : this.#fused(ops, i, next);
      if (done > 0) {
        i += done - 1;
        continue;
      }
      // the exact engine does this instruction, and the rest of the block
      this.#at = start;
      this.#leave(into);
      this.#pair(at + RECORD);
      return;
    }
    into.count = instructions.length;
    into.end = this.#at;
    this.#pair(at + RECORD);
  }
  /** Lets records from `at` on that are executed together often be executed by one micro-operation. */
  #pair(at: number): void {
    const halves = this.#halves;
    for (let p = at; p < this.#at; ) {
      const code = halves[p >> 1]!;
      const size = SIZES[code]!;
      if (size === 0) return;
      const together = TOGETHER[code]?.[halves[(p + size) >> 1]!] ?? 0;
      if (together !== 0) {
        halves[p >> 1] = together;
        p += RECORD;
      }
      p += size;
    }
  }

  #put(code: number, d: number, a: number, b: number): void {
    const h = this.#at >> 1;
    const halves = this.#halves;
    halves[h] = code;
    halves[h + 1] = d;
    halves[h + 2] = a;
    halves[h + 3] = b;
    this.#at += RECORD;
  }
  /** Sets the constant of the record written last. */
  #imm(lo: number, hi: number): void {
    const w = (this.#at - RECORD + AT.imm) >> 2;
    this.#words[w] = lo;
    this.#words[w + 1] = hi;
  }
  /** The address of an operand's cell; a constant is put into one first. */
  #cell(a: Operand): number {
    if (!isImm(a)) return cellAt(a);
    if (a.lo === 0 && a.hi === 0) return ZERO_AT;
    const cell = cellAt(MICRO_CELL.constants + this.#constants++);
    this.#put(CODES.constant, cell, 0, 0);
    this.#imm(a.lo, a.hi);
    return cell;
  }

  /** An operation, or several at once that come with it; how many, 0: the exact engine has to do it. */
  #fused(ops: readonly IrOp[], i: number, next: number): number {
    const op = ops[i]!;
    const second = ops[i + 1]!;
    if (op.op === 'flags') {
      if (second.op === 'branchcc' && i + 2 === ops.length && this.#compareAndBranch(op, second)) return 2;
      if (i + 1 < next && this.#recorded(op, second)) return 2;
      return this.#flags(op) ? 1 : 0;
    }
    if ((op.op === 'and' || op.op === 'or' || op.op === 'xor') && second.op === 'flags' && second.kind === FLAG_KIND.logic && i + 1 < next) {
      if (second.size * 8 === op.w && second.a === op.d && !isImm(op.a)) {
        const after = ops[i + 2];
        // the branch on it is worth more
        if (after?.op !== 'branchcc' || i + 3 !== ops.length) {
          this.#binary(CODES.flagged[op.op]![op.w === 64 ? 1 : 0]!, cellAt(op.d), op.a, op.b);
          return 2;
        }
      }
    }
    if (op.op === 'store' && second.op === 'sub' && i + 1 < next) {
      const pushed = this.#push(op, second, ops[i + 2], i + 3 === ops.length);
      if (pushed > 0) return pushed;
    }
    if (op.op === 'load' && second.op === 'add' && i + 1 < next && this.#pop(op, second)) return 2;
    if (op.op === 'load' && second.op === 'jumpind' && i + 2 === ops.length && this.#return(op, second)) return 2;
    return this.#operation(op) ? 1 : 0;
  }

  #operation(op: IrOp): boolean {
    switch (op.op) {
      case 'nop': return true;
      case 'load': {
        const codes = CODES.load[op.rmw ? 1 : 0]![op.sext === 64 ? 2 : op.sext === 32 ? 1 : 0]![LOG2[op.size]]!;
        return codes[FORM.base]! >= 0 && this.#access(codes, cellAt(op.d), op.ea);
      }
      case 'store': {
        const { a } = op;
        const log2 = LOG2[op.size];
        if (isImm(a) && a.lo << 16 >> 16 === a.lo && (log2 < 3 || a.hi === a.lo >> 31)) return this.#access(CODES.storeConstant[log2]!, a.lo, op.ea);
        return this.#access(CODES.store[log2]!, this.#cell(a), op.ea);
      }
      case 'vload': {
        if (op.bytes === 1) return false;
        const codes = CODES.vload[op.aligned ? op.bytes >> 5 : op.bytes]!;
        return codes[FORM.base]! >= 0 && this.#access(codes, vectorByte(op.d), op.ea);
      }
      case 'vstore': {
        if (op.bytes === 1) return false;
        const codes = CODES.vstore[op.aligned ? op.bytes >> 5 : op.bytes]!;
        return codes[FORM.base]! >= 0 && this.#access(codes, vectorByte(op.a), op.ea);
      }
      case 'lea': return this.#access(CODES.lea[op.w === 32 || op.ea.a32 ? 0 : 1]!, cellAt(op.d), { ...op.ea, seg: 0, a32: false });
      case 'linear': return this.#access(CODES.lea[1]!, cellAt(op.d), op.ea);
      case 'probe': return false;
      case 'flags': return this.#flags(op);
      case 'getcc': this.#put(CODES.getcc[op.cc]!, cellAt(op.d), 0, 0); return true;
      case 'getflags': this.#put(CODES.getflags, cellAt(op.d), 0, 0); return true;
      case 'selectcc': {
        const x = this.#cell(op.x);
        const y = this.#cell(op.y);
        this.#put(CODES.selectcc[op.w === 64 ? 1 : 0]![op.cc]!, cellAt(op.d), x, y);
        return true;
      }
      case 'mergeflags': {
        const code = CODES.mergeflags[op.mask] ?? -1;
        if (code < 0) return false;
        this.#put(code, 0, this.#cell(op.a), 0);
        return true;
      }
      case 'rotflags': {
        const codes = CODES.rotflags[op.right ? 1 : 0]![LOG2[op.size]]!;
        if (isImm(op.count)) this.#put(codes[0]!, 0, cellAt(op.a), 0);
        else this.#put(codes[1]!, 0, cellAt(op.a), cellAt(op.count));
        return true;
      }
      case 'v': case 'vmov': case 'vzero': case 'vget': case 'vset': return this.#vector(op);
      case 'helper': return this.#helper(op);
      case 'jump': case 'jumpind': case 'branchcc': case 'branch': case 'string': case 'syscall': case 'trap': case 'undefined': case 'fetchfault': case 'leave':
        return false;
      default: return this.#data(op);
    }
  }

  #binary(codes: readonly number[], d: number, a: Operand, b: Operand): void {
    const first = this.#cell(a);
    if (isImm(b)) {
      this.#put(codes[1]!, d, first, 0);
      this.#imm(b.lo, b.hi);
    } else this.#put(codes[0]!, d, first, cellAt(b));
  }

  #data(op: DataOp): boolean {
    const d = cellAt(op.d);
    switch (op.op) {
      case 'deposit':
        this.#binary(CODES.deposit[op.len === 16 ? 2 : op.pos === 8 ? 1 : 0]!, d, op.a, op.b);
        return op.len === 8 || op.pos === 0;
      case 'extract':
        if (op.len === 16 && op.pos !== 0) return false;
        this.#put(CODES.extract[op.len === 16 ? 2 : op.pos === 8 ? 1 : 0]!, d, this.#cell(op.a), 0);
        return true;
      case 'set': {
        const a = this.#cell(op.a);
        const b = this.#cell(op.b);
        this.#put(CODES.set[op.cond]![op.w === 64 ? 1 : 0]!, d, a, b);
        return true;
      }
      case 'select': {
        const [a, b, x, y] = [this.#cell(op.a), this.#cell(op.b), this.#cell(op.x), this.#cell(op.y)];
        this.#put(CODES.select[op.cond]![op.w === 64 ? 1 : 0]!, d, a, b);
        this.#imm(x | (y << 16), 0);
        return true;
      }
      case 'mov':
        if (isImm(op.a)) {
          this.#put(CODES.constant, d, 0, 0);
          this.#imm(op.a.lo, op.w === 64 ? op.a.hi : 0);
          return true;
        }
        break;
      default:
        if ('b' in op) {
          if (op.op === 'mulhu' || op.op === 'mulhs') {
            const a = this.#cell(op.a);
            const b = this.#cell(op.b);
            this.#put(CODES[op.op], d, a, b);
          } else this.#binary(CODES.binary[op.op]![op.w === 64 ? 1 : 0]!, d, op.a, op.b);
          return true;
        }
    }
    this.#put(CODES.unary[op.op]![op.w === 64 ? 1 : 0]!, d, this.#cell(op.a), 0);
    return true;
  }

  /** An access; the codes are those of its forms of address. */
  #access(codes: readonly number[], d: number, { base, index, shift, disp, seg, a32 }: Ea): boolean {
    if (a32) return false;
    const words = this.#words;
    if (base < 0 && index < 0 && seg === 0) {
      if (disp < 0 || disp >= 0x8000_0000_0000) return false;
      this.#put(codes[FORM.absolute]!, d, 0, 0);
      this.#imm(disp | 0, Math.floor(disp / 4294967296) | (this.#k << 16));
      return true;
    }
    if ((disp | 0) !== disp) return false;
    const form = seg !== 0 ? FORM.segment : index >= 0 ? FORM.index : FORM.base;
    this.#put(codes[form]!, d, base < 0 ? ZERO_AT : cellAt(base), index < 0 ? ZERO_AT : cellAt(index));
    const w = (this.#at - RECORD + AT.disp) >> 2;
    words[w] = disp;
    words[w + 1] = (seg === 0 ? 0 : cellAt(seg)) | (this.#k << 16) | (shift << 24);
    return true;
  }

  #flags(op: Extract<FlagOp, { op: 'flags' }>): boolean {
    const kind = op.kind | (LOG2[op.size] << 8);
    switch (op.kind) {
      case FLAG_KIND.logic: case FLAG_KIND.explicit: case FLAG_KIND.popcnt:
        this.#put(CODES.flags[1]!, kind, this.#cell(op.a), 0);
        return true;
      case FLAG_KIND.adc: case FLAG_KIND.sbb: case FLAG_KIND.shld: case FLAG_KIND.shrd: {
        const [a, b, c] = [this.#cell(op.a), this.#cell(op.b), this.#cell(op.c)];
        const counted = (op.kind === FLAG_KIND.shld || op.kind === FLAG_KIND.shrd) && !isImm(op.c);
        this.#put(counted ? CODES.flagsCount[1] : CODES.flags[3]!, kind, a, b);
        this.#imm(c, 0);
        return true;
      }
      case FLAG_KIND.shl: case FLAG_KIND.shr: case FLAG_KIND.sar:
        if (!isImm(op.b)) {
          this.#put(CODES.flagsCount[0], kind, this.#cell(op.a), cellAt(op.b));
          return true;
        }
    }
    const a = this.#cell(op.a);
    if (isImm(op.b)) {
      this.#put(CODES.flags[0]!, kind, a, 0);
      this.#imm(op.b.lo, op.b.hi);
    } else this.#put(CODES.flags[2]!, kind, a, cellAt(op.b));
    return true;
  }

  /** `flags add a b; add d a b` and the like. */
  #recorded(f: Extract<FlagOp, { op: 'flags' }>, op: IrOp): boolean {
    if (op.op !== (f.kind === FLAG_KIND.add ? 'add' : f.kind === FLAG_KIND.sub ? 'sub' : '') || (op.op !== 'add' && op.op !== 'sub')) return false;
    if (f.size * 8 !== op.w || isImm(op.a) || op.a !== f.a) return false;
    if (isImm(op.b) ? !isImm(f.b) || f.b.lo !== op.b.lo || f.b.hi !== op.b.hi : op.b !== f.b) return false;
    this.#binary(CODES.flagged[op.op]![op.w === 64 ? 1 : 0]!, cellAt(op.d), op.a, op.b);
    return true;
  }

  #compareAndBranch(f: Extract<FlagOp, { op: 'flags' }>, end: Extract<EndOp, { op: 'branchcc' }>): boolean {
    if (f.kind !== FLAG_KIND.sub && f.kind !== FLAG_KIND.logic) return false;
    const codes = CODES.compare[f.kind === FLAG_KIND.sub ? 0 : 1]![LOG2[f.size]]!;
    if (codes[end.cc] === undefined) return false;
    const a = this.#cell(f.a);
    if (f.kind === FLAG_KIND.logic) this.#put(codes[end.cc]!, 0, a, 0);
    else if (isImm(f.b) && f.b.lo << 16 >> 16 === f.b.lo && f.b.hi === f.b.lo >> 31) this.#put(codes[16 + end.cc]!, 0, a, f.b.lo);
    else this.#put(codes[end.cc]!, 0, a, this.#cell(f.b));
    this.#links(end.taken, end.fall);
    return true;
  }

  /** `store [rsp - 8], a; sub rsp 8`, perhaps with a call behind it. */
  #push(op: Extract<IrOp, { op: 'store' }>, move: Extract<DataOp, { b: Operand; w: unknown }>, end: IrOp | undefined, last: boolean): number {
    const { ea, a } = op;
    if (op.size !== 8 || !isStack(ea, -8) || move.d !== REG.rsp || move.a !== REG.rsp || !isImm(move.b) || move.b.lo !== 8 || move.b.hi !== 0 || move.w !== 64) return 0;
    if (last && end?.op === 'jump' && end.kind === 'call' && isImm(a) && a.hi >>> 15 === 0) {
      this.#put(CODES.call, a.lo & 0xffff, a.lo >>> 16, a.hi);
      this.#imm(0, this.#k << 16);
      this.#links(end.target, -1);
      return 3;
    }
    const d = this.#cell(a);
    this.#put(CODES.push, d, cellAt(REG.rsp), 0);
    this.#imm(-8, this.#k << 16);
    return 2;
  }
  #pop(op: Extract<IrOp, { op: 'load' }>, move: Extract<DataOp, { b: Operand; w: unknown }>): boolean {
    if (op.size !== 8 || op.rmw || !isStack(op.ea, 0) || op.d === REG.rsp) return false;
    if (move.d !== REG.rsp || move.a !== REG.rsp || !isImm(move.b) || move.b.lo !== 8 || move.b.hi !== 0 || move.w !== 64) return false;
    this.#put(CODES.pop, cellAt(op.d), cellAt(REG.rsp), 0);
    this.#imm(0, this.#k << 16);
    return true;
  }

  #return(op: Extract<IrOp, { op: 'load' }>, end: Extract<EndOp, { op: 'jumpind' }>): boolean {
    const { ea } = op;
    if (end.kind !== 'ret' || end.a !== op.d || op.size !== 8 || op.rmw || !isStack(ea, 0) || end.sp > 0x7fff) return false;
    this.#put(CODES.ret, end.sp, cellAt(REG.rsp), 0);
    this.#imm(0, this.#k << 16);
    return true;
  }

  #vector(op: Exclude<VectorOp, { op: 'vload' | 'vstore' }>): boolean {
    switch (op.op) {
      case 'vmov': this.#put(CODES.vmov, vectorByte(op.d), vectorByte(op.a), 0); return true;
      case 'vzero': this.#put(CODES.vzero, vectorByte(op.d), 0, 0); return true;
      case 'vget': this.#put(CODES.vget[LOG2[op.size]]!, cellAt(op.d), vectorByte(op.a, op.lane * op.size), 0); return true;
      case 'vset': this.#put(CODES.vset[LOG2[op.size]]!, vectorByte(op.d, op.lane * op.size), this.#cell(op.a), 0); return true;
      default: return this.#lanes(op);
    }
  }
  #lanes(op: Extract<VectorOp, { op: 'v' }>): boolean {
    const { name, imm } = op;
    const [d, a, b] = [vectorByte(op.d), vectorByte(op.a), vectorByte(op.b)];
    const code = CODES.lanes.get(name);
    if (code !== undefined) {
      this.#put(code, d, a, b);
      this.#imm(name.endsWith('blendv') ? vectorByte(imm) : 0, 0);
      return true;
    }
    const shuffle = SHUFFLES[name];
    if (shuffle !== undefined) {
      this.#put(CODES.shuffle, d, a, b);
      shuffle(imm).forEach((n, i) => {
        this.#bytes[this.#at + i] = n >= 0 && n < 16 ? n : 0xff;
        this.#bytes[this.#at + RECORD + i] = n >= 16 ? n - 16 : 0xff;
      });
      this.#at += 2 * RECORD;
      return true;
    }
    const shift = SHIFTS[name];
    const shifted = CODES.shifts.get(name);
    if (shift === undefined || shifted === undefined) return false;
    if (imm >= shift.width && !shift.signed) this.#put(CODES.vzero, d, 0, 0);
    else {
      this.#put(shifted, d, a, 0);
      this.#imm(Math.min(imm, shift.width - 1), 0);
    }
    return true;
  }

  #helper(op: HelperOp): boolean {
    // what goes on behind it may begin anew, after stores that it would read
    if (op.name === 'checkCodeSelector') return false;
    const { args } = op;
    const [a = 0, b = 0, c = 0, d = 0] = args;
    if ((a | b | c | d) >>> 16 !== 0) return false;
    this.#put(CODES.helper, this.#helperNumber(op.name), a, b);
    this.#imm(c | (d << 16), this.#k << 16);
    return true;
  }

  #end(op: EndOp): number {
    switch (op.op) {
      case 'jump':
        this.#put(CODES.goto, 0, 0, 0);
        this.#links(op.target, -1);
        return 1;
      case 'branchcc':
        this.#put(CODES.branchcc[op.cc]!, 0, 0, 0);
        this.#links(op.taken, op.fall);
        return 1;
      case 'branch': {
        const code = CODES.branch[op.cond]?.[op.w === 64 ? 1 : 0];
        if (code === undefined) return 0;
        const a = this.#cell(op.a);
        const b = this.#cell(op.b);
        this.#put(code, 0, a, b);
        this.#links(op.taken, op.fall);
        return 1;
      }
      case 'jumpind':
        if (op.sp << 16 >> 16 !== op.sp) return 0;
        this.#put(CODES.jump, op.sp, cellAt(op.a), 0);
        // jumps and calls keep their targets apart, which the region builder wants to know
        this.#imm(op.kind !== 'ret' ? (Math.imul(this.#at, 0x9e3779b1) & -16) | 1 : 0, this.#k << 16);
        return 1;
      case 'string': {
        const code = op.rep === 'rep' && isWritten(op) ? CODES.repeated[op.kind]?.[LOG2[op.size]] : undefined;
        if (code === undefined) return 0;
        this.#put(code, 0, 0, 0);
        this.#imm(0, this.#k << 16);
        this.#put(CODES.goto, 0, 0, 0);
        this.#links(op.next, -1);
        return 1;
      }
      case 'syscall':
        this.#put(CODES.syscall, Math.floor(op.next / 4294967296), 0, 0);
        this.#imm(op.next | 0, 0);
        return 1;
      default: return 0;
    }
  }

  /** Links that are not made yet, behind the branch written last. */
  #links(taken: number, fall: number): void {
    const branch = this.#at - RECORD;
    this.#link(branch + AT.taken, taken);
    if (fall >= 0) this.#link(branch + AT.fall, fall);
  }
  #link(site: number, address: number): void {
    this.#words[site >> 2] = this.#at;
    this.#put(CODES.link, Math.floor(address / 4294967296), 0, 0);
    this.#imm(address | 0, site);
  }
}

/** Whether an address is [rsp + disp]. */
function isStack({ base, index, disp: at, seg, a32 }: Ea, disp: number): boolean {
  return base === REG.rsp && index < 0 && at === disp && seg === 0 && !a32;
}
