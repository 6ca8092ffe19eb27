import { CELL, TEMP_COUNT } from '@tally86/core';
import { type HelperOp } from '@tally86/decoder';
import { cellAt, JIT_CELL } from '../layout.ts';
import { OP, SIMD, TYPE } from '../wasm/opcodes.ts';
import { helperWritesFlags } from './flags.ts';
import { emitFloat } from './float/index.ts';
import { halvesOf, helperRoles } from './use.ts';
import { vectorFacts } from './vector/facts.ts';
import { vectorAt, type RegionWriter } from './writer.ts';

export interface HelperImports {
  /** (number, a, b, c, d: i32): runs a helper on the state in memory. */
  readonly helper: number;
  /** (a, b: v128, imm: i32) → i32: pcmpistri of bytes: index and flags. */
  readonly strings: number;
  /** The number of a helper. */
  helperNumber(name: string): number;
}

/** Helpers that read the recorded flags. */
const READS_FLAGS: ReadonlySet<string> = new Set(['rcl', 'rcr']);

const isTemp = (slot: number): boolean => slot >= CELL.temp && slot < CELL.temp + TEMP_COUNT;

/** Writes out-of-line operations: a few in place, the rest as calls of the host with the state in memory. */
export class HelperEmitter {
  readonly #w: RegionWriter;
  readonly #imports: HelperImports;
  /** How floating point is done: relying on a recorded precision exception, proving itself exact, or by the host. */
  floats: 'recorded' | 'exact' | 'host' = 'recorded';

  constructor(w: RegionWriter, imports: HelperImports) {
    this.#w = w;
    this.#imports = imports;
  }

  /** False: the interpreter has to do the instruction. */
  emit(op: HelperOp): boolean {
    const w = this.#w;
    const { code } = w;
    switch (op.name) {
      case 'checkCanonical': {
        const a = op.args[0]!;
        w.get(a);
        code.i64(16).op(OP.i64_shl).i64(16).op(OP.i64_shr_s);
        w.get(a);
        code.op(OP.i64_ne);
        w.exitIf();
        return true;
      }
      case 'pcmpistri':
        if ((op.args[3]! & 1) === 0) {
          this.#compareStrings(op);
          return true;
        }
        break;
      case 'div': case 'idiv':
        if (op.args[0]! >= 2) {
          if (op.name === 'div') this.#divide(op.args[0]!, op.args[1]!);
          else this.#divideSigned(op.args[0]!, op.args[1]!);
          return true;
        }
        break;
      default:
        if (this.floats !== 'host' && emitFloat(w, op, this.floats === 'exact')) return true;
    }
    this.#call(op);
    return true;
  }

  /** Unsigned: the quotient fits if the high half is below the divisor, which covers 0; a high half that is not 0 goes to the host for 64 bits. */
  #divide(log2: number, divisor: number): void {
    const w = this.#w;
    const { code } = w;
    const by = w.scratch(TYPE.i64, 0);
    const value = w.scratch(TYPE.i64, 1);
    if (log2 === 2) {
      w.get32(divisor);
      code.op(OP.i64_extend_i32_u).set(by);
      w.get32(2);
      w.get32(divisor);
      code.op(OP.i32_ge_u);
      w.exitIf();
      w.get32(0);
      code.op(OP.i64_extend_i32_u);
      w.get(2);
      code.i64(32).op(OP.i64_shl).op(OP.i64_or).set(value);
    } else {
      w.get(divisor);
      code.tee(by).op(OP.i64_eqz);
      w.get(2);
      code.op(OP.i64_eqz).op(OP.i32_eqz).op(OP.i32_or);
      w.exitIf();
      w.get(0);
      code.set(value);
    }
    code.get(value).get(by).op(OP.i64_div_u);
    w.set(0);
    code.get(value).get(by).op(OP.i64_rem_u);
    w.set(2);
  }

  /** Signed: done here if the high half is the sign of the low one, and neither divisor is special. */
  #divideSigned(log2: number, divisor: number): void {
    const w = this.#w;
    const { code } = w;
    if (log2 === 2) {
      const by = w.scratch(TYPE.i32, 0);
      const value = w.scratch(TYPE.i32, 1);
      w.get32(divisor);
      // 0 and -1 are the only ones that can fail
      code.tee(by).i32(1).op(OP.i32_add).i32(1).op(OP.i32_le_u);
      w.get32(0);
      code.tee(value).i32(31).op(OP.i32_shr_s);
      w.get32(2);
      code.op(OP.i32_ne).op(OP.i32_or);
      w.exitIf();
      code.get(value).get(by).op(OP.i32_div_s);
      w.set32(0);
      code.get(value).get(by).op(OP.i32_rem_s);
      w.set32(2);
      return;
    }
    const by = w.scratch(TYPE.i64, 0);
    const value = w.scratch(TYPE.i64, 1);
    w.get(divisor);
    code.tee(by).i64(1).op(OP.i64_add).i64(1).op(OP.i64_le_u);
    w.get(0);
    code.tee(value).i64(63).op(OP.i64_shr_s);
    w.get(2);
    code.op(OP.i64_ne).op(OP.i32_or);
    w.exitIf();
    code.get(value).get(by).op(OP.i64_div_s);
    w.set(0);
    code.get(value).get(by).op(OP.i64_rem_s);
    w.set(2);
  }

  #compareStrings({ args }: HelperOp): void {
    const w = this.#w;
    const { code } = w;
    const both = w.scratch(TYPE.i32, 0);
    w.getV(args[2]! & 0xff);
    w.getV(args[2]! >> 8);
    code.i32(args[3]!).call(this.#imports.strings).tee(both).i32(0xff).op(OP.i32_and);
    w.set32(args[0]!);
    code.get(both).i32(8).op(OP.i32_shr_u);
    w.set32(args[1]!);
  }

  #storeCell(slot: number): void {
    const l = this.#w.localOf(slot);
    if (l >= 0 && !this.#w.isStored(slot)) this.#w.code.i32(0).get(l).memory(OP.i64_store, cellAt(slot));
  }
  #loadCell(slot: number): void {
    const l = this.#w.localOf(slot);
    if (l < 0) return;
    this.#w.code.i32(0).memory(OP.i64_load, cellAt(slot)).set(l);
    this.#w.loaded(slot);
  }
  #storeVector(slot: number): void {
    if (!this.#w.isStoredV(slot)) this.#w.code.i32(0).get(this.#w.vectorLocal(slot)).simdMemory(SIMD.v128_store, vectorAt(slot));
  }
  #loadVector(slot: number): void {
    this.#w.code.i32(0).simdMemory(SIMD.v128_load, vectorAt(slot)).set(this.#w.vectorLocal(slot));
    this.#w.loadedV(slot);
    vectorFacts(this.#w).written(slot);
  }

  /** The vector slots that a helper reads, and those that it writes. */
  #vectors({ name, args }: HelperOp): { reads: Set<number>; writes: Set<number> } {
    const reads = new Set<number>();
    const writes = new Set<number>();
    const roles = helperRoles(name) ?? '';
    for (let i = 0; i < roles.length; i++) {
      const role = roles[i];
      const slot = args[i] ?? 0;
      for (const half of halvesOf(name)) {
        if (role === 'v' || role === 'b') reads.add(slot + half);
        if (role === 'V' || role === 'b') writes.add(slot + half);
      }
    }
    if (name === 'vgather') for (const half of halvesOf(name)) reads.add((args[3]! & 15) + half);
    if (name.startsWith('pcmp')) {
      reads.add(args[2]! & 0xff);
      reads.add(args[2]! >> 8);
      if (/m(64)?$/.test(name)) {
        reads.add(0);
        writes.add(0);
      }
    }
    return { reads, writes };
  }

  #call(op: HelperOp): void {
    const w = this.#w;
    const { code } = w;
    const { reads, writes } = this.#vectors(op);
    if (op.faults) {
      // should it raise, the interpreter finds everything as it was before this instruction
      w.settle();
      w.bringFlags('memory');
      w.storeRemaining();
      w.forgetGathered();
      code.i32(0).i32(w.numbers.exit({ rip: w.instruction, charge: w.charge, counts: w.counts, kind: 'interpret', cause: 'other', count: 0, misses: 0 })).memory(OP.i32_store, cellAt(JIT_CELL.bail));
    } else if (READS_FLAGS.has(op.name)) w.bringFlags('memory');
    const cells = new Set<number>([...op.reads, ...op.args.filter(isTemp)]);
    for (const slot of cells) this.#storeCell(slot);
    for (const slot of reads) this.#storeVector(slot);
    code.i32(this.#imports.helperNumber(op.name));
    for (let i = 0; i < 4; i++) code.i32(op.args[i] ?? 0);
    code.call(this.#imports.helper);
    for (const slot of new Set([...op.writes, ...op.args.filter(isTemp)])) this.#loadCell(slot);
    for (const slot of writes) this.#loadVector(slot);
    if (helperWritesFlags(op.name)) w.flagsAt = 'memory';
  }
}
