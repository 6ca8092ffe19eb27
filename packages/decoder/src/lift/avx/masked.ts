import { CELL } from '@tally86/core';
import { Code, Register } from '../../iced.ts';
import type { Lift } from '../family.ts';
import { clearUpper, faulting, HIGH, lane, linear, source, xmm } from '../sse/operands.ts';
import { testHalves } from '../sse/state.ts';
import { isWide, vexForms } from '../vex.ts';

/** Masked loads: helper(d, cell of the address, mask, bytes of a lane | bytes of all << 8); lanes without the sign bit in the mask are zero and not read. */
const maskedLoad = (size: 4 | 8): Lift => (c) => {
  const d = xmm(c, 0);
  faulting(c, 'vmaskload', [d, linear(c), xmm(c, 1), size | (isWide(c) ? 32 : 16) << 8]);
  if (!isWide(c)) clearUpper(c, d);
};
/** Masked stores: helper(a, cell of the address, mask, bytes); other lanes are not written, and may lie anywhere. */
const maskedStore = (size: 4 | 8): Lift => (c) => faulting(c, 'vmaskstore', [xmm(c, 2), linear(c), xmm(c, 1), size | (isWide(c) ? 32 : 16) << 8]);
const masked = (size: 4 | 8): Lift => (c) => (c.isMemory(0) ? maskedStore(size)(c) : maskedLoad(size)(c));

/**
 * Gathers: helper(d, mask, cell of the address without index and segment, shape). They work on registers lane by lane, and the mask tells how far
 * they are: one that faults goes on where it stopped. shape: vector of indices (4 bits), their shift (2), lanes of 64 bits, indices of 64 bits,
 * number of lanes (4), addresses of 32 bits, segment (2; 1 fs, 2 gs).
 */
const gather: Lift = (c) => {
  const [d, mask] = [xmm(c, 0), xmm(c, 2)];
  const { insn } = c;
  const register = insn.memoryIndex;
  const wideIndices = register >= Register.YMM0;
  const index = register - (wideIndices ? Register.YMM0 : Register.XMM0);
  const name = Code[insn.code]!;
  const indexSize = name.includes('vm32') ? 4 : 8;
  const size = /gather[dq](d|ps)_/.test(name) ? 4 : 8;
  const lanes = Math.min((isWide(c) ? 32 : 16) / size, (wideIndices ? 32 : 16) / indexSize);
  const ea = c.ea();
  const segment = ea.seg === CELL.fsBase ? 1 : ea.seg === CELL.gsBase ? 2 : 0;
  const address = c.b.temp();
  c.b.push({ op: 'lea', w: 64, d: address, ea });
  const shape = index | [0, 0, 1, 1, 2, 2, 2, 2, 3][insn.memoryIndexScale]! << 4 | (size >> 3) << 6 | (indexSize >> 3) << 7 | lanes << 8 | Number(ea.a32) << 12 | segment << 13;
  faulting(c, 'vgather', [d, mask, address, shape]);
  c.b.push({ op: 'vzero', d: mask });
  c.b.push({ op: 'vzero', d: mask + HIGH });
  // two lanes of 32 bits leave the rest of the lower half zero
  if (lanes * size < 16) lane(c, 'v128.low64', d, d);
  if (!isWide(c)) clearUpper(c, d);
};

/** vtestps, vtestpd: ptest of the sign bits. */
const testSigns = (name: string, bits: number): Lift => (c) => {
  const b = source(c, 1);
  const t = c.b.vtemp();
  for (const h of isWide(c) ? [0, HIGH] : [0]) lane(c, `${name}.shl`, t + h, lane(c, `${name}.shr_u`, t + h, b + h, 0, bits - 1), 0, bits - 1);
  testHalves(c, t);
};

const ROWS: readonly (readonly [name: string, lift: Lift])[] = [
  ['Vmaskmovps', masked(4)], ['Vmaskmovpd', masked(8)], ['Vpmaskmovd', masked(4)], ['Vpmaskmovq', masked(8)],
  ...['Vpgatherdd', 'Vpgatherdq', 'Vpgatherqd', 'Vpgatherqq', 'Vgatherdps', 'Vgatherdpd', 'Vgatherqps', 'Vgatherqpd'].map((name) => [name, gather] as const),
  ['Vtestps', testSigns('i32x4', 32)], ['Vtestpd', testSigns('i64x2', 64)],
];
/** Accesses lane by lane, and tests of sign bits. */
export const masks = vexForms(ROWS);
