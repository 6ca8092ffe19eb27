import { ARITH_FLAGS, CELL, FLAG, FLAG_KIND, REG } from '@tally86/core';
import { Code, Mnemonic } from '../../iced.ts';
import { imm, type Ea, type Operand, type Size } from '../../ir/ops.ts';
import { gprPlace, type LiftContext } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { offsetEa, stackEa } from './operands.ts';
import { isSegment, loadSegment, selector } from './segment.ts';

const { rsp, rbp } = REG;

/** Bytes that a push or pop moves rsp by: 8, or 2 with an operand-size prefix. */
function stackSize(c: LiftContext): 2 | 8 {
  return Math.abs(c.insn.stackPointerIncrement) as 2 | 8;
}
function addRsp(c: LiftContext, by: number): void {
  if (by > 0) c.b.bin('add', 64, rsp, imm(by), rsp);
  else c.b.bin('sub', 64, rsp, imm(-by), rsp);
}
function pushValue(c: LiftContext, size: 2 | 8, value: Operand): void {
  c.b.store(stackEa(-size), size, value);
  addRsp(c, -size);
}

const push: Lift = (c) => {
  const size = stackSize(c);
  const register = c.isRegister(0) ? c.insn.opRegister(0) : 0;
  pushValue(c, size, isSegment(register) ? selector(c, register) : c.read(0, size));
};

const pop: Lift = (c) => {
  const { b } = c;
  const size = stackSize(c);
  const top = stackEa(0);
  if (c.isMemory(0)) {
    const value = b.load(top, size);
    const ea = c.ea();
    // an address from rsp is that after the pop
    b.store(ea.base === rsp ? offsetEa(c, ea, size) : ea, size, value);
    addRsp(c, size);
    return;
  }
  const register = c.insn.opRegister(0);
  if (isSegment(register)) {
    loadSegment(c, register, b.load(top, 2));
    addRsp(c, size);
    return;
  }
  const { slot } = gprPlace(register);
  if (size === 8) {
    b.load(top, 8, slot);
    if (slot !== rsp) addRsp(c, 8);
  } else {
    const value = b.load(top, 2);
    addRsp(c, 2);
    b.deposit(slot, value, 2);
  }
};

/** RFLAGS as pushf shows it; CELL.rflags has bit 1 and IF always set. */
const pushf: Lift = (c) => {
  const { b } = c;
  const flags = b.temp();
  b.push({ op: 'getflags', d: flags });
  pushValue(c, stackSize(c), b.bin('or', 64, flags, CELL.rflags));
};

/** What popf changes in user mode (SDM vol. 2, POPF: CPL 3 > IOPL 0); the trap flag takes effect behind the next instruction. */
const popf: Lift = (c) => {
  const { b } = c;
  const size = stackSize(c);
  const value = b.load(stackEa(0), size);
  const writable = FLAG.TF | FLAG.DF | FLAG.NT | (size === 8 ? FLAG.AC | FLAG.ID : 0);
  const kept = b.bin('and', 64, CELL.rflags, imm(~writable));
  b.bin('or', 64, kept, b.bin('and', 64, value, imm(writable)), CELL.rflags);
  b.flags(FLAG_KIND.explicit, 8, b.bin('and', 64, value, imm(ARITH_FLAGS)));
  addRsp(c, size);
  b.end({ op: 'leave', next: c.next });
};

/** enter: the new frame pointer is behind the pushed rbp; up to 31 outer frame pointers are copied; the last address must be writable. */
const enter: Lift = (c) => {
  const { b } = c;
  const size: Size = c.insn.code === Code.Enterw_imm16_imm8 ? 2 : 8;
  const bytes = Number(c.insn.immediate(0) & 0xffffn);
  const level = Number(c.insn.immediate(1) & 31n);
  let down = -size;
  b.store(stackEa(down), size, rbp);
  const frame = b.bin('sub', 64, rsp, imm(size));
  const t = b.temp();
  const outer = (i: number): Ea => ({ ...stackEa(-size * i), base: rbp });
  for (let i = 1; i < level; i++) {
    b.load(outer(i), size, t);
    b.store(stackEa((down -= size)), size, t);
  }
  if (level > 0) b.store(stackEa((down -= size)), size, frame);
  down -= bytes;
  b.push({ op: 'probe', ea: stackEa(down), bytes: size, write: true });
  if (size === 8) b.un('mov', 64, frame, rbp);
  else b.deposit(rbp, frame, 2);
  addRsp(c, down);
};

const leave: Lift = (c) => {
  const { b } = c;
  const size = c.insn.code === Code.Leavew ? 2 : 8;
  const value = b.load({ ...stackEa(0), base: rbp }, size);
  b.bin('add', 64, rbp, imm(size), rsp);
  if (size === 8) b.un('mov', 64, value, rbp);
  else b.deposit(rbp, value, 2);
};

/** The stack (SDM vol. 2). */
export const stack = family(() => [
  [Mnemonic.Push, push], [Mnemonic.Pop, pop], [Mnemonic.Pushf, pushf], [Mnemonic.Pushfq, pushf], [Mnemonic.Popf, popf], [Mnemonic.Popfq, popf],
  [Mnemonic.Enter, enter], [Mnemonic.Leave, leave],
]);
