import { CELL, FLAG } from '@tally86/core';
import { Mnemonic, Register } from '../../iced.ts';
import { imm, type Operand, type Slot } from '../../ir/ops.ts';
import { gprPlace, type LiftContext } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { once } from '../once.ts';
import { inSlot, offsetEa } from './operands.ts';

/** Selectors that Linux gives a 64-bit process (arch/x86/include/asm/segment.h). */
export const USER_CS = 0x33;
export const USER_SS = 0x2b;

/** Where CELL.selectors holds the others. */
const shifts = once((): Partial<Record<Register, number>> => ({ [Register.DS]: 0, [Register.ES]: 16, [Register.FS]: 32, [Register.GS]: 48 }));
/** Numbers of segment registers for helpers. */
const numbers = once((): Partial<Record<Register, number>> => ({ [Register.DS]: 0, [Register.ES]: 1, [Register.FS]: 2, [Register.GS]: 3, [Register.SS]: 4 }));

export function isSegment(register: Register): boolean {
  return register >= Register.ES && register <= Register.GS;
}

/** The selector in a segment register, zero-extended. */
export function selector(c: LiftContext, register: Register): Operand {
  if (register === Register.CS) return imm(USER_CS);
  if (register === Register.SS) return imm(USER_SS);
  const shift = shifts()[register]!;
  return c.zext(shift === 0 ? CELL.selectors : c.b.bin('shr', 64, CELL.selectors, imm(shift)), 2);
}

/** Loads a segment register: helper(selector cell, register number). #GP for a selector that user mode may not load. */
export function loadSegment(c: LiftContext, register: Register, value: Slot): void {
  c.b.helper('loadSegment', [value, numbers()[register]!], { reads: [value], writes: [CELL.selectors, CELL.fsBase, CELL.gsBase], faults: true });
}

/** #GP unless the selector is that of the running 64-bit code segment: helper(selector cell, 1 for a return). */
export function checkCodeSelector(c: LiftContext, value: Slot, isReturn: boolean): void {
  c.b.helper('checkCodeSelector', [value, isReturn ? 1 : 0], { reads: [value], faults: true });
}

export function movFromSegment(c: LiftContext, from: Register): void {
  const value = selector(c, from);
  if (c.isMemory(0)) c.b.store(c.ea(), 2, value);
  else c.writeReg(c.insn.opRegister(0), value);
}

export function movToSegment(c: LiftContext, to: Register): void | false {
  if (to === Register.CS) return false;
  loadSegment(c, to, inSlot(c, c.read(1, 2)));
}

/** lfs, lgs, lss: a far pointer into a segment register and a general one. */
const loadFar = (segment: Register): Lift => (c) => {
  const to = c.insn.opRegister(0);
  const { size } = gprPlace(to);
  const ea = c.ea();
  const offset = c.b.load(ea, size);
  loadSegment(c, segment, c.b.load(offsetEa(c, ea, size), 2));
  c.writeReg(to, offset);
};

/** lar, lsl, verr, verw: helper(what, selector cell, value cell); the cell behind the value takes ZF at its place. */
const describe = (what: number): Lift => (c) => {
  const { b } = c;
  const operand = what < 2 ? 1 : 0;
  const value = inSlot(c, c.read(operand, 2));
  const result = b.temp();
  const found = b.temp();
  b.helper('describeSegment', [what, value, result], { reads: [value], writes: [result, found] });
  if (what < 2) {
    const to = c.insn.opRegister(0);
    const { slot, size } = gprPlace(to);
    if (size === 2) b.deposit(slot, b.select('ne', 32, found, imm(0), result, slot), 2);
    else b.select('ne', 32, found, imm(0), result, slot, slot);
  }
  b.mergeflags(FLAG.ZF, found);
};

/** Segment registers and descriptors (SDM vol. 2). */
export const segments = family(() => [
  [Mnemonic.Lfs, loadFar(Register.FS)], [Mnemonic.Lgs, loadFar(Register.GS)], [Mnemonic.Lss, loadFar(Register.SS)],
  [Mnemonic.Lar, describe(0)], [Mnemonic.Lsl, describe(1)], [Mnemonic.Verr, describe(2)], [Mnemonic.Verw, describe(3)],
]);
