import { CELL } from '@tally86/core';
import { Mnemonic } from '../../iced.ts';
import type { LiftContext } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { mmxCell, mmxCommit, mmxEnter, mmxSource, mmxWrite } from './mmx.ts';
import { imm } from '../../ir/ops.ts';
import { clearUpper, first, halves, HIGH, lane, mmxOperand, source, vectorOf, vget, vload, vmov, vset, vstore, xmm, xmmOperand, type VectorBytes } from './operands.ts';
import { bothForms, isWide, withVex } from '../vex.ts';

/** Whole registers: load, store or copy 16 bytes. */
const whole = (aligned: boolean): Lift => (c) => {
  const bytes = isWide(c) ? 32 : 16;
  if (c.isMemory(0)) return vstore(c, xmm(c, 1), bytes, aligned);
  const d = xmm(c, 0);
  if (c.isMemory(1)) {
    c.b.push({ op: 'vload', d, ea: c.ea(), bytes, aligned });
    if (bytes === 16) clearUpper(c, d);
  } else halves(c, d, (h) => vmov(c, d + h, xmm(c, 1) + h));
};

/** movss, movsd: a load clears the rest, a copy keeps that of the first source. */
export const scalarMove = (bytes: 4 | 8): Lift => (c) => {
  if (c.isMemory(0)) return vstore(c, xmm(c, 1), bytes);
  const d = xmm(c, 0);
  if (c.isMemory(1)) c.b.push({ op: 'vload', d, ea: c.ea(), bytes, aligned: false });
  else if (bytes === 8) lane(c, 'i64x2.shuffle', d, xmm(c, first(c) + 1), xmm(c, first(c)), 2);
  else lane(c, 'i32x4.blend', d, xmm(c, first(c)), xmm(c, first(c) + 1), 1);
  clearUpper(c, d);
};

/** movlps, movhps and the like: one half, from or to memory. */
const half = (index: 0 | 1): Lift => (c) => {
  if (c.isMemory(0)) {
    const a = index === 0 ? xmm(c, 1) : lane(c, 'i64x2.shuffle', c.b.vtemp(), xmm(c, 1), xmm(c, 1), 3);
    return vstore(c, a, 8);
  }
  const a = vload(c, 8);
  const d = xmm(c, 0);
  const kept = xmm(c, first(c));
  // lane numbers of i64x2.shuffle: bit 0 picks from a, bit 1 from b
  if (index === 0) lane(c, 'i64x2.shuffle', d, a, kept, 2);
  else lane(c, 'i64x2.shuffle', d, kept, a, 0);
  clearUpper(c, d);
};
/** movlhps, movhlps: a half of each operand. */
const joined = (swap: boolean, lanes: number): Lift => (c) => {
  const d = xmm(c, 0);
  const [a, b] = [xmm(c, first(c)), xmm(c, first(c) + 1)];
  lane(c, 'i64x2.shuffle', d, swap ? b : a, swap ? a : b, lanes);
  clearUpper(c, d);
};

/** movd and movq, between general registers or memory and mm or xmm; movq also among vector registers. */
const move = (size: 4 | 8): Lift => (c) => {
  const wide = c.insn.mnemonic === Mnemonic.Movq || c.insn.mnemonic === Mnemonic.Vmovq;
  if (mmxOperand(c, 0) || mmxOperand(c, 1)) return mmxMove(c, size);
  if (xmmOperand(c, 0)) {
    if (c.isMemory(1)) c.b.push({ op: 'vload', d: xmm(c, 0), ea: c.ea(), bytes: size, aligned: false });
    else if (xmmOperand(c, 1)) lane(c, 'v128.low64', xmm(c, 0), xmm(c, 1));
    else {
      c.b.push({ op: 'vzero', d: xmm(c, 0) });
      vset(c, xmm(c, 0), 0, wide ? 8 : size, c.reg(c.insn.opRegister(1)));
    }
    clearUpper(c, xmm(c, 0));
  } else if (c.isMemory(0)) vstore(c, xmm(c, 1), size);
  else c.writeReg(c.insn.opRegister(0), vget(c, xmm(c, 1), 0, size));
};

function mmxMove(c: LiftContext, size: 4 | 8): void {
  mmxEnter(c);
  if (mmxOperand(c, 0)) {
    if (mmxOperand(c, 1) || c.isMemory(1)) mmxWrite(c, 0, mmxSource(c, 1, size));
    else mmxWrite(c, 0, vectorOf(c, c.reg(c.insn.opRegister(1)), size));
    return;
  }
  if (c.isMemory(0)) c.b.store(c.ea(), size, mmxCell(c, 1));
  else c.writeReg(c.insn.opRegister(0), mmxCell(c, 1));
  mmxCommit(c);
}

const duplicate = (name: string, immediate: number, bytes: 8 | 16): Lift => (c) => {
  const d = xmm(c, 0);
  const a = isWide(c) ? source(c, 1) : source(c, 1, bytes);
  halves(c, d, (h) => lane(c, name, d + h, a + h, a + h, immediate));
};

export const moves = family(() => [
  ...([
    ['Movaps', whole(true)], ['Movapd', whole(true)], ['Movdqa', whole(true)],
    ['Movups', whole(false)], ['Movupd', whole(false)], ['Movdqu', whole(false)],
    ['Movntps', whole(true)], ['Movntpd', whole(true)], ['Movntdq', whole(true)],
    ['Movss', scalarMove(4)],
    ['Movlps', half(0)], ['Movlpd', half(0)], ['Movhps', half(1)], ['Movhpd', half(1)],
    ['Movlhps', joined(false, 0)], ['Movhlps', joined(true, 3)],
    // the REX.W form of movd is movq; iced names it so
    ['Movd', move(4)], ['Movq', move(8)],
  ] as const).flatMap(([name, lift]) => withVex(name, lift)),
  [Mnemonic.Movq2dq, (c) => {
    mmxEnter(c);
    vmov(c, xmm(c, 0), mmxSource(c, 1));
    mmxCommit(c);
  }],
  [Mnemonic.Movdq2q, (c) => {
    mmxEnter(c);
    mmxWrite(c, 0, xmm(c, 1));
  }],
  [Mnemonic.Movntq, (c) => {
    mmxEnter(c);
    c.b.store(c.ea(), 8, mmxCell(c, 1));
    mmxCommit(c);
  }],
  [Mnemonic.Emms, (c) => {
    mmxEnter(c);
    c.b.un('mov', 64, imm(0), CELL.ftop);
    c.b.un('mov', 64, imm(0), CELL.ftw);
  }],
]);

export const movesSse3 = bothForms([
  ['Lddqu', whole(false)], ['Movddup', duplicate('i64x2.shuffle', 0, 8)],
  ['Movsldup', duplicate('i32x4.shuffle', 0xa0, 16)], ['Movshdup', duplicate('i32x4.shuffle', 0xf5, 16)],
]);

/** Widens the lanes of the low `bytes` bytes; of as many behind them for an upper half. */
const extend = (name: string, bytes: 2 | 4 | 8): Lift => (c) => {
  const d = xmm(c, 0);
  const wide = isWide(c);
  const a = source(c, 1, (wide ? 2 * bytes : bytes) as VectorBytes, false);
  if (wide) lane(c, name, d + HIGH, lane(c, 'v128.shr_bytes', c.b.vtemp(), a, 0, bytes));
  lane(c, name, d, a);
  if (!wide) clearUpper(c, d);
};
export const movesSse41 = bothForms([
  ['Movntdqa', whole(true)],
  ...([
    ['Pmovsxbw', 'i16x8.extend_i8x16_s', 8], ['Pmovsxbd', 'i32x4.extend_i8x16_s', 4], ['Pmovsxbq', 'i64x2.extend_i8x16_s', 2],
    ['Pmovsxwd', 'i32x4.extend_i16x8_s', 8], ['Pmovsxwq', 'i64x2.extend_i16x8_s', 4], ['Pmovsxdq', 'i64x2.extend_i32x4_s', 8],
    ['Pmovzxbw', 'i16x8.extend_i8x16_u', 8], ['Pmovzxbd', 'i32x4.extend_i8x16_u', 4], ['Pmovzxbq', 'i64x2.extend_i8x16_u', 2],
    ['Pmovzxwd', 'i32x4.extend_i16x8_u', 8], ['Pmovzxwq', 'i64x2.extend_i16x8_u', 4], ['Pmovzxdq', 'i64x2.extend_i32x4_u', 8],
  ] as const).map(([mnemonic, name, bytes]) => [mnemonic, extend(name, bytes)] as const),
]);
