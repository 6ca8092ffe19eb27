import type { Register } from '../../iced.ts';
import { imm, isImm, type Ea, type Operand, type Size, type Slot } from '../../ir/ops.ts';
import { gprPlace, type LiftContext } from '../context.ts';
import type { Lift } from '../family.ts';

/** The instruction exists only on CPUs that have the feature. */
export function ifFeature(feature: string, lift: Lift): Lift {
  return (c) => (c.features.has(feature) ? lift(c) : false);
}

/** How an instruction changes its first operand. */
export interface Change {
  /** Emits the result at width widthOf(size); into `d` if given. `a` is the old value, bits above the size unspecified. */
  compute(a: Operand, d?: Slot): Operand;
  /** Emits the flags from the old value and the result. */
  flags?(a: Operand, result: Operand): void;
  /** The flags need the old value: for registers they are recorded before it is overwritten. Else they need the result. */
  readonly flagsFirst: boolean;
}

/** Operand 0 = change(operand 0), at `size` bytes: reads, writes and flags in an order that keeps faults precise. */
export function change(c: LiftContext, size: Size, { compute, flags, flagsFirst }: Change): void {
  const { b } = c;
  if (c.isMemory(0)) {
    const ea = c.ea();
    const a = b.load(ea, size, b.temp(), 0, true);
    const result = compute(a);
    b.store(ea, size, result);
    flags?.(a, result);
    return;
  }
  const { slot, pos } = gprPlace(c.insn.opRegister(0));
  if (size >= 4) {
    if (flagsFirst) flags?.(slot, slot);
    const result = compute(slot, slot);
    if (!flagsFirst) flags?.(slot, result);
    return;
  }
  const a = pos === 0 ? slot : c.reg(c.insn.opRegister(0));
  if (flagsFirst) flags?.(a, a);
  const result = compute(a);
  if (!flagsFirst) flags?.(a, result);
  b.deposit(slot, result, size as 1 | 2, pos);
}

/** Whether operands i and j are the same register. */
export function sameRegister(c: LiftContext, i: number, j: number): boolean {
  return c.isRegister(i) && c.isRegister(j) && c.insn.opRegister(i) === c.insn.opRegister(j);
}

/** The operand in a cell. */
export function inSlot(c: LiftContext, a: Operand): Slot {
  return isImm(a) ? c.b.un('mov', 64, a) : a;
}

/** Where a register of 4 or 8 bytes is written directly; undefined for the smaller ones, which are deposited. */
export function directSlot(register: Register): Slot | undefined {
  const { slot, size } = gprPlace(register);
  return size >= 4 ? slot : undefined;
}

/** The address `by` bytes further on. */
export function offsetEa(c: LiftContext, ea: Ea, by: number): Ea {
  const disp = ea.disp + by;
  if (ea.base < 0 && ea.index < 0 && !ea.a32) return { ...ea, disp };
  c.pinned = true;
  if (disp >= -0x8000_0000 && disp <= 0x7fff_ffff) return { ...ea, disp };
  if (ea.a32) return { ...ea, disp: disp | 0 };
  const t = c.b.temp();
  c.b.push({ op: 'lea', w: 64, d: t, ea });
  return { base: t, index: -1, shift: 0, disp: by, seg: ea.seg, a32: false };
}

/** [rsp + disp] */
export function stackEa(disp: number): Ea {
  return { base: 4, index: -1, shift: 0, disp, seg: 0, a32: false };
}

export const LOG2: Readonly<Record<Size, number>> = { 1: 0, 2: 1, 4: 2, 8: 3 };

/** An immediate operand as a masked shift count, or null. */
export function constantCount(c: LiftContext, i: number, size: Size): number | null {
  return c.isRegister(i) ? null : Number(c.insn.immediate(i) & (size === 8 ? 63n : 31n));
}
/** A shift count in cl, masked as shifts do, in a fresh temporary. */
export function maskedCl(c: LiftContext, size: Size): Slot {
  return c.b.bin('and', 32, 1, imm(size === 8 ? 63 : 31));
}

export function bits(size: Size): number {
  return size * 8;
}
