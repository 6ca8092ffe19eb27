import { CC, REG } from '@tally86/core';
import { Code, Mnemonic, OpKind } from '../../iced.ts';
import { imm, ONE, ZERO, type Size, type Slot, type Width } from '../../ir/ops.ts';
import type { LiftContext } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { once } from '../once.ts';
import { isUser } from '../user-space.ts';
import { checkCodeSelector, USER_CS } from './segment.ts';
import { inSlot, offsetEa, stackEa } from './operands.ts';

const { rsp, rcx } = REG;

/** Targets outside of user space are no blocks: they go the way of computed ones, which know what faults there. */
function jumpTo(c: LiftContext, a: Slot): void {
  c.b.end({ op: 'jumpind', a, kind: 'jump', ret: 0, sp: 0 });
}

const jcc = (cc: number): Lift => (c) => {
  const taken = c.target;
  if (isUser(taken)) c.b.end({ op: 'branchcc', cc, taken, fall: c.next });
  else jumpTo(c, c.b.selectcc(cc, 64, imm(taken), imm(c.next)));
};

/** Branches to the operand's target if a cell is (not) 0. */
function branchOn(c: LiftContext, cond: 'eq' | 'ne', w: Width, a: Slot): void {
  const taken = c.target;
  if (isUser(taken)) c.b.end({ op: 'branch', cond, w, a, b: ZERO, taken, fall: c.next });
  else jumpTo(c, c.b.select(cond, w, a, ZERO, imm(taken), imm(c.next)));
}

/** Far pointer operand in memory: the offset in a cell, once the selector was found to be this code segment's. Others are not emulated: #GP. */
function farTarget(c: LiftContext): Slot {
  const { b } = c;
  const ea = c.ea();
  const size: Size = farSizes()[c.insn.code] ?? 8;
  const offset = b.load(ea, size);
  checkCodeSelector(c, b.load(offsetEa(c, ea, size), 2), false);
  return offset;
}
const farSizes = once((): Partial<Record<Code, Size>> => ({
  [Code.Jmp_m1616]: 2, [Code.Jmp_m1632]: 4, [Code.Jmp_m1664]: 8, [Code.Call_m1616]: 2, [Code.Call_m1632]: 4, [Code.Call_m1664]: 8,
}));
function isFar(c: LiftContext): boolean {
  return farSizes()[c.insn.code] !== undefined;
}

const jmp: Lift = (c) => {
  if (c.kind(0) === OpKind.NearBranch64) {
    const to = c.target;
    if (isUser(to)) c.b.end({ op: 'jump', target: to, kind: 'jump', ret: 0 });
    else jumpTo(c, inSlot(c, imm(to)));
  } else jumpTo(c, isFar(c) ? farTarget(c) : (c.read(0, 8) as Slot));
};

const call: Lift = (c) => {
  const { b } = c;
  const ret = c.next;
  if (c.kind(0) === OpKind.NearBranch64) {
    const to = c.target;
    b.store(stackEa(-8), 8, imm(ret));
    if (!isUser(to)) return b.end({ op: 'jumpind', a: inSlot(c, imm(to)), kind: 'call', ret, sp: -8 });
    b.bin('sub', 64, rsp, imm(8), rsp);
    return b.end({ op: 'jump', target: to, kind: 'call', ret });
  }
  if (isFar(c)) {
    const size: Size = farSizes()[c.insn.code]!;
    const a = farTarget(c);
    b.store(stackEa(-size), size, imm(USER_CS));
    b.store(stackEa(-2 * size), size, imm(ret));
    return b.end({ op: 'jumpind', a, kind: 'jump', ret: 0, sp: -2 * size });
  }
  const a = c.read(0, 8) as Slot;
  // nothing is pushed if the target is not canonical
  b.helper('checkCanonical', [a], { reads: [a], faults: true });
  b.store(stackEa(-8), 8, imm(ret));
  b.end({ op: 'jumpind', a, kind: 'call', ret, sp: -8 });
};

/** Bytes that ret takes off behind the return address. */
function released(c: LiftContext): number {
  return c.insn.opCount === 0 ? 0 : Number(c.insn.immediate(0) & 0xffffn);
}
const ret: Lift = (c) => {
  const a = c.b.load(stackEa(0), 8);
  c.b.end({ op: 'jumpind', a, kind: 'ret', ret: 0, sp: 8 + released(c) });
};
const retfSizes = once((): Partial<Record<Code, Size>> => ({ [Code.Retfw]: 2, [Code.Retfw_imm16]: 2, [Code.Retfd]: 4, [Code.Retfd_imm16]: 4 }));
const retf: Lift = (c) => {
  const { b } = c;
  const size = retfSizes()[c.insn.code] ?? 8;
  const a = b.load(stackEa(0), size);
  checkCodeSelector(c, b.load(stackEa(size), 2), true);
  b.end({ op: 'jumpind', a, kind: 'jump', ret: 0, sp: 2 * size + released(c) });
};

/** rcx or, with an address-size prefix, ecx. */
function counterWidth(c: LiftContext): Width {
  return ecxForms().has(c.insn.code) ? 32 : 64;
}
const ecxForms = once((): ReadonlySet<Code> => new Set([Code.Loop_rel8_64_ECX, Code.Loope_rel8_64_ECX, Code.Loopne_rel8_64_ECX, Code.Jecxz_rel8_64]));

/** jrcxz, jecxz */
const jumpIfZero: Lift = (c) => branchOn(c, 'eq', counterWidth(c), rcx);

/** loop, loope, loopne: counts down without touching flags. A repeat prefix means nothing; AMD takes it for the condition, and so do we. */
const loop = (condition: number | null): Lift => (c) => {
  const { b } = c;
  const w = counterWidth(c);
  b.bin('sub', w, rcx, ONE, rcx);
  if (condition === null) return branchOn(c, 'ne', w, rcx);
  const cc = c.insn.hasRepnePrefix ? CC.ne : c.insn.hasRepePrefix ? CC.e : condition;
  branchOn(c, 'ne', 32, b.bin('and', 32, b.set('ne', w, rcx, ZERO), b.getcc(cc)));
};

/** Near branches, and far ones inside the 64-bit code segment (SDM vol. 2). */
export const branches = family(() => [
  [Mnemonic.Jo, jcc(CC.o)], [Mnemonic.Jno, jcc(CC.no)], [Mnemonic.Jb, jcc(CC.b)], [Mnemonic.Jae, jcc(CC.ae)],
  [Mnemonic.Je, jcc(CC.e)], [Mnemonic.Jne, jcc(CC.ne)], [Mnemonic.Jbe, jcc(CC.be)], [Mnemonic.Ja, jcc(CC.a)],
  [Mnemonic.Js, jcc(CC.s)], [Mnemonic.Jns, jcc(CC.ns)], [Mnemonic.Jp, jcc(CC.p)], [Mnemonic.Jnp, jcc(CC.np)],
  [Mnemonic.Jl, jcc(CC.l)], [Mnemonic.Jge, jcc(CC.ge)], [Mnemonic.Jle, jcc(CC.le)], [Mnemonic.Jg, jcc(CC.g)],
  [Mnemonic.Jmp, jmp], [Mnemonic.Call, call], [Mnemonic.Ret, ret], [Mnemonic.Retf, retf],
  [Mnemonic.Jrcxz, jumpIfZero], [Mnemonic.Jecxz, jumpIfZero],
  [Mnemonic.Loop, loop(null)], [Mnemonic.Loope, loop(CC.e)], [Mnemonic.Loopne, loop(CC.ne)],
]);
