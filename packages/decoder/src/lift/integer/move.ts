import { CC, CELL } from '@tally86/core';
import { Mnemonic, Register } from '../../iced.ts';
import { imm, type Ea, type Size } from '../../ir/ops.ts';
import { gprPlace, widthOf, type LiftContext } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { directSlot, ifFeature } from './operands.ts';
import { isSegment, movFromSegment, movToSegment } from './segment.ts';
import { isControl, movControl } from './system.ts';

/** Loads memory operand i into a register, zero-extended or as it is. */
function loadReg(c: LiftContext, register: Register, i: number, size: Size): void {
  const slot = directSlot(register);
  if (slot !== undefined) c.b.load(c.ea(), size, slot);
  else c.writeReg(register, c.read(i, size));
}

const mov: Lift = (c) => {
  if (c.isRegister(0)) {
    const to = c.insn.opRegister(0);
    if (isSegment(to)) return movToSegment(c, to);
    if (isControl(to)) return movControl(c);
    if (c.isMemory(1)) return loadReg(c, to, 1, c.formSize(0));
  }
  if (c.isRegister(1)) {
    const from = c.insn.opRegister(1);
    if (isSegment(from)) return movFromSegment(c, from);
    if (isControl(from)) return movControl(c);
  }
  const size = c.formSize(0);
  c.write(0, size, c.read(1, size));
};

/** movzx, movsx, movsxd */
const extend = (signed: boolean): Lift => (c) => {
  const to = c.insn.opRegister(0);
  const d = directSlot(to);
  const size = c.formSize(1);
  const w = widthOf(gprPlace(to).size);
  if (d === undefined) {
    c.writeReg(to, signed ? c.readS(1, size, 32) : c.readZ(1, size));
  } else if (c.isMemory(1)) {
    c.b.load(c.ea(), size, d, signed && !(size === 4 && w === 32) ? w : 0);
  } else {
    const a = c.read(1, size);
    if (size === 4) c.b.un(signed && w === 64 ? 'sext32' : 'mov', w, a, d);
    else if (signed) c.b.un(size === 1 ? 'sext8' : 'sext16', w, a, d);
    else c.b.un(size === 1 ? 'zext8' : 'zext16', 32, a, d);
  }
};

const lea: Lift = (c) => {
  const ea = c.ea();
  const to = c.insn.opRegister(0);
  const { slot, size } = gprPlace(to);
  const w = widthOf(size);
  const d = size >= 4 ? slot : c.b.temp();
  const plain = !ea.a32 || w === 32;
  c.usesConstant = plain && ea.index < 0;
  // a part of an address does not move as the address does, and without a displacement nothing is added
  if ((c.usesRip && w === 32) || (ea.disp === 0 && c.insn.memoryDisplSize !== 0)) c.pinned = true;
  if (ea.base < 0 && ea.index < 0) c.b.un('mov', 64, imm(BigInt.asUintN(w === 32 || ea.a32 ? 32 : 64, BigInt(ea.disp))), d);
  else if (plain && ea.index < 0) {
    if (ea.disp === 0) c.b.un('mov', w, ea.base, d);
    else c.b.bin('add', w, ea.base, imm(ea.disp), d);
  } else c.b.push({ op: 'lea', w, d, ea });
  if (size < 4) c.writeReg(to, d);
};

const cmov = (cc: number): Lift => (c) => {
  const to = c.insn.opRegister(0);
  const { slot, size } = gprPlace(to);
  const src = c.read(1, size);
  const w = widthOf(size);
  if (size >= 4) c.b.selectcc(cc, w, src, slot, slot);
  else c.writeReg(to, c.b.selectcc(cc, w, src, slot));
};

const setcc = (cc: number): Lift => (c) => c.write(0, 1, c.b.getcc(cc));

/** With memory there is a lock without the prefix; one host thread makes every instruction atomic. */
const xchg: Lift = (c) => {
  const size = c.formSize(0);
  const { b } = c;
  if (c.isMemory(0)) {
    const ea = c.ea();
    const old = b.load(ea, size, b.temp(), 0, true);
    const register = c.insn.opRegister(1);
    b.store(ea, size, c.reg(register));
    c.writeReg(register, old);
    return;
  }
  const first = c.insn.opRegister(0);
  const second = c.insn.opRegister(1);
  const old = b.un('mov', 64, c.reg(first));
  c.writeReg(first, c.reg(second));
  c.writeReg(second, old);
};

const bswap: Lift = (c) => {
  const { slot, size } = gprPlace(c.insn.opRegister(0));
  // 16 bits are undefined: CPUs give 0
  if (size === 2) c.b.deposit(slot, imm(0), 2);
  else c.b.un('bswap', widthOf(size), slot, slot);
};

const movbe: Lift = (c) => {
  const size = c.formSize(0);
  const w = widthOf(size);
  const swapped = c.b.un('bswap', w, c.read(1, size));
  c.write(0, size, size === 2 ? c.b.bin('shr', 32, swapped, imm(16)) : swapped);
};

/** al = [rbx + al] */
const xlat: Lift = (c) => {
  const { insn } = c;
  const base = insn.memoryBase;
  const seg = insn.memorySegment === Register.FS ? CELL.fsBase : insn.memorySegment === Register.GS ? CELL.gsBase : 0;
  const index = c.b.un('zext8', 64, 0);
  const ea: Ea = { base: gprPlace(base).slot, index, shift: 0, disp: 0, seg, a32: base === Register.EBX };
  c.b.deposit(0, c.b.load(ea, 1), 1);
};

/** Widenings of rax: cbw, cwde, cdqe in place, cwd, cdq, cqo into rdx. */
const widen = (): readonly (readonly [Mnemonic, Lift])[] => [
  [Mnemonic.Cbw, (c) => c.b.deposit(0, c.b.un('sext8', 32, 0), 2)],
  [Mnemonic.Cwde, (c) => void c.b.un('sext16', 32, 0, 0)],
  [Mnemonic.Cdqe, (c) => void c.b.un('sext32', 64, 0, 0)],
  [Mnemonic.Cwd, (c) => c.b.deposit(2, c.b.bin('sar', 32, c.b.un('sext16', 32, 0), imm(31)), 2)],
  [Mnemonic.Cdq, (c) => void c.b.bin('sar', 32, 0, imm(31), 2)],
  [Mnemonic.Cqo, (c) => void c.b.bin('sar', 64, 0, imm(63), 2)],
];

const conditions = (): readonly (readonly [number, cmov: Mnemonic, set: Mnemonic])[] => [
  [CC.o, Mnemonic.Cmovo, Mnemonic.Seto], [CC.no, Mnemonic.Cmovno, Mnemonic.Setno], [CC.b, Mnemonic.Cmovb, Mnemonic.Setb],
  [CC.ae, Mnemonic.Cmovae, Mnemonic.Setae], [CC.e, Mnemonic.Cmove, Mnemonic.Sete], [CC.ne, Mnemonic.Cmovne, Mnemonic.Setne],
  [CC.be, Mnemonic.Cmovbe, Mnemonic.Setbe], [CC.a, Mnemonic.Cmova, Mnemonic.Seta], [CC.s, Mnemonic.Cmovs, Mnemonic.Sets],
  [CC.ns, Mnemonic.Cmovns, Mnemonic.Setns], [CC.p, Mnemonic.Cmovp, Mnemonic.Setp], [CC.np, Mnemonic.Cmovnp, Mnemonic.Setnp],
  [CC.l, Mnemonic.Cmovl, Mnemonic.Setl], [CC.ge, Mnemonic.Cmovge, Mnemonic.Setge], [CC.le, Mnemonic.Cmovle, Mnemonic.Setle],
  [CC.g, Mnemonic.Cmovg, Mnemonic.Setg],
];

/** Data movement (SDM vol. 2). */
export const moves = family(() => [
  [Mnemonic.Mov, mov], [Mnemonic.Movzx, extend(false)], [Mnemonic.Movsx, extend(true)], [Mnemonic.Movsxd, extend(true)],
  [Mnemonic.Lea, lea], [Mnemonic.Xchg, xchg], [Mnemonic.Bswap, bswap], [Mnemonic.Movnti, mov], [Mnemonic.Movbe, ifFeature('movbe', movbe)],
  [Mnemonic.Xlatb, xlat], ...widen(),
  ...conditions().flatMap(([cc, mnemonic, set]) => [[mnemonic, cmov(cc)], [set, setcc(cc)]] as const),
]);
