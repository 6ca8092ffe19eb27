import { CC, FLAG_KIND } from '@tally86/core';
import { Mnemonic } from '../../iced.ts';
import { isImm, ONE, ZERO, type Operand } from '../../ir/ops.ts';
import { widthOf, type LiftContext } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { change, sameRegister } from './operands.ts';

/** `x op x` that is 0 whatever x is: no dependence on the register, flags as of a logical 0. */
function zeroed(c: LiftContext): void {
  c.writeReg(c.insn.opRegister(0), ZERO);
  c.b.flags(FLAG_KIND.logic, c.formSize(0), ZERO);
}

const addSub = (op: 'add' | 'sub'): Lift => (c) => {
  if (op === 'sub' && sameRegister(c, 0, 1)) return zeroed(c);
  const size = c.formSize(0);
  const src = c.read(1, size);
  change(c, size, {
    compute: (a, d) => c.b.bin(op, widthOf(size), a, src, d),
    flags: (a) => c.b.flags(FLAG_KIND[op], size, a, src),
    flagsFirst: true,
  });
};

const withCarry = (op: 'adc' | 'sbb'): Lift => (c) => {
  const size = c.formSize(0);
  const w = widthOf(size);
  const src = c.read(1, size);
  const carry = c.b.getcc(CC.b);
  // sbb of a register from itself spreads CF
  const same = op === 'sbb' && sameRegister(c, 0, 1);
  const basic = op === 'adc' ? 'add' : 'sub';
  change(c, size, {
    compute: (a, d) => (same ? c.b.un('neg', w, carry, d) : c.b.bin(basic, w, c.b.bin(basic, w, a, src), carry, d)),
    flags: (a) => c.b.flags(FLAG_KIND[op], size, a, src, carry),
    flagsFirst: true,
  });
};

const cmp: Lift = (c) => {
  const size = c.formSize(0);
  const a = c.read(0, size);
  c.b.flags(FLAG_KIND.sub, size, a, c.read(1, size));
};

const step = (op: 'inc' | 'dec'): Lift => (c) => {
  const size = c.formSize(0);
  const carry = c.b.getcc(CC.b);
  change(c, size, {
    compute: (a, d) => c.b.bin(op === 'inc' ? 'add' : 'sub', widthOf(size), a, ONE, d),
    flags: (a) => c.b.flags(FLAG_KIND[op], size, a, carry),
    flagsFirst: true,
  });
};

const neg: Lift = (c) => {
  const size = c.formSize(0);
  change(c, size, {
    compute: (a, d) => c.b.un('neg', widthOf(size), a, d),
    flags: (a) => c.b.flags(FLAG_KIND.sub, size, ZERO, a),
    flagsFirst: true,
  });
};

const logic = (op: 'and' | 'or' | 'xor'): Lift => (c) => {
  if (op === 'xor' && sameRegister(c, 0, 1)) return zeroed(c);
  const size = c.formSize(0);
  const src = c.read(1, size);
  change(c, size, {
    compute: (a, d) => c.b.bin(op, widthOf(size), a, src, d),
    flags: (_, result) => c.b.flags(FLAG_KIND.logic, size, result),
    flagsFirst: false,
  });
};

const test: Lift = (c) => {
  const size = c.formSize(0);
  const a = c.read(0, size);
  if (sameRegister(c, 0, 1)) return c.b.flags(FLAG_KIND.logic, size, a);
  const src = c.read(1, size);
  const [x, y]: readonly [Operand, Operand] = isImm(a) ? [src, a] : [a, src];
  c.b.flags(FLAG_KIND.logic, size, c.b.bin('and', widthOf(size), x, y));
};

const not: Lift = (c) => {
  const size = c.formSize(0);
  change(c, size, { compute: (a, d) => c.b.un('not', widthOf(size), a, d), flagsFirst: true });
};

/** Addition, subtraction and bitwise logic (SDM vol. 2). */
export const arithmetic = family(() => [
  [Mnemonic.Add, addSub('add')], [Mnemonic.Sub, addSub('sub')], [Mnemonic.Adc, withCarry('adc')], [Mnemonic.Sbb, withCarry('sbb')],
  [Mnemonic.Cmp, cmp], [Mnemonic.Inc, step('inc')], [Mnemonic.Dec, step('dec')], [Mnemonic.Neg, neg],
  [Mnemonic.And, logic('and')], [Mnemonic.Or, logic('or')], [Mnemonic.Xor, logic('xor')], [Mnemonic.Test, test], [Mnemonic.Not, not],
]);
