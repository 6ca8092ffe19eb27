import { FLAG_KIND, REG } from '@tally86/core';
import { Mnemonic } from '../../iced.ts';
import { ZERO, type Operand } from '../../ir/ops.ts';
import { gprPlace, widthOf } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { ifFeature } from './operands.ts';

const { rax, rcx, rdx, rbx } = REG;

/**
 * cmpxchg. Equal: the operand becomes the source, the accumulator keeps all its bits. Else the accumulator becomes the operand (32 bits:
 * zero-extended), memory is written with what it holds, a register stays untouched.
 */
const cmpxchg: Lift = (c) => {
  const { b } = c;
  const size = c.formSize(0);
  const w = widthOf(size);
  const wide = (a: Operand): Operand => (size === 8 ? a : c.zext(a, size));
  const src = c.reg(c.insn.opRegister(1));
  if (c.isMemory(0)) {
    const ea = c.ea();
    const old = b.load(ea, size, b.temp(), 0, true);
    const acc = size < 4 ? wide(rax) : rax;
    b.store(ea, size, b.select('eq', w, acc, old, src, old));
    b.flags(FLAG_KIND.sub, size, rax, old);
    if (size >= 4) b.select('eq', w, rax, old, rax, old, rax);
    else b.deposit(rax, b.select('eq', 32, acc, old, rax, old), size as 1 | 2);
    return;
  }
  const register = c.insn.opRegister(0);
  const { slot } = gprPlace(register);
  const old = b.un('mov', 64, wide(c.reg(register)));
  const source = b.un('mov', 64, wide(src));
  const equal = b.set('eq', w, old, wide(rax));
  b.flags(FLAG_KIND.sub, size, rax, old);
  if (size >= 4) {
    b.select('eq', 32, equal, ZERO, old, rax, rax);
    b.select('eq', 32, equal, ZERO, slot, source, slot);
  } else {
    b.deposit(rax, b.select('eq', 32, equal, ZERO, old, rax), size as 1 | 2);
    c.writeReg(register, b.select('eq', 32, equal, ZERO, c.reg(register), source));
  }
};

/** cmpxchg8b, cmpxchg16b: helper(address cell, bytes of a half). 16 bytes must be aligned: #GP. The page must be writable in any case. */
const cmpxchgPair = (half: 4 | 8): Lift => (c) => {
  const ea = c.ea();
  const address = c.b.temp();
  c.b.push({ op: 'linear', d: address, ea });
  if (half === 8) c.b.helper('checkAligned16', [address], { reads: [address], faults: true });
  c.b.push({ op: 'probe', ea, bytes: 2 * half, write: true });
  c.b.helper('cmpxchgPair', [address, half], { reads: [rax, rbx, rcx, rdx, address], writes: [rax, rdx], faults: true });
};

const xadd: Lift = (c) => {
  const { b } = c;
  const size = c.formSize(0);
  const w = widthOf(size);
  const register = c.insn.opRegister(1);
  const src = c.reg(register);
  if (c.isMemory(0)) {
    const ea = c.ea();
    const old = b.load(ea, size, b.temp(), 0, true);
    b.store(ea, size, b.bin('add', w, old, src));
    b.flags(FLAG_KIND.add, size, old, src);
    c.writeReg(register, old);
    return;
  }
  const to = c.insn.opRegister(0);
  const old = b.un('mov', 64, c.reg(to));
  b.flags(FLAG_KIND.add, size, old, src);
  const sum = b.bin('add', w, old, src);
  c.writeReg(register, old);
  c.writeReg(to, sum);
};

/** Read-modify-write instructions that the lock prefix was made for (SDM vol. 2). One host thread makes every instruction atomic. */
export const atomics = family(() => [
  [Mnemonic.Cmpxchg, cmpxchg], [Mnemonic.Cmpxchg8b, cmpxchgPair(4)], [Mnemonic.Cmpxchg16b, ifFeature('cx16', cmpxchgPair(8))], [Mnemonic.Xadd, xadd],
]);
