import { BYTE, CELL } from '@tally86/core';
import { Register } from '../../iced.ts';
import { imm, type Slot, type VSlot } from '../../ir/ops.ts';
import type { LiftContext } from '../context.ts';
import { faulting, mmxOperand, vectorOf, vget, vload, type VectorBytes } from './operands.ts';

/**
 * MMX registers are the significands of the physical x87 registers (SDM vol. 1, 9.2.1 and 9.5): the lane operations work on vector
 * temporaries. An instruction checks for a pending x87 exception first (#MF), and empties TOP and the tags when it can no longer fault.
 */

/** The cell of mmx register operand i. */
export function mmxCell(c: LiftContext, i: number): Slot {
  return (BYTE.x87 >> 3) + 2 * (c.insn.opRegister(i) - Register.MM0);
}

/** Raises #MF for a pending x87 exception; comes before any memory access. */
export function mmxEnter(c: LiftContext): void {
  faulting(c, 'mmx.enter', [], [], [CELL.fsw, CELL.fcw]);
}

/** TOP = 0, all registers valid (SDM vol. 1, 9.5.1). */
export function mmxCommit(c: LiftContext): void {
  c.b.un('mov', 64, imm(0), CELL.ftop);
  c.b.un('mov', 64, imm(0xff), CELL.ftw);
}

/** Operand i (mm register or memory) in a vector temporary, zero above. */
export function mmxSource(c: LiftContext, i: number, bytes: VectorBytes = 8): VSlot {
  return mmxOperand(c, i) ? vectorOf(c, mmxCell(c, i)) : vload(c, bytes);
}

/** Writes mm register operand i from a lane of 64 bits; sign and exponent become all ones. Commits. */
export function mmxWrite(c: LiftContext, i: number, a: VSlot, index = 0): void {
  const cell = mmxCell(c, i);
  vget(c, a, index, 8, cell);
  c.b.un('mov', 64, imm(0xffff), cell + 1);
  mmxCommit(c);
}
