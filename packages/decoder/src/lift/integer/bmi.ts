import { CC, FLAG, FLAG_KIND, REG } from '@tally86/core';
import { Mnemonic } from '../../iced.ts';
import { imm, ONE, ZERO, type BinaryOp, type Operand, type Slot } from '../../ir/ops.ts';
import { gprPlace, widthOf, type LiftContext } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { vex } from '../vex.ts';
import { bits, ifFeature, inSlot } from './operands.ts';

/** Destination and width of an instruction on general registers of 32 or 64 bits. */
function destination(c: LiftContext): { readonly d: Slot; readonly size: 4 | 8; readonly w: 32 | 64 } {
  const { slot, size } = gprPlace(c.insn.opRegister(0));
  return { d: slot, size: size as 4 | 8, w: widthOf(size) };
}
/** The result with the flags of a logical operation, and perhaps CF. */
function finish(c: LiftContext, result: Slot, carry?: Slot): void {
  const { d, size, w } = destination(c);
  c.b.flags(FLAG_KIND.logic, size, result);
  if (carry !== undefined) c.b.mergeflags(FLAG.CF, carry);
  c.b.un('mov', w, result, d);
}

const andn: Lift = (c) => {
  const { size, w } = destination(c);
  finish(c, c.b.bin('and', w, c.b.un('not', w, c.read(1, size)), c.read(2, size)));
};

/** blsr, blsmsk: CF = the source is 0; blsi: it is not. */
const lowestBit = (kind: 'reset' | 'mask' | 'isolate'): Lift => (c) => {
  const { b } = c;
  const { size, w } = destination(c);
  const a = c.read(1, size);
  const carry = b.set(kind === 'isolate' ? 'ne' : 'eq', w, a, ZERO);
  const result = kind === 'isolate' ? b.bin('and', w, b.un('neg', w, a), a) : b.bin(kind === 'reset' ? 'and' : 'xor', w, b.bin('sub', w, a, ONE), a);
  finish(c, result, carry);
};

/** The low `count` bits of a; all of it for a count of the width and more. Shifts take counts modulo the width. */
function lowBits(c: LiftContext, a: Operand, count: Operand, w: 32 | 64): Slot {
  const { b } = c;
  const mask = b.bin('sub', w, b.bin('shl', w, ONE, count), ONE);
  return b.select('geu', w, count, imm(w), a, b.bin('and', w, a, mask));
}
/** Source, first bit and length, in the bytes of a register. */
const bextr: Lift = (c) => {
  const { b } = c;
  const { size, w } = destination(c);
  const a = c.read(1, size);
  const control = c.read(2, size);
  const start = b.un('zext8', 32, control);
  const shifted = b.select('geu', w, start, imm(w), ZERO, b.bin('shr', w, a, start));
  finish(c, lowBits(c, shifted, b.un('zext8', 32, b.bin('shr', 32, control, imm(8))), w));
};
const bzhi: Lift = (c) => {
  const { b } = c;
  const { size, w } = destination(c);
  const a = c.read(1, size);
  const count = b.un('zext8', 32, c.read(2, size));
  finish(c, lowBits(c, a, count, w), b.set('geu', 32, count, imm(w)));
};

/** pdep, pext: helper(destination cell, source cell, mask cell, bytes). */
const spread = (name: 'pdep' | 'pext'): Lift => (c) => {
  const { d, size } = destination(c);
  const [a, mask] = [inSlot(c, c.read(1, size)), inSlot(c, c.read(2, size))];
  c.b.helper(name, [d, a, mask, size], { reads: [a, mask], writes: [d] });
};

/** The product of rdx: high half to operand 0, low half to operand 1, and if these are one register the high half. */
const mulx: Lift = (c) => {
  const { b } = c;
  const { d, size } = destination(c);
  const low = gprPlace(c.insn.opRegister(1)).slot;
  const a = c.read(2, size);
  if (size === 8) {
    const high = b.wide('mulhu', REG.rdx, a);
    b.bin('mul', 64, REG.rdx, a, low);
    b.un('mov', 64, high, d);
    return;
  }
  const product = b.bin('mul', 64, c.zext(REG.rdx, 4), c.zext(a, 4));
  b.un('mov', 32, product, low);
  b.bin('shr', 64, product, imm(32), d);
};

/** Shifts without flags. */
const shift = (op: BinaryOp): Lift => (c) => {
  const { d, size, w } = destination(c);
  c.b.bin(op, w, c.read(1, size), c.isRegister(2) ? c.read(2, size) : imm(Number(c.insn.immediate(2) & BigInt(bits(size) - 1))), d);
};

/** adcx, adox: an addition whose carry goes through CF or OF alone. */
const addCarry = (cc: number, flag: number): Lift => (c) => {
  const { b } = c;
  const { d, size, w } = destination(c);
  const src = c.read(1, size);
  const carry = b.getcc(cc);
  const sum = b.bin('add', w, d, src);
  const first = b.set('ltu', w, sum, src);
  const total = b.bin('add', w, sum, carry);
  const out = b.bin('or', 32, first, b.set('ltu', w, total, carry));
  b.mergeflags(flag, flag === FLAG.CF ? out : b.bin('shl', 32, out, imm(11)));
  b.un('mov', w, total, d);
};

/** rdrand, rdseed: helper(cell): the number, and CF = 1 if there is one; then CF is all the flags. */
const random: Lift = (c) => {
  const [t, flags] = [c.b.temp(), c.b.temp()];
  c.b.helper('rdrand', [t, flags], { writes: [t, flags] });
  c.writeReg(c.insn.opRegister(0), t);
  c.b.flags(FLAG_KIND.explicit, 8, flags);
};

/** BMI1, BMI2, ADX and random numbers (SDM vol. 2); their moves and counts stand with the older ones. */
export const bitManipulation = family(() => [
  [Mnemonic.Andn, vex(andn)], [Mnemonic.Blsr, vex(lowestBit('reset'))], [Mnemonic.Blsmsk, vex(lowestBit('mask'))], [Mnemonic.Blsi, vex(lowestBit('isolate'))],
  [Mnemonic.Bextr, vex(bextr)], [Mnemonic.Bzhi, vex(bzhi)], [Mnemonic.Pdep, vex(spread('pdep'))], [Mnemonic.Pext, vex(spread('pext'))],
  [Mnemonic.Mulx, vex(mulx)], [Mnemonic.Rorx, vex(shift('rotr'))], [Mnemonic.Shlx, vex(shift('shl'))], [Mnemonic.Shrx, vex(shift('shr'))], [Mnemonic.Sarx, vex(shift('sar'))],
  [Mnemonic.Adcx, ifFeature('adx', addCarry(CC.b, FLAG.CF))], [Mnemonic.Adox, ifFeature('adx', addCarry(CC.o, FLAG.OF))],
  [Mnemonic.Rdrand, ifFeature('rdrand', random)], [Mnemonic.Rdseed, ifFeature('rdseed', random)],
]);
