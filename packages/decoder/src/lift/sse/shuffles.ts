import { Mnemonic } from '../../iced.ts';
import { ZERO } from '../../ir/ops.ts';
import type { LiftContext } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { mmxCommit, mmxEnter, mmxSource, mmxWrite } from './mmx.ts';
import { imm8, lane, mmxOperand, source, vget, vset, xmm } from './operands.ts';

/** d = name(src, src, imm8) */
const shuffleOne = (name: string): Lift => (c) => {
  const a = source(c, 1);
  lane(c, name, xmm(c, 0), a, a, imm8(c, 2));
};
/** d = name(d, src, imm8) */
const shuffleTwo = (name: string, mask = 0xff): Lift => (c) => void lane(c, name, xmm(c, 0), xmm(c, 0), source(c, 1), imm8(c, 2) & mask);

/** Inserts a lane from a register or memory. */
const insert = (size: 1 | 2 | 4 | 8): Lift => (c) => {
  const mmx = mmxOperand(c, 0);
  const lanes = (mmx ? 8 : 16) / size;
  if (mmx) mmxEnter(c);
  const a = c.isMemory(1) ? c.b.load(c.ea(), size) : c.reg(c.insn.opRegister(1));
  const index = imm8(c, 2) & (lanes - 1);
  if (!mmx) return vset(c, xmm(c, 0), index, size, a);
  const t = mmxSource(c, 0);
  vset(c, t, index, size, a);
  mmxWrite(c, 0, t);
};

/** Extracts a lane to memory, or zero-extended to a register. */
const extract = (size: 1 | 2 | 4 | 8): Lift => (c) => {
  const mmx = mmxOperand(c, 1);
  const lanes = (mmx ? 8 : 16) / size;
  if (mmx) mmxEnter(c);
  const t = vget(c, mmx ? mmxSource(c, 1) : xmm(c, 1), imm8(c, 2) & (lanes - 1), size);
  if (c.isMemory(0)) c.b.store(c.ea(), size, t);
  else c.writeReg(c.insn.opRegister(0), t);
  if (mmx) mmxCommit(c);
};

/** insertps: a lane of the source (memory: 4 bytes) to a lane of the destination, then some lanes to zero (SDM vol. 2, INSERTPS). */
const insertps: Lift = (c) => {
  const control = imm8(c, 2);
  const t = c.isMemory(1) ? c.b.load(c.ea(), 4) : vget(c, xmm(c, 1), control >> 6, 4);
  vset(c, xmm(c, 0), (control >> 4) & 3, 4, t);
  for (let i = 0; i < 4; i++) if ((control >> i) & 1) vset(c, xmm(c, 0), i, 4, ZERO);
};

const palignr: Lift = (c) => {
  const count = imm8(c, 2);
  if (!mmxOperand(c, 0)) return void lane(c, 'palignr', xmm(c, 0), xmm(c, 0), source(c, 1), count);
  mmxEnter(c);
  const a = mmxSource(c, 0);
  const b = mmxSource(c, 1);
  lane(c, 'i64x2.shuffle', a, b, a, 0);
  mmxWrite(c, 0, lane(c, 'v128.shr_bytes', a, a, 0, count));
};

/** Blends by the sign bits of xmm0's lanes: imm is the slot of the mask. */
const blendv = (name: string): Lift => (c) => void lane(c, name, xmm(c, 0), xmm(c, 0), source(c, 1), 0);

/** Shift counts: an immediate, or the low 64 bits of a register or memory. */
const shift = (name: string): Lift => (c) => {
  const byImmediate = !c.isMemory(1) && !c.isRegister(1);
  if (mmxOperand(c, 0)) {
    mmxEnter(c);
    const a = mmxSource(c, 0);
    if (byImmediate) lane(c, name, a, a, 0, imm8(c, 1));
    else lane(c, `${name}_by`, a, a, mmxSource(c, 1));
    mmxWrite(c, 0, a);
  } else if (byImmediate) lane(c, name, xmm(c, 0), xmm(c, 0), 0, imm8(c, 1));
  else lane(c, `${name}_by`, xmm(c, 0), xmm(c, 0), source(c, 1));
};
const shiftBytes = (name: string): Lift => (c) => void lane(c, name, xmm(c, 0), xmm(c, 0), 0, imm8(c, 1));

function pshufw(c: LiftContext): void {
  mmxEnter(c);
  const a = mmxSource(c, 1);
  mmxWrite(c, 0, lane(c, 'i16x8.shuffle_low', a, a, a, imm8(c, 2)));
}

export const shuffles = family(
  [Mnemonic.Pshufd, shuffleOne('i32x4.shuffle')], [Mnemonic.Pshuflw, shuffleOne('i16x8.shuffle_low')], [Mnemonic.Pshufhw, shuffleOne('i16x8.shuffle_high')],
  [Mnemonic.Pshufw, pshufw],
  [Mnemonic.Shufps, shuffleTwo('i32x4.shuffle')], [Mnemonic.Shufpd, shuffleTwo('i64x2.shuffle', 3)],
  [Mnemonic.Pinsrw, insert(2)],
  [Mnemonic.Psllw, shift('i16x8.shl')], [Mnemonic.Pslld, shift('i32x4.shl')], [Mnemonic.Psllq, shift('i64x2.shl')],
  [Mnemonic.Psrlw, shift('i16x8.shr_u')], [Mnemonic.Psrld, shift('i32x4.shr_u')], [Mnemonic.Psrlq, shift('i64x2.shr_u')],
  [Mnemonic.Psraw, shift('i16x8.shr_s')], [Mnemonic.Psrad, shift('i32x4.shr_s')],
  [Mnemonic.Pslldq, shiftBytes('v128.shl_bytes')], [Mnemonic.Psrldq, shiftBytes('v128.shr_bytes')],
  // SSE4.1 adds a form of pextrw with a memory destination
  [Mnemonic.Pextrw, (c) => (c.isMemory(0) && !c.features.has('sse4.1') ? false : extract(2)(c))],
);

export const shufflesSsse3 = family([Mnemonic.Palignr, palignr]);

export const shufflesSse41 = family(
  [Mnemonic.Pinsrb, insert(1)], [Mnemonic.Pinsrd, insert(4)], [Mnemonic.Pinsrq, insert(8)],
  [Mnemonic.Pextrb, extract(1)], [Mnemonic.Pextrd, extract(4)], [Mnemonic.Pextrq, extract(8)], [Mnemonic.Extractps, extract(4)],
  [Mnemonic.Insertps, insertps],
  [Mnemonic.Blendps, shuffleTwo('i32x4.blend')], [Mnemonic.Blendpd, shuffleTwo('i64x2.blend')], [Mnemonic.Pblendw, shuffleTwo('i16x8.blend')],
  [Mnemonic.Pblendvb, blendv('i8x16.blendv')], [Mnemonic.Blendvps, blendv('i32x4.blendv')], [Mnemonic.Blendvpd, blendv('i64x2.blendv')],
  [Mnemonic.Mpsadbw, shuffleTwo('mpsadbw', 7)],
);
