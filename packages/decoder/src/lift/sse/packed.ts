import type { Mnemonic } from '../../iced.ts';
import { imm } from '../../ir/ops.ts';
import type { LiftContext } from '../context.ts';
import { family, type Family, type Lift } from '../family.ts';
import { mmxCommit, mmxEnter, mmxSource, mmxWrite } from './mmx.ts';
import { first, halves, HIGH, lane, mmxOperand, source, vget, xmm } from './operands.ts';
import { bothForms, isWide, withVex } from '../vex.ts';

/**
 * How the mmx form of an operation follows from the 128-bit one:
 * low: on the low halves as they are; high: its result is the upper half of the 128-bit result on the low halves;
 * joined: on (a, b) joined to one 128-bit operand; doubled: a joined with itself.
 */
type MmxForm = 'low' | 'high' | 'joined' | 'doubled';
/** [mnemonic, lane operation, mmx form (none: xmm only), lane operation of the mmx form if it is another one] */
type Row = readonly [keyof typeof Mnemonic, string, MmxForm?, string?];

function mmxBinary(c: LiftContext, name: string, form: MmxForm): void {
  mmxEnter(c);
  // punpckl* with memory reads 4 bytes
  const bytes = form === 'low' && c.isMemory(1) && /unpack_low/.test(name) ? 4 : 8;
  const a = mmxSource(c, 0);
  const b = mmxSource(c, 1, bytes);
  const d = c.b.vtemp();
  if (form === 'joined') {
    lane(c, 'i64x2.shuffle', d, a, b, 0);
    lane(c, name, d, d, d);
  } else if (form === 'doubled') {
    lane(c, 'i64x2.shuffle', d, a, a, 0);
    lane(c, name, d, d, b);
  } else lane(c, name, d, a, b);
  mmxWrite(c, 0, d, form === 'high' ? 1 : 0);
}

function rows(table: readonly Row[]): Family {
  return family(() => table.flatMap(([mnemonic, name, form, mmxName]) => withVex(mnemonic, (c) => {
    if (mmxOperand(c, 0)) return form === undefined ? false : mmxBinary(c, mmxName ?? name, form);
    const d = xmm(c, 0);
    const a = xmm(c, first(c));
    const b = source(c, first(c) + 1);
    halves(c, d, (h) => lane(c, name, d + h, a + h, b + h));
  })));
}

export const packed = rows([
  ['Paddb', 'i8x16.add', 'low'], ['Paddw', 'i16x8.add', 'low'], ['Paddd', 'i32x4.add', 'low'], ['Paddq', 'i64x2.add', 'low'],
  ['Psubb', 'i8x16.sub', 'low'], ['Psubw', 'i16x8.sub', 'low'], ['Psubd', 'i32x4.sub', 'low'], ['Psubq', 'i64x2.sub', 'low'],
  ['Paddsb', 'i8x16.add_sat_s', 'low'], ['Paddsw', 'i16x8.add_sat_s', 'low'], ['Paddusb', 'i8x16.add_sat_u', 'low'], ['Paddusw', 'i16x8.add_sat_u', 'low'],
  ['Psubsb', 'i8x16.sub_sat_s', 'low'], ['Psubsw', 'i16x8.sub_sat_s', 'low'], ['Psubusb', 'i8x16.sub_sat_u', 'low'], ['Psubusw', 'i16x8.sub_sat_u', 'low'],
  ['Pmullw', 'i16x8.mul', 'low'], ['Pmulhw', 'i16x8.mulhi_s', 'low'], ['Pmulhuw', 'i16x8.mulhi_u', 'low'],
  ['Pmaddwd', 'i32x4.dot_i16x8_s', 'low'], ['Pmuludq', 'i64x2.mul_even_u', 'low'], ['Psadbw', 'psadbw', 'low'],
  ['Pavgb', 'i8x16.avgr_u', 'low'], ['Pavgw', 'i16x8.avgr_u', 'low'],
  ['Pminub', 'i8x16.min_u', 'low'], ['Pmaxub', 'i8x16.max_u', 'low'], ['Pminsw', 'i16x8.min_s', 'low'], ['Pmaxsw', 'i16x8.max_s', 'low'],
  ['Pand', 'v128.and', 'low'], ['Por', 'v128.or', 'low'], ['Pxor', 'v128.xor', 'low'],
  ['Andps', 'v128.and'], ['Andpd', 'v128.and'], ['Orps', 'v128.or'], ['Orpd', 'v128.or'], ['Xorps', 'v128.xor'], ['Xorpd', 'v128.xor'],
  ['Pcmpeqb', 'i8x16.eq', 'low'], ['Pcmpeqw', 'i16x8.eq', 'low'], ['Pcmpeqd', 'i32x4.eq', 'low'],
  ['Pcmpgtb', 'i8x16.gt_s', 'low'], ['Pcmpgtw', 'i16x8.gt_s', 'low'], ['Pcmpgtd', 'i32x4.gt_s', 'low'],
  ['Packsswb', 'i8x16.narrow_i16x8_s', 'joined'], ['Packssdw', 'i16x8.narrow_i32x4_s', 'joined'], ['Packuswb', 'i8x16.narrow_i16x8_u', 'joined'],
  ['Punpcklbw', 'i8x16.unpack_low', 'low'], ['Punpcklwd', 'i16x8.unpack_low', 'low'], ['Punpckldq', 'i32x4.unpack_low', 'low'],
  ['Punpckhbw', 'i8x16.unpack_high', 'high', 'i8x16.unpack_low'], ['Punpckhwd', 'i16x8.unpack_high', 'high', 'i16x8.unpack_low'],
  ['Punpckhdq', 'i32x4.unpack_high', 'high', 'i32x4.unpack_low'],
  ['Punpcklqdq', 'i64x2.unpack_low'], ['Punpckhqdq', 'i64x2.unpack_high'],
  ['Unpcklps', 'i32x4.unpack_low'], ['Unpckhps', 'i32x4.unpack_high'], ['Unpcklpd', 'i64x2.unpack_low'], ['Unpckhpd', 'i64x2.unpack_high'],
]);

/** ~a & b: the lane operation negates its second operand, as Wasm's does. */
const andnot: Lift = (c) => {
  if (!mmxOperand(c, 0)) {
    const d = xmm(c, 0);
    const negated = xmm(c, first(c));
    const kept = source(c, first(c) + 1);
    return halves(c, d, (h) => lane(c, 'v128.andnot', d + h, kept + h, negated + h));
  }
  mmxEnter(c);
  const a = mmxSource(c, 0);
  mmxWrite(c, 0, lane(c, 'v128.andnot', c.b.vtemp(), mmxSource(c, 1), a));
};
export const andnots = bothForms([['Pandn', andnot], ['Andnps', andnot], ['Andnpd', andnot]]);

export const packedSsse3 = rows([
  ['Pshufb', 'pshufb', 'doubled'],
  ['Phaddw', 'i16x8.hadd', 'joined'], ['Phaddd', 'i32x4.hadd', 'joined'], ['Phaddsw', 'i16x8.hadd_sat_s', 'joined'],
  ['Phsubw', 'i16x8.hsub', 'joined'], ['Phsubd', 'i32x4.hsub', 'joined'], ['Phsubsw', 'i16x8.hsub_sat_s', 'joined'],
  ['Pmaddubsw', 'pmaddubsw', 'low'], ['Pmulhrsw', 'i16x8.q15mulr', 'low'],
  ['Psignb', 'i8x16.sign', 'low'], ['Psignw', 'i16x8.sign', 'low'], ['Psignd', 'i32x4.sign', 'low'],
]);

export const packedSse41 = rows([
  ['Pminsb', 'i8x16.min_s'], ['Pmaxsb', 'i8x16.max_s'], ['Pminuw', 'i16x8.min_u'], ['Pmaxuw', 'i16x8.max_u'],
  ['Pminsd', 'i32x4.min_s'], ['Pmaxsd', 'i32x4.max_s'], ['Pminud', 'i32x4.min_u'], ['Pmaxud', 'i32x4.max_u'],
  ['Pmuldq', 'i64x2.mul_even_s'], ['Pmulld', 'i32x4.mul'], ['Pcmpeqq', 'i64x2.eq'], ['Packusdw', 'i16x8.narrow_i32x4_u'],
]);

export const packedSse42 = rows([['Pcmpgtq', 'i64x2.gt_s']]);

/** One operand: pabs*, phminposuw. */
const unary = (name: string): Lift => (c) => {
  if (!mmxOperand(c, 0)) {
    const d = xmm(c, 0);
    const b = source(c, 1);
    return halves(c, d, (h) => lane(c, name, d + h, b + h));
  }
  mmxEnter(c);
  const a = mmxSource(c, 1);
  mmxWrite(c, 0, lane(c, name, a, a));
};
export const absolute = bothForms([['Pabsb', unary('i8x16.abs')], ['Pabsw', unary('i16x8.abs')], ['Pabsd', unary('i32x4.abs')]]);
export const minimumPosition = bothForms([['Phminposuw', unary('phminposuw')]]);

/** Sign bits to a general register. */
const bitmask = (name: string, lanes: number): Lift => (c) => {
  const mmx = mmxOperand(c, 1);
  if (mmx) mmxEnter(c);
  const a = mmx ? mmxSource(c, 1) : xmm(c, 1);
  let mask = vget(c, lane(c, name, c.b.vtemp(), a), 0, 4);
  if (isWide(c)) mask = c.b.bin('or', 32, mask, c.b.bin('shl', 32, vget(c, lane(c, name, c.b.vtemp(), a + HIGH), 0, 4), imm(lanes)));
  c.writeReg(c.insn.opRegister(0), mask);
  if (mmx) mmxCommit(c);
};
export const bitmasks = bothForms([['Pmovmskb', bitmask('i8x16.bitmask', 16)], ['Movmskps', bitmask('i32x4.bitmask', 4)], ['Movmskpd', bitmask('i64x2.bitmask', 2)]]);
