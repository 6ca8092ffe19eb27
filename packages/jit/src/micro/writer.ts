import { type Operand, type Slot, type VSlot } from '@tally86/decoder';
import { BYTE, CPU_STATE_BASE, VECTOR_STRIDE } from '@tally86/core';
import { RegionWriter } from '../emit/writer.ts';
import { NO_REGISTERS } from '../region/registers.ts';
import { OP, SIMD, TYPE, type ValueType } from '../wasm/opcodes.ts';
import { AT } from './layout.ts';

/** Slots that stand for what a record's field names, instead of a fixed cell. */
export const FIELD = {
  d: 1000 + AT.d, a: 1000 + AT.a, b: 1000 + AT.b, c: 1000 + AT.c, x: 1000 + AT.x,
  /** The record's constant: 64 bits, and 16 bits in place of the second operand. */
  imm: 2000, small: 2001,
} as const;
/** Vector slots likewise; `mask` is the third. */
export const VFIELD = { d: 63, a: 62, b: 61, mask: 60 } as const;
const VECTOR_OFFSET: Readonly<Record<number, number>> = { [VFIELD.d]: AT.d, [VFIELD.a]: AT.a, [VFIELD.b]: AT.b, [VFIELD.mask]: AT.c };

/** The parameter: place of the record being executed. */
export const PLACE = 0;

/** Writes code whose operands are what the fields of the present record name, all of them in memory. */
export class MicroWriter extends RegionWriter {
  /** What `exitIf` and `exit` tell the host. */
  reason = 0;
  /** Local that the reason goes to. */
  readonly why: number;

  constructor() {
    super({ slot: () => 0, exit: () => 0 }, NO_REGISTERS);
    this.why = this.local(TYPE.i32);
  }
  /** One parameter only. */
  override local(type: ValueType): number {
    this.locals.push(type);
    return this.locals.length;
  }
  /** Pushes a field of 16 bits. */
  field(at: number): this {
    this.code.get(PLACE).memory(OP.i32_load16_u, at);
    return this;
  }
  override get(a: Operand): void {
    if (a === FIELD.imm) this.code.get(PLACE).memory(OP.i64_load, AT.imm);
    else if (a === FIELD.small) this.code.get(PLACE).memory(OP.i64_load16_s, AT.b);
    else if (typeof a === 'number' && a >= 1000) this.field(a - 1000).code.memory(OP.i64_load);
    else super.get(a);
  }
  override get32(a: Operand): void {
    if (a === FIELD.imm) this.code.get(PLACE).memory(OP.i32_load, AT.imm);
    else if (a === FIELD.small) this.code.get(PLACE).memory(OP.i32_load16_s, AT.b);
    else if (typeof a === 'number' && a >= 1000) this.field(a - 1000).code.memory(OP.i32_load);
    else super.get32(a);
  }
  override set(d: Slot): void {
    if (d < 1000) return super.set(d);
    const t = this.scratch(TYPE.i64, 3);
    this.code.set(t);
    this.field(d - 1000).code.get(t).memory(OP.i64_store);
  }
  override getV(slot: VSlot): void {
    this.field(VECTOR_OFFSET[slot]!).code.simdMemory(SIMD.v128_load);
  }
  override setV(slot: VSlot): void {
    const t = this.scratch(TYPE.v128, 3);
    this.code.set(t);
    this.field(VECTOR_OFFSET[slot]!).code.get(t).simdMemory(SIMD.v128_store);
  }
  override exitIf(): void {
    const { code } = this;
    code.if().i32(this.reason).set(this.why).br(this.depth + 1).end();
  }
  override exit(): void {
    this.code.i32(this.reason).set(this.why).br(this.depth);
  }
}

/** Address of a vector slot, and of a byte in it. */
export const vectorByte = (slot: VSlot, byte = 0): number => CPU_STATE_BASE + BYTE.vector + slot * VECTOR_STRIDE + byte;
