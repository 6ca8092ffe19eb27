import { FLAG_KIND, REG } from '@tally86/core';
import { Mnemonic } from '../../iced.ts';
import { imm } from '../../ir/ops.ts';
import { gprPlace, widthOf, type LiftContext } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { inSlot, LOG2 } from './operands.ts';

const { rax, rdx } = REG;

/** mul, and imul with one operand: the double-width product of the accumulator. */
function widening(c: LiftContext, signed: boolean): void {
  const { b } = c;
  const size = c.formSize(0);
  const src = c.read(0, size);
  b.flags(signed ? FLAG_KIND.imul : FLAG_KIND.mul, size, rax, src);
  if (size === 8) {
    const high = b.wide(signed ? 'mulhs' : 'mulhu', rax, src);
    b.bin('mul', 64, rax, src, rax);
    b.un('mov', 64, high, rdx);
    return;
  }
  const extended = (a: typeof src): typeof src => (signed ? c.sext(a, size, size === 4 ? 64 : 32) : c.zext(a, size));
  const product = b.bin('mul', size === 4 ? 64 : 32, extended(rax), extended(src));
  if (size === 1) b.deposit(rax, product, 2);
  else if (size === 2) {
    b.deposit(rax, product, 2);
    b.deposit(rdx, b.bin('shr', 32, product, imm(16)), 2);
  } else {
    b.un('mov', 32, product, rax);
    b.bin('shr', 64, product, imm(32), rdx);
  }
}

const imul: Lift = (c) => {
  const operands = c.insn.opCount;
  if (operands === 1) return widening(c, true);
  const { b } = c;
  const to = c.insn.opRegister(0);
  const { slot, size } = gprPlace(to);
  const a = operands === 2 ? slot : c.read(1, size);
  const src = c.read(operands - 1, size);
  b.flags(FLAG_KIND.imul, size, a, src);
  if (size >= 4) b.bin('mul', widthOf(size), a, src, slot);
  else c.writeReg(to, b.bin('mul', 32, a, src));
};

/** div, idiv: helper(log2 size, divisor cell). #DE on 0 and where the quotient does not fit; flags (undefined) stay. */
const divide = (name: 'div' | 'idiv'): Lift => (c) => {
  const size = c.formSize(0);
  const src = inSlot(c, c.read(0, size));
  c.b.helper(name, [LOG2[size], src], { reads: [rax, rdx, src], writes: [rax, rdx], faults: true });
};

/** Multiplication and division (SDM vol. 2). */
export const multiplication = family(() => [
  [Mnemonic.Mul, (c) => widening(c, false)], [Mnemonic.Imul, imul], [Mnemonic.Div, divide('div')], [Mnemonic.Idiv, divide('idiv')],
]);
