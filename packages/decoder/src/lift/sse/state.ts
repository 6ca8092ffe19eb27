import { CELL, FLAG_KIND, REG } from '@tally86/core';
import { Mnemonic, OpKind, Register } from '../../iced.ts';
import { imm, type Ea, type VSlot } from '../../ir/ops.ts';
import type { LiftContext } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { bothForms, isWide, withVex } from '../vex.ts';
import { mmxCell, mmxCommit, mmxEnter } from './mmx.ts';
import { faulting, HIGH, linear, lane, mmxOperand, source, vectorOf, vget, xmm } from './operands.ts';

/** Images of components that edx:eax chooses: helper(cell of the linear address, 1 for the 64-bit form). */
const image = (name: string, wide: 0 | 1): Lift => (c) => faulting(c, name, [linear(c), wide], [], [REG.rax, REG.rdx]);

/** fxsave, fxrstor: the alignment is checked first, then whether the last of the 512 bytes can be accessed (so does Zen 4), then the rest. */
const legacyImage = (name: string, wide: 0 | 1, write: boolean): Lift => (c) => {
  const address = linear(c);
  faulting(c, 'aligned', [address, 16], [], [address]);
  const last = c.b.bin('add', 64, address, imm(511));
  c.b.push({ op: 'probe', ea: { base: last, index: -1, shift: 0, disp: 0, seg: 0, a32: false }, bytes: 1, write });
  faulting(c, name, [address, wide], [], [address]);
};

/**
 * maskmovq, maskmovdqu: stores to ds:rdi the bytes whose mask has its sign bit. helper(address, data, mask, bytes).
 * All bytes must be writable, selected or not, and maskmovq enters mmx state even if they are not: as AMD's Zen 4 does.
 */
const maskedStore: Lift = (c) => {
  const mmx = mmxOperand(c, 1);
  const bytes = mmx ? 8 : 16;
  if (mmx) mmxEnter(c);
  const data = mmx ? vectorOf(c, mmxCell(c, 1)) : xmm(c, 1);
  const mask = mmx ? vectorOf(c, mmxCell(c, 2)) : xmm(c, 2);
  if (mmx) mmxCommit(c);
  const ea = destination(c);
  c.b.push({ op: 'probe', ea, bytes, write: true });
  faulting(c, 'maskmov', [linear(c, ea), data, mask, bytes]);
};
function destination(c: LiftContext): Ea {
  const seg = c.insn.memorySegment === Register.FS ? CELL.fsBase : c.insn.memorySegment === Register.GS ? CELL.gsBase : 0;
  const a32 = c.insn.opKind(0) === OpKind.MemorySegEDI;
  return { base: REG.rdi, index: -1, shift: 0, disp: 0, seg, a32 };
}

/** ZF: no bit of a & b; CF: no bit of ~a & b. */
const ptest: Lift = (c) => {
  testHalves(c, source(c, 1));
};
/** The flags of ptest on operand 0 and b: those of both halves hold for the whole. */
export function testHalves(c: LiftContext, b: VSlot): void {
  const a = xmm(c, 0);
  let flags = vget(c, lane(c, 'ptest', c.b.vtemp(), a, b), 0, 4);
  if (isWide(c)) flags = c.b.bin('and', 32, flags, vget(c, lane(c, 'ptest', c.b.vtemp(), a + HIGH, b + HIGH), 0, 4));
  c.b.flags(FLAG_KIND.explicit, 8, flags);
}

export const control = family(() => [
  ...withVex('Ldmxcsr', (c) => faulting(c, 'ldmxcsr', [c.b.load(c.ea(), 4)])),
  ...withVex('Stmxcsr', (c) => c.b.store(c.ea(), 4, CELL.mxcsr)),
  [Mnemonic.Maskmovq, maskedStore], ...withVex('Maskmovdqu', maskedStore),
  [Mnemonic.Fxsave, legacyImage('fxsave', 0, true)], [Mnemonic.Fxsave64, legacyImage('fxsave', 1, true)],
  [Mnemonic.Fxrstor, legacyImage('fxrstor', 0, false)], [Mnemonic.Fxrstor64, legacyImage('fxrstor', 1, false)],
]);
export const xsave = family(() => [
  [Mnemonic.Xsave, image('xsave', 0)], [Mnemonic.Xsave64, image('xsave', 1)],
  [Mnemonic.Xrstor, image('xrstor', 0)], [Mnemonic.Xrstor64, image('xrstor', 1)],
]);
export const xsaveopt = family(() => [[Mnemonic.Xsaveopt, image('xsaveopt', 0)], [Mnemonic.Xsaveopt64, image('xsaveopt', 1)]]);
export const xsavec = family(() => [[Mnemonic.Xsavec, image('xsavec', 0)], [Mnemonic.Xsavec64, image('xsavec', 1)]]);
export const test = bothForms([['Ptest', ptest]]);
