import { Mnemonic } from '../../iced.ts';
import { ZERO } from '../../ir/ops.ts';
import type { LiftContext } from '../context.ts';
import { family, type Family, type Lift } from '../family.ts';
import { mmxCommit, mmxEnter, mmxSource, mmxWrite } from './mmx.ts';
import { clearUpper, first, halves, halvesDown, imm8, lane, mmxOperand, source, vget, vmov, vset, xmm } from './operands.ts';
import { bothForms } from '../vex.ts';

/** d = name(src, src, imm8) */
const shuffleOne = (name: string): Lift => (c) => {
  const d = xmm(c, 0);
  const a = source(c, 1);
  halves(c, d, (h) => lane(c, name, d + h, a + h, a + h, imm8(c, 2)));
};
/** d = name(a, src, imm8); the upper half takes the immediate from bit `upper` up. */
export const shuffleTwo = (name: string, mask = 0xff, upper = 0): Lift => (c) => {
  const d = xmm(c, 0);
  const a = xmm(c, first(c));
  const b = source(c, first(c) + 1);
  const control = imm8(c, first(c) + 2);
  halves(c, d, (h) => lane(c, name, d + h, a + h, b + h, (h === 0 ? control : control >> upper) & mask));
};

/** Inserts a lane from a register or memory. */
const insert = (size: 1 | 2 | 4 | 8): Lift => (c) => {
  const mmx = mmxOperand(c, 0);
  const lanes = (mmx ? 8 : 16) / size;
  const from = first(c) + 1;
  if (mmx) mmxEnter(c);
  const a = c.isMemory(from) ? c.b.load(c.ea(), size) : c.reg(c.insn.opRegister(from));
  const index = imm8(c, from + 1) & (lanes - 1);
  if (!mmx) {
    const d = xmm(c, 0);
    vmov(c, d, xmm(c, first(c)));
    vset(c, d, index, size, a);
    return clearUpper(c, d);
  }
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
  const from = first(c) + 1;
  const control = imm8(c, from + 1);
  const t = c.isMemory(from) ? c.b.load(c.ea(), 4) : vget(c, xmm(c, from), control >> 6, 4);
  const d = xmm(c, 0);
  vmov(c, d, xmm(c, first(c)));
  vset(c, d, (control >> 4) & 3, 4, t);
  for (let i = 0; i < 4; i++) if ((control >> i) & 1) vset(c, d, i, 4, ZERO);
  clearUpper(c, d);
};

const palignr: Lift = (c) => {
  if (!mmxOperand(c, 0)) return shuffleTwo('palignr')(c);
  const count = imm8(c, 2);
  mmxEnter(c);
  const a = mmxSource(c, 0);
  const b = mmxSource(c, 1);
  lane(c, 'i64x2.shuffle', a, b, a, 0);
  mmxWrite(c, 0, lane(c, 'v128.shr_bytes', a, a, 0, count));
};

/** Blends by the sign bits of the lanes of xmm0, or of a register of its own: imm is the slot of the mask. */
const blendv = (name: string): Lift => (c) => {
  const d = xmm(c, 0);
  const a = xmm(c, first(c));
  const b = source(c, first(c) + 1);
  const mask = c.vex ? xmm(c, 3) : 0;
  halves(c, d, (h) => lane(c, name, d + h, a + h, b + h, mask + h));
};

/** Shift counts: an immediate, or the low 64 bits of a register or memory. */
const shift = (name: string): Lift => (c) => {
  const by = first(c) + 1;
  const byImmediate = !c.isMemory(by) && !c.isRegister(by);
  if (mmxOperand(c, 0)) {
    mmxEnter(c);
    const a = mmxSource(c, 0);
    if (byImmediate) lane(c, name, a, a, 0, imm8(c, 1));
    else lane(c, `${name}_by`, a, a, mmxSource(c, 1));
    return mmxWrite(c, 0, a);
  }
  const d = xmm(c, 0);
  const a = xmm(c, first(c));
  if (byImmediate) return halves(c, d, (h) => lane(c, name, d + h, a + h, 0, imm8(c, by)));
  const count = source(c, by, 16);
  halvesDown(c, d, (h) => lane(c, `${name}_by`, d + h, a + h, count));
};
const shiftBytes = (name: string): Lift => (c) => {
  const d = xmm(c, 0);
  const a = xmm(c, first(c));
  halves(c, d, (h) => lane(c, name, d + h, a + h, 0, imm8(c, first(c) + 1)));
};

function pshufw(c: LiftContext): void {
  mmxEnter(c);
  const a = mmxSource(c, 1);
  mmxWrite(c, 0, lane(c, 'i16x8.shuffle_low', a, a, a, imm8(c, 2)));
}

export const shuffles: Family = bothForms([
  ['Pshufd', shuffleOne('i32x4.shuffle')], ['Pshuflw', shuffleOne('i16x8.shuffle_low')], ['Pshufhw', shuffleOne('i16x8.shuffle_high')],
  ['Shufps', shuffleTwo('i32x4.shuffle')], ['Shufpd', shuffleTwo('i64x2.shuffle', 3, 2)],
  ['Pinsrw', insert(2)],
  ['Psllw', shift('i16x8.shl')], ['Pslld', shift('i32x4.shl')], ['Psllq', shift('i64x2.shl')],
  ['Psrlw', shift('i16x8.shr_u')], ['Psrld', shift('i32x4.shr_u')], ['Psrlq', shift('i64x2.shr_u')],
  ['Psraw', shift('i16x8.shr_s')], ['Psrad', shift('i32x4.shr_s')],
  ['Pslldq', shiftBytes('v128.shl_bytes')], ['Psrldq', shiftBytes('v128.shr_bytes')],
  // SSE4.1 adds a form of pextrw with a memory destination
  ['Pextrw', (c) => (c.isMemory(0) && !c.features.has('sse4.1') ? false : extract(2)(c))],
]);
export const shufflesMmx = family(() => [[Mnemonic.Pshufw, pshufw]]);

export const shufflesSsse3: Family = bothForms([['Palignr', palignr]]);

export const shufflesSse41: Family = bothForms([
  ['Pinsrb', insert(1)], ['Pinsrd', insert(4)], ['Pinsrq', insert(8)],
  ['Pextrb', extract(1)], ['Pextrd', extract(4)], ['Pextrq', extract(8)], ['Extractps', extract(4)],
  ['Insertps', insertps],
  ['Blendps', shuffleTwo('i32x4.blend', 15, 4)], ['Blendpd', shuffleTwo('i64x2.blend', 3, 2)], ['Pblendw', shuffleTwo('i16x8.blend')],
  ['Pblendvb', blendv('i8x16.blendv')], ['Blendvps', blendv('i32x4.blendv')], ['Blendvpd', blendv('i64x2.blendv')],
  ['Mpsadbw', shuffleTwo('mpsadbw', 7, 3)],
]);
