import { CELL, TEMP_COUNT, VECTOR_SLOT, type FlagKind } from '@tally86/core';
import { ZERO, type BinaryOp, type Cond, type Ea, type EndOp, type IrOp, type Operand, type Size, type Slot, type UnaryOp, type WideOp, type Width } from '../ir/ops.ts';

/** Collects the operations of an instruction. */
export class IrBuilder {
  ops: IrOp[] = [];
  /** The last operation is one that ends a block. */
  ended = false;
  #temp = 0;
  #vtemp = 0;

  /** Goes on with another instruction. */
  begin(): void {
    this.ops = [];
    this.ended = false;
    this.#temp = 0;
    this.#vtemp = 0;
  }
  /** A fresh temporary cell. */
  temp(): Slot {
    if (this.#temp === TEMP_COUNT) throw new Error('out of IR temporaries');
    return CELL.temp + this.#temp++;
  }
  /** A fresh vector temporary; the slot of its upper half comes with it. */
  vtemp(): number {
    if (this.#vtemp === 16) throw new Error('out of IR vector temporaries');
    return VECTOR_SLOT.temp + this.#vtemp++;
  }
  push(op: IrOp): void {
    this.ops.push(op);
  }
  end(op: EndOp): void {
    this.ops.push(op);
    this.ended = true;
  }

  /** The following forms compute into a fresh temporary unless `d` is given, and return it. */
  bin(op: BinaryOp, w: Width, a: Operand, b: Operand, d: Slot = this.temp()): Slot {
    this.ops.push({ op, w, d, a, b });
    return d;
  }
  wide(op: WideOp, a: Operand, b: Operand, d: Slot = this.temp()): Slot {
    this.ops.push({ op, w: 64, d, a, b });
    return d;
  }
  un(op: UnaryOp, w: Width, a: Operand, d: Slot = this.temp()): Slot {
    this.ops.push({ op, w, d, a });
    return d;
  }
  set(cond: Cond, w: Width, a: Operand, b: Operand, d: Slot = this.temp()): Slot {
    this.ops.push({ op: 'set', cond, w, d, a, b });
    return d;
  }
  select(cond: Cond, w: Width, a: Operand, b: Operand, x: Operand, y: Operand, d: Slot = this.temp()): Slot {
    this.ops.push({ op: 'select', cond, w, d, a, b, x, y });
    return d;
  }
  load(ea: Ea, size: Size, d: Slot = this.temp(), sext: 0 | Width = 0, rmw = false): Slot {
    this.ops.push({ op: 'load', d, ea, size, sext, rmw });
    return d;
  }
  store(ea: Ea, size: Size, a: Operand): void {
    this.ops.push({ op: 'store', ea, a, size });
  }
  flags(kind: FlagKind, size: Size, a: Operand, b: Operand = ZERO, c: Operand = ZERO): void {
    this.ops.push({ op: 'flags', kind, size, a, b, c });
  }
  selectcc(cc: number, w: Width, x: Operand, y: Operand, d: Slot = this.temp()): Slot {
    this.ops.push({ op: 'selectcc', cc, w, d, x, y });
    return d;
  }
  deposit(d: Slot, b: Operand, size: 1 | 2, pos: 0 | 8 = 0): void {
    this.ops.push({ op: 'deposit', d, a: d, b, pos, len: size === 1 ? 8 : 16 });
  }
  mergeflags(mask: number, a: Operand): void {
    this.ops.push({ op: 'mergeflags', mask, a });
  }
  getcc(cc: number, d: Slot = this.temp()): Slot {
    this.ops.push({ op: 'getcc', d, cc });
    return d;
  }
  helper(name: string, args: readonly number[], touch: { reads?: readonly Slot[]; writes?: readonly Slot[]; faults?: boolean } = {}): void {
    this.ops.push({ op: 'helper', name, args, reads: touch.reads ?? [], writes: touch.writes ?? [], faults: touch.faults ?? false });
  }
}
