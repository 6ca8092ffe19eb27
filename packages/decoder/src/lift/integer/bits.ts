import { FLAG, FLAG_KIND } from '@tally86/core';
import { Mnemonic } from '../../iced.ts';
import { imm, isImm, ONE, ZERO, type Ea, type Operand, type Size, type Slot } from '../../ir/ops.ts';
import { gprPlace, widthOf, type LiftContext } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { bits, ifFeature, inSlot } from './operands.ts';

type BitOp = 'bt' | 'bts' | 'btr' | 'btc';

/** The memory cell that a bit offset in a register reaches: signed, at the operand's size, in units of it. */
function bitEa(c: LiftContext, ea: Ea, offset: Operand, size: Size): Ea {
  const { b } = c;
  const units = b.bin('sar', 64, c.sext(offset, size, 64), imm(size === 2 ? 4 : size === 4 ? 5 : 6));
  const start = b.temp();
  b.push({ op: 'lea', w: 64, d: start, ea });
  return { base: start, index: units, shift: size === 2 ? 1 : size === 4 ? 2 : 3, disp: 0, seg: ea.seg, a32: ea.a32 };
}

/** bt, bts, btr, btc: CF is the bit, the other flags stay. */
const bitTest = (op: BitOp): Lift => (c) => {
  const { b } = c;
  const size = c.formSize(0);
  const w = widthOf(size);
  const offset = c.read(1, size);
  const mask = bits(size) - 1;
  const index: Operand = isImm(offset) ? imm(offset.lo & mask) : size === 2 ? b.bin('and', 32, offset, imm(mask)) : offset;
  const changed = (a: Operand, d?: Slot): Slot => {
    const one: Operand = isImm(index) ? imm(1n << index.imm) : b.bin('shl', w, ONE, index);
    if (op === 'bts') return b.bin('or', w, a, one, d);
    if (op === 'btc') return b.bin('xor', w, a, one, d);
    return b.bin('and', w, a, isImm(one) ? imm(~one.imm) : b.un('not', w, one), d);
  };
  if (c.isMemory(0)) {
    const plain = c.ea();
    const ea = isImm(offset) ? plain : bitEa(c, plain, offset, size);
    const a = b.load(ea, size, b.temp(), 0, op !== 'bt');
    const bit = b.bin('shr', w, a, index);
    if (op !== 'bt') b.store(ea, size, changed(a));
    b.mergeflags(FLAG.CF, bit);
    return;
  }
  const { slot } = gprPlace(c.insn.opRegister(0));
  const bit = b.bin('shr', w, slot, index);
  if (op !== 'bt') {
    if (size === 2) b.deposit(slot, changed(slot), 2);
    else changed(slot, slot);
  }
  b.mergeflags(FLAG.CF, bit);
};

/** bsf, bsr: with a source of 0 the destination stays as it is, all 64 bits of it. */
const scan = (forward: boolean): Lift => (c) => {
  const { b } = c;
  const to = c.insn.opRegister(0);
  const { slot, size } = gprPlace(to);
  const w = widthOf(size);
  const src = size === 2 ? c.readZ(1, 2) : c.read(1, size);
  const index = forward ? b.un('ctz', w, src) : b.bin('xor', 32, b.un('clz', w, src), imm(w - 1));
  b.flags(FLAG_KIND.scan, size, src, index);
  if (size >= 4) b.select('eq', w, src, ZERO, slot, index, slot);
  else c.writeReg(to, b.select('eq', w, src, ZERO, slot, index));
};

/** lzcnt, tzcnt, popcnt */
const count = (op: 'clz' | 'ctz' | 'popcnt'): Lift => (c) => {
  const { b } = c;
  const to = c.insn.opRegister(0);
  const { size } = gprPlace(to);
  const w = widthOf(size);
  const src = size === 2 ? c.readZ(1, 2) : c.read(1, size);
  // 16 bits: a one behind the last bit for ctz, the bits moved to the top over a one for clz
  let counted: Operand = src;
  if (size === 2 && op === 'ctz') counted = b.bin('or', 32, src, imm(0x10000));
  if (size === 2 && op === 'clz') counted = b.bin('or', 32, b.bin('shl', 32, src, imm(16)), imm(0x8000));
  const result = b.un(op, w, counted);
  b.flags(op === 'popcnt' ? FLAG_KIND.popcnt : FLAG_KIND.count, size, src, result);
  c.writeReg(to, result);
};

/** crc32: helper(destination cell, source cell, bytes); the destination is zero-extended. */
const crc32: Lift = (c) => {
  const { slot } = gprPlace(c.insn.opRegister(0));
  const size = c.formSize(1);
  const src = inSlot(c, c.read(1, size));
  c.b.helper('crc32', [slot, src, size], { reads: [slot, src], writes: [slot] });
};

/** Bit tests, scans and counts (SDM vol. 2). */
export const bitOperations = family(() => [
  [Mnemonic.Bt, bitTest('bt')], [Mnemonic.Bts, bitTest('bts')], [Mnemonic.Btr, bitTest('btr')], [Mnemonic.Btc, bitTest('btc')],
  [Mnemonic.Bsf, scan(true)], [Mnemonic.Bsr, scan(false)], [Mnemonic.Popcnt, ifFeature('popcnt', count('popcnt'))],
  [Mnemonic.Lzcnt, ifFeature('lzcnt', count('clz'))], [Mnemonic.Tzcnt, ifFeature('bmi1', count('ctz'))],
  [Mnemonic.Crc32, ifFeature('sse4.2', crc32)],
]);
