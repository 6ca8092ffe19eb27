import { FLAG, FLAG_KIND } from '@tally86/core';
import { Mnemonic } from '../../iced.ts';
import { imm, type Operand, type Size, type Slot } from '../../ir/ops.ts';
import { widthOf, type LiftContext } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { bits, change, constantCount, inSlot, LOG2, maskedCl } from './operands.ts';

/** A shift or rotate by a constant 0: no flags, but a 32-bit register is written (and memory must be writable). */
function unshifted(c: LiftContext, size: Size): void {
  change(c, size, { compute: (a, d) => c.b.un('mov', widthOf(size), a, d), flagsFirst: true });
}

/** shl, shr, sar. Counts are masked to 5 bits (6 for 64-bit operands), so small operands can be shifted out altogether. */
const shift = (op: 'shl' | 'shr' | 'sar'): Lift => (c) => {
  const size = c.formSize(0);
  const fixed = constantCount(c, 1, size);
  if (fixed === 0) return unshifted(c, size);
  const count = fixed === null ? maskedCl(c, size) : imm(fixed);
  const w = widthOf(size);
  // at full width the operation masks cl itself
  const by = fixed === null && size >= 4 ? 1 : count;
  change(c, size, {
    compute: (a, d) => {
      const x = op === 'shl' ? a : op === 'shr' ? (size < 4 ? c.zext(a, size) : a) : size < 4 ? c.sext(a, size, 32) : a;
      return c.b.bin(op, w, x, by, d);
    },
    flags: (a) => c.b.flags(FLAG_KIND[op], size, a, count),
    flagsFirst: true,
  });
};

/** rol, ror. 8 and 16-bit values are repeated over 32 bits, where a rotate by any count is right in the low bits. */
const rotate = (op: 'rotl' | 'rotr'): Lift => (c) => {
  const { b } = c;
  const size = c.formSize(0);
  const fixed = constantCount(c, 1, size);
  if (fixed === 0) return unshifted(c, size);
  const count = fixed === null ? maskedCl(c, size) : imm(fixed);
  change(c, size, {
    compute: (a, d) => {
      if (size >= 4) return b.bin(op, widthOf(size), a, fixed === null ? 1 : count, d);
      const repeated = b.bin('mul', 32, c.zext(a, size), imm(size === 1 ? 0x01010101 : 0x00010001));
      return b.bin(op, 32, repeated, count);
    },
    flags: (_, result) => b.push({ op: 'rotflags', right: op === 'rotr', size, a: result as Slot, count }),
    flagsFirst: false,
  });
};

/** rcl, rcr: helper(log2 size, value cell, count cell, result cell); the cell behind the result takes CF and OF. */
const rotateCarry = (name: 'rcl' | 'rcr'): Lift => (c) => {
  const { b } = c;
  const size = c.formSize(0);
  const fixed = constantCount(c, 1, size);
  const count = fixed === null ? maskedCl(c, size) : inSlot(c, imm(fixed));
  const result = b.temp();
  const flags = b.temp();
  change(c, size, {
    compute: (a, d) => {
      b.helper(name, [LOG2[size], a as Slot, count, result], { reads: [a as Slot, count], writes: [result, flags] });
      return d === undefined ? result : b.un('mov', widthOf(size), result, d);
    },
    flags: () => b.mergeflags(FLAG.CF | FLAG.OF, flags),
    flagsFirst: false,
  });
};

/** shld, shrd. 16-bit operands go through 48 bits, which gives what Zen gives for counts above 16 (undefined by the manual). */
const doubleShift = (left: boolean): Lift => (c) => {
  const { b } = c;
  const size = c.formSize(0);
  const fixed = constantCount(c, 2, size);
  if (fixed === 0) return unshifted(c, size);
  const count: Operand = fixed === null ? maskedCl(c, size) : imm(fixed);
  const other = c.reg(c.insn.opRegister(1));
  const w = widthOf(size);
  const small = (a: Operand, d?: Slot): Slot => {
    const x = c.zext(a, 2);
    const y = c.zext(other, 2);
    const [high, low] = left ? [x, y] : [y, x];
    const all = b.bin('or', 64, b.bin('or', 64, b.bin('shl', 64, high, imm(32)), b.bin('shl', 64, y, imm(16))), low);
    return b.bin('shr', 64, all, !left ? count : fixed === null ? b.bin('sub', 32, imm(32), count) : imm(32 - fixed), d);
  };
  const full = (a: Operand, d?: Slot): Slot => {
    const [away, back] = left ? (['shl', 'shr'] as const) : (['shr', 'shl'] as const);
    if (fixed !== null) return b.bin('or', w, b.bin(away, w, a, count), b.bin(back, w, other, imm(bits(size) - fixed)), d);
    // the other way in two steps, so that count 0 moves everything out
    const rest = b.bin(back, w, b.bin(back, w, other, imm(1)), b.bin('xor', 32, count, imm(bits(size) - 1)));
    return b.bin('or', w, b.bin(away, w, a, count), rest, d);
  };
  change(c, size, {
    compute: size === 2 ? small : full,
    flags: (a) => b.flags(left ? FLAG_KIND.shld : FLAG_KIND.shrd, size, a, other, count),
    flagsFirst: true,
  });
};

/** Shifts and rotates (SDM vol. 2). */
export const shifts = family(() => [
  [Mnemonic.Shl, shift('shl')], [Mnemonic.Sal, shift('shl')], [Mnemonic.Shr, shift('shr')], [Mnemonic.Sar, shift('sar')],
  [Mnemonic.Rol, rotate('rotl')], [Mnemonic.Ror, rotate('rotr')], [Mnemonic.Rcl, rotateCarry('rcl')], [Mnemonic.Rcr, rotateCarry('rcr')],
  [Mnemonic.Shld, doubleShift(true)], [Mnemonic.Shrd, doubleShift(false)],
]);
