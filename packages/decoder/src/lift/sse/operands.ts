import { VECTOR_SLOT } from '@tally86/core';
import { Register } from '../../iced.ts';
import { type Ea, type Operand, type Size, type Slot, type VSlot } from '../../ir/ops.ts';
import type { LiftContext } from '../context.ts';
import { isWide } from '../vex.ts';

export type VectorBytes = 1 | 2 | 4 | 8 | 16 | 32;

/** Slots from a register to its upper half. */
export const HIGH: number = VECTOR_SLOT.high;

export function isXmm(register: Register): boolean {
  return register >= Register.XMM0 && register <= Register.XMM15;
}
export function isMmx(register: Register): boolean {
  return register >= Register.MM0 && register <= Register.MM7;
}
/** Whether operand i is an mmx register. */
export function mmxOperand(c: LiftContext, i: number): boolean {
  return c.isRegister(i) && isMmx(c.insn.opRegister(i));
}
export function xmmOperand(c: LiftContext, i: number): boolean {
  return c.isRegister(i) && isXmm(c.insn.opRegister(i));
}

/** The vector slot of xmm operand i, or of the lower half of ymm operand i. */
export function xmm(c: LiftContext, i: number): VSlot {
  const register = c.insn.opRegister(i);
  return register - (register >= Register.YMM0 ? Register.YMM0 : Register.XMM0);
}

/** The number of the first source operand: the destination itself, but for VEX forms with one operand more. */
export function first(c: LiftContext): 0 | 1 {
  return c.vex ? 1 : 0;
}

/** Emits `half` for the lower half of d, and for the upper one (h = HIGH) of 256 bits. VEX forms of 128 bits clear the upper half, others leave it. */
export function halves(c: LiftContext, d: VSlot, half: (h: number) => void): void {
  half(0);
  if (isWide(c)) half(HIGH);
  else clearUpper(c, d);
}
/** The same, the upper half first: for what reads a register's lower half for both. */
export function halvesDown(c: LiftContext, d: VSlot, half: (h: number) => void): void {
  if (isWide(c)) half(HIGH);
  half(0);
  if (!isWide(c)) clearUpper(c, d);
}
/** Ends a VEX form of 128 bits. */
export function clearUpper(c: LiftContext, d: VSlot): void {
  if (c.vex) c.b.push({ op: 'vzero', d: d + HIGH });
}

/** The value of the 8-bit immediate operand i. */
export function imm8(c: LiftContext, i: number): number {
  return Number(c.insn.immediate(i) & 0xffn);
}

/** Loads a memory operand into a fresh vector temporary, zero above. */
export function vload(c: LiftContext, bytes: VectorBytes, aligned = false): VSlot {
  const d = c.b.vtemp();
  c.b.push({ op: 'vload', d, ea: c.ea(), bytes, aligned });
  return d;
}

/** Operand i as a vector slot: the register itself, or memory of `bytes` bytes (a whole operand: aligned, as legacy SSE wants it). */
export function source(c: LiftContext, i: number, bytes: VectorBytes = isWide(c) ? 32 : 16, aligned = bytes === 16 && !c.vex): VSlot {
  return c.isRegister(i) ? xmm(c, i) : vload(c, bytes, aligned);
}

/** Emits the lane operation d = name(a, b, imm). */
export function lane(c: LiftContext, name: string, d: VSlot, a: VSlot, b: VSlot = 0, immediate = 0): VSlot {
  c.b.push({ op: 'v', name, d, a, b, imm: immediate });
  return d;
}

export function vget(c: LiftContext, a: VSlot, index: number, size: Size, d: Slot = c.b.temp()): Slot {
  c.b.push({ op: 'vget', d, a, lane: index, size });
  return d;
}
export function vset(c: LiftContext, d: VSlot, index: number, size: Size, a: Operand): void {
  c.b.push({ op: 'vset', d, lane: index, size, a });
}
export function vmov(c: LiftContext, d: VSlot, a: VSlot): void {
  if (d !== a) c.b.push({ op: 'vmov', d, a });
}
/** A fresh vector temporary that holds a cell or constant in its low 64 bits, zero above. */
export function vectorOf(c: LiftContext, a: Operand, size: Size = 8): VSlot {
  const d = c.b.vtemp();
  c.b.push({ op: 'vzero', d });
  vset(c, d, 0, size, a);
  return d;
}
export function vstore(c: LiftContext, a: VSlot, bytes: VectorBytes, aligned = false): void {
  c.b.push({ op: 'vstore', a, ea: c.ea(), bytes, aligned });
}

/** The linear address of an operand, for helpers that access memory themselves. */
export function linear(c: LiftContext, ea: Ea = c.ea()): Slot {
  const d = c.b.temp();
  c.b.push({ op: 'linear', d, ea });
  return d;
}

/** A helper that may raise #XM (or #MF, or access memory). */
export function faulting(c: LiftContext, name: string, args: readonly number[], writes: readonly Slot[] = [], reads: readonly Slot[] = []): void {
  c.b.helper(name, args, { reads, writes, faults: true });
}
