import { CC, REG } from '@tally86/core';
import { Code, Mnemonic, OpKind } from 'iced-x86';
import { imm, ONE, ZERO, type Operand, type Size, type Slot } from '../../ir/ops.ts';
import type { LiftContext } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { checkCodeSelector, USER_CS } from './segment.ts';
import { inSlot, offsetEa, stackEa } from './operands.ts';

const { rsp, rcx } = REG;

/** The target of a direct near branch. */
function target(c: LiftContext): number {
  return Number(c.insn.nearBranchTarget);
}

const jcc = (cc: number): Lift => (c) => c.b.end({ op: 'branchcc', cc, taken: target(c), fall: c.next });

/** Far pointer operand in memory: the offset in a cell, once the selector was found to be this code segment's. Others are not emulated: #GP. */
function farTarget(c: LiftContext): Slot {
  const { b } = c;
  const ea = c.ea();
  const size: Size = FAR_SIZES[c.insn.code] ?? 8;
  const offset = b.load(ea, size);
  checkCodeSelector(c, b.load(offsetEa(c, ea, size), 2), false);
  return offset;
}
const FAR_SIZES: Partial<Record<Code, Size>> = {
  [Code.Jmp_m1616]: 2, [Code.Jmp_m1632]: 4, [Code.Jmp_m1664]: 8, [Code.Call_m1616]: 2, [Code.Call_m1632]: 4, [Code.Call_m1664]: 8,
};
function isFar(c: LiftContext): boolean {
  return FAR_SIZES[c.insn.code] !== undefined;
}

const jmp: Lift = (c) => {
  if (c.kind(0) === OpKind.NearBranch64) return c.b.end({ op: 'jump', target: target(c), kind: 'jump', ret: 0 });
  const a = isFar(c) ? farTarget(c) : (c.read(0, 8) as Slot);
  c.b.end({ op: 'jumpind', a, kind: 'jump', ret: 0, sp: 0 });
};

const call: Lift = (c) => {
  const { b } = c;
  const ret = c.next;
  if (c.kind(0) === OpKind.NearBranch64) {
    b.store(stackEa(-8), 8, imm(ret));
    b.bin('sub', 64, rsp, imm(8), rsp);
    return b.end({ op: 'jump', target: target(c), kind: 'call', ret });
  }
  if (isFar(c)) {
    const size: Size = FAR_SIZES[c.insn.code]!;
    const a = farTarget(c);
    b.store(stackEa(-size), size, imm(USER_CS));
    b.store(stackEa(-2 * size), size, imm(ret));
    return b.end({ op: 'jumpind', a, kind: 'jump', ret: 0, sp: -2 * size });
  }
  const a = c.read(0, 8) as Slot;
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
const RETF_SIZES: Partial<Record<Code, Size>> = { [Code.Retfw]: 2, [Code.Retfw_imm16]: 2, [Code.Retfd]: 4, [Code.Retfd_imm16]: 4 };
const retf: Lift = (c) => {
  const { b } = c;
  const size = RETF_SIZES[c.insn.code] ?? 8;
  const a = b.load(stackEa(0), size);
  checkCodeSelector(c, b.load(stackEa(size), 2), true);
  b.end({ op: 'jumpind', a, kind: 'jump', ret: 0, sp: 2 * size + released(c) });
};

/** rcx or, with an address-size prefix, ecx. */
function counterWidth(c: LiftContext): 32 | 64 {
  return ECX_FORMS.has(c.insn.code) ? 32 : 64;
}
const ECX_FORMS: ReadonlySet<Code> = new Set([Code.Loop_rel8_64_ECX, Code.Loope_rel8_64_ECX, Code.Loopne_rel8_64_ECX, Code.Jecxz_rel8_64]);

/** jrcxz, jecxz */
const jumpIfZero: Lift = (c) => c.b.end({ op: 'branch', cond: 'eq', w: counterWidth(c), a: rcx, b: ZERO, taken: target(c), fall: c.next });

/** loop, loope, loopne: counts down without touching flags. */
const loop = (cc: number | null): Lift => (c) => {
  const { b } = c;
  const w = counterWidth(c);
  b.bin('sub', w, rcx, ONE, rcx);
  let a: Operand = rcx;
  if (cc !== null) a = b.bin('and', 32, b.set('ne', w, rcx, ZERO), b.getcc(cc));
  b.end({ op: 'branch', cond: 'ne', w: cc === null ? w : 32, a: inSlot(c, a), b: ZERO, taken: target(c), fall: c.next });
};

/** Near branches, and far ones inside the 64-bit code segment (SDM vol. 2). */
export const branches = family(
  [Mnemonic.Jo, jcc(CC.o)], [Mnemonic.Jno, jcc(CC.no)], [Mnemonic.Jb, jcc(CC.b)], [Mnemonic.Jae, jcc(CC.ae)],
  [Mnemonic.Je, jcc(CC.e)], [Mnemonic.Jne, jcc(CC.ne)], [Mnemonic.Jbe, jcc(CC.be)], [Mnemonic.Ja, jcc(CC.a)],
  [Mnemonic.Js, jcc(CC.s)], [Mnemonic.Jns, jcc(CC.ns)], [Mnemonic.Jp, jcc(CC.p)], [Mnemonic.Jnp, jcc(CC.np)],
  [Mnemonic.Jl, jcc(CC.l)], [Mnemonic.Jge, jcc(CC.ge)], [Mnemonic.Jle, jcc(CC.le)], [Mnemonic.Jg, jcc(CC.g)],
  [Mnemonic.Jmp, jmp], [Mnemonic.Call, call], [Mnemonic.Ret, ret], [Mnemonic.Retf, retf],
  [Mnemonic.Jrcxz, jumpIfZero], [Mnemonic.Jecxz, jumpIfZero],
  [Mnemonic.Loop, loop(null)], [Mnemonic.Loope, loop(CC.e)], [Mnemonic.Loopne, loop(CC.ne)],
);
