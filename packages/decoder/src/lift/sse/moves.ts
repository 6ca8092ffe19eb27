import { CELL } from '@tally86/core';
import { Mnemonic } from '../../iced.ts';
import type { LiftContext } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { mmxCell, mmxCommit, mmxEnter, mmxSource, mmxWrite } from './mmx.ts';
import { imm } from '../../ir/ops.ts';
import { lane, mmxOperand, source, vectorOf, vget, vload, vmov, vset, vstore, xmm, xmmOperand } from './operands.ts';

/** Whole registers: load, store or copy 16 bytes. */
const whole = (aligned: boolean): Lift => (c) => {
  if (c.isMemory(0)) return vstore(c, xmm(c, 1), 16, aligned);
  if (c.isMemory(1)) c.b.push({ op: 'vload', d: xmm(c, 0), ea: c.ea(), bytes: 16, aligned });
  else vmov(c, xmm(c, 0), xmm(c, 1));
};

/** movss, movsd: a load clears the rest, a copy keeps it. */
export const scalarMove = (bytes: 4 | 8): Lift => (c) => {
  if (c.isMemory(0)) return vstore(c, xmm(c, 1), bytes);
  if (c.isMemory(1)) c.b.push({ op: 'vload', d: xmm(c, 0), ea: c.ea(), bytes, aligned: false });
  else if (bytes === 8) lane(c, 'i64x2.shuffle', xmm(c, 0), xmm(c, 1), xmm(c, 0), 2);
  else lane(c, 'i32x4.blend', xmm(c, 0), xmm(c, 0), xmm(c, 1), 1);
};

/** movlps, movhps and the like: one half, from or to memory. */
const half = (index: 0 | 1): Lift => (c) => {
  if (c.isMemory(0)) {
    const a = index === 0 ? xmm(c, 1) : lane(c, 'i64x2.shuffle', c.b.vtemp(), xmm(c, 1), xmm(c, 1), 3);
    return vstore(c, a, 8);
  }
  const a = vload(c, 8);
  // lane numbers of i64x2.shuffle: bit 0 picks from a, bit 1 from b
  if (index === 0) lane(c, 'i64x2.shuffle', xmm(c, 0), a, xmm(c, 0), 2);
  else lane(c, 'i64x2.shuffle', xmm(c, 0), xmm(c, 0), a, 0);
};

/** movd and movq, between general registers or memory and mm or xmm; movq also among vector registers. */
const move = (size: 4 | 8): Lift => (c) => {
  const wide = c.insn.mnemonic === Mnemonic.Movq;
  if (mmxOperand(c, 0) || mmxOperand(c, 1)) return mmxMove(c, size);
  if (xmmOperand(c, 0)) {
    if (c.isMemory(1)) c.b.push({ op: 'vload', d: xmm(c, 0), ea: c.ea(), bytes: size, aligned: false });
    else if (xmmOperand(c, 1)) lane(c, 'v128.low64', xmm(c, 0), xmm(c, 1));
    else {
      c.b.push({ op: 'vzero', d: xmm(c, 0) });
      vset(c, xmm(c, 0), 0, wide ? 8 : size, c.reg(c.insn.opRegister(1)));
    }
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

const storeOnly = (): Lift => (c) => vstore(c, xmm(c, 1), 16, true);

const duplicate = (immediate: number): Lift => (c) => {
  const a = source(c, 1);
  lane(c, 'i32x4.shuffle', xmm(c, 0), a, a, immediate);
};

export const moves = family(
  [Mnemonic.Movaps, whole(true)], [Mnemonic.Movapd, whole(true)], [Mnemonic.Movdqa, whole(true)],
  [Mnemonic.Movups, whole(false)], [Mnemonic.Movupd, whole(false)], [Mnemonic.Movdqu, whole(false)],
  [Mnemonic.Movntps, storeOnly()], [Mnemonic.Movntpd, storeOnly()], [Mnemonic.Movntdq, storeOnly()],
  [Mnemonic.Movss, scalarMove(4)],
  [Mnemonic.Movlps, half(0)], [Mnemonic.Movlpd, half(0)], [Mnemonic.Movhps, half(1)], [Mnemonic.Movhpd, half(1)],
  [Mnemonic.Movlhps, (c) => void lane(c, 'i64x2.shuffle', xmm(c, 0), xmm(c, 0), xmm(c, 1), 0)],
  [Mnemonic.Movhlps, (c) => void lane(c, 'i64x2.shuffle', xmm(c, 0), xmm(c, 1), xmm(c, 0), 3)],
  [Mnemonic.Movd, move(4)], [Mnemonic.Movq, move(8)],
  // The REX.W form of movd is movq; iced names it so.
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
);

export const movesSse3 = family(
  [Mnemonic.Lddqu, whole(false)],
  [Mnemonic.Movddup, (c) => {
    const a = source(c, 1, 8);
    lane(c, 'i64x2.shuffle', xmm(c, 0), a, a, 0);
  }],
  [Mnemonic.Movsldup, duplicate(0xa0)],
  [Mnemonic.Movshdup, duplicate(0xf5)],
);

export const movesSse41 = family(
  [Mnemonic.Movntdqa, whole(true)],
  ...([
    ['Pmovsxbw', 'i16x8.extend_i8x16_s', 8], ['Pmovsxbd', 'i32x4.extend_i8x16_s', 4], ['Pmovsxbq', 'i64x2.extend_i8x16_s', 2],
    ['Pmovsxwd', 'i32x4.extend_i16x8_s', 8], ['Pmovsxwq', 'i64x2.extend_i16x8_s', 4], ['Pmovsxdq', 'i64x2.extend_i32x4_s', 8],
    ['Pmovzxbw', 'i16x8.extend_i8x16_u', 8], ['Pmovzxbd', 'i32x4.extend_i8x16_u', 4], ['Pmovzxbq', 'i64x2.extend_i8x16_u', 2],
    ['Pmovzxwd', 'i32x4.extend_i16x8_u', 8], ['Pmovzxwq', 'i64x2.extend_i16x8_u', 4], ['Pmovzxdq', 'i64x2.extend_i32x4_u', 8],
  ] as const).map(([mnemonic, name, bytes]) => [Mnemonic[mnemonic], ((c) => void lane(c, name, xmm(c, 0), source(c, 1, bytes, false))) as Lift] as const),
);
