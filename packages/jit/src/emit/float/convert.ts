import type { Slot, VSlot } from '@tally86/decoder';
import { OP, SIMD, TYPE } from '../../wasm/opcodes.ts';
import { requireOrdered, requireOrderedLanes } from './compare.ts';
import { F32, F64, type Format } from './format.ts';
import { arms, exponent, exponents, notNormal, notPlain, requireExact, requireMode, requireRecorded, scalar, setScalar, within, type FloatWriter } from './mode.ts';

const BIAS = 1023;
const F32_BIAS = 127;

/** From a cell to the low lane. Integers of few digits are exact; others need that PE is recorded. */
function fromInteger(c: FloatWriter, f: Format, bits: 32 | 64, d: VSlot, cell: Slot): void {
  const { w } = c;
  const { code } = w;
  const r = w.scratch(f.type, 0);
  if (bits === 32) {
    w.get32(cell);
    code.op(f.wide ? OP.f64_convert_i32_s : OP.f32_convert_i32_s).set(r);
  } else {
    w.get(cell);
    code.op(f.wide ? OP.f64_convert_i64_s : OP.f32_convert_i64_s).set(r);
  }
  if (bits === 64 || !f.wide) {
    within(w, () => {
      const digits = f.fraction + 1;
      if (bits === 64) {
        w.get(cell);
        code.i64(digits).op(OP.i64_shr_s).i64(1).op(OP.i64_add).i64(2).op(OP.i64_lt_u).brIf(0);
      } else {
        w.get32(cell);
        code.i32(digits).op(OP.i32_shr_s).i32(1).op(OP.i32_add).i32(2).op(OP.i32_lt_u).brIf(0);
      }
      requireRecorded(w);
    });
  }
  setScalar(c, f, d, r, true);
}

/** From the low lane to a cell, zero-extended. What does not fit, NaNs among it, leaves. */
function toInteger(c: FloatWriter, f: Format, bits: 32 | 64, truncate: boolean, cell: Slot, a: VSlot): void {
  const { w } = c;
  const { code } = w;
  requireMode(c);
  // a double holds every float, and denormals raise nothing here
  const x = w.scratch(TYPE.f64, 0);
  w.getV(a);
  code.simdLane(f.extract, 0);
  if (!f.wide) code.op(OP.f64_promote_f32);
  code.set(x);
  let from = x;
  if (!truncate) {
    from = w.scratch(TYPE.f64, 1);
    code.get(x).op(OP.f64_nearest).set(from);
  }
  exponent(w, F64, from);
  code.i64(BIAS + bits - 1).op(OP.i64_ge_u);
  w.exitIf();
  const r = w.scratch(TYPE.i64, 0);
  code.get(from).op(OP.i64_trunc_f64_s).set(r);
  requireExact(c, () => code.get(r).op(OP.f64_convert_i64_s).get(x).op(OP.f64_ne));
  code.get(r);
  if (bits === 64) w.set(cell);
  else {
    code.op(OP.i32_wrap_i64);
    w.set32(cell);
  }
}

/** The low double rounded to a float. */
function narrow(c: FloatWriter, d: VSlot, a: VSlot): void {
  const { w } = c;
  const { code } = w;
  requireMode(c);
  const x = scalar(w, F64, a, 0);
  const r = w.scratch(TYPE.f32, 0);
  code.get(x).op(OP.f32_demote_f64).set(r);
  arms(w, () => {
    notNormal(w, F32, r, 2);
    code.brIf(0);
    requireExact(c, () => code.get(r).op(OP.f64_promote_f32).get(x).op(OP.f64_ne));
  }, () => {
    F64.float(code.get(x), 0).op(OP.f64_ne);
    w.exitIf();
  });
  setScalar(c, F32, d, r, true);
}

/** The low float as a double: always exact. */
function widen(c: FloatWriter, d: VSlot, a: VSlot): void {
  const { w, facts } = c;
  const { code } = w;
  const x = scalar(w, F32, a, 0);
  if ((facts.plain(a) & F32.lane) === 0) {
    within(w, () => {
      notNormal(w, F32, x);
      code.op(OP.i32_eqz).brIf(0);
      notPlain(w, F32, x);
      w.exitIf();
    });
  }
  const r = w.scratch(TYPE.f64, 0);
  code.get(x).op(OP.f64_promote_f32).set(r);
  facts.addPlain(a, F32.lane);
  setScalar(c, F64, d, r, true);
}

const set = ({ w, facts }: FloatWriter, d: VSlot, local: number, plain: number): void => {
  w.code.get(local);
  w.setV(d);
  facts.written(d, plain);
};
/** The two floats of the low half as doubles. */
function widenPair(c: FloatWriter, d: VSlot, a: VSlot): void {
  const { w, facts } = c;
  const t = w.scratch(TYPE.v128, 3);
  // the upper lanes take no part
  w.getV(a);
  w.code.v128(-1, -1, 0, 0).simd(SIMD.v128_and).set(t);
  const plain = requireOrderedLanes(w, F32, (facts.plain(a) & 0x30) === 0x30 ? [] : [t]);
  w.code.get(t).simd(SIMD.f64x2_promote_low_f32x4).set(t);
  set(c, d, t, plain ? F64.all : 0);
}

/** Two doubles rounded to floats, zero above. */
function narrowPair(c: FloatWriter, d: VSlot, a: VSlot): void {
  const { w } = c;
  const { code } = w;
  requireMode(c);
  const r = w.scratch(TYPE.v128, 3);
  w.getV(a);
  code.simd(SIMD.f32x4_demote_f64x2_zero).set(r);
  for (const lane of [0, 1]) {
    const y = w.scratch(TYPE.f32, 0);
    code.get(r).simdLane(SIMD.f32x4_extract_lane, lane).set(y);
    within(w, () => {
      notNormal(w, F32, y, 2);
      code.op(OP.i32_eqz).brIf(0);
      w.getV(a);
      F64.float(code.simdLane(SIMD.f64x2_extract_lane, lane), 0).op(OP.f64_ne);
      w.exitIf();
    });
  }
  requireExact(c, () => {
    code.get(r).simd(SIMD.f64x2_promote_low_f32x4);
    w.getV(a);
    code.simd(SIMD.f64x2_ne).simd(SIMD.v128_any_true);
  });
  set(c, d, r, F32.all);
}

/** Four integers to floats. */
function fromIntegers(c: FloatWriter, d: VSlot, a: VSlot): void {
  const { w } = c;
  const { code } = w;
  const r = w.scratch(TYPE.v128, 3);
  w.getV(a);
  code.simd(SIMD.f32x4_convert_i32x4_s).set(r);
  within(w, () => {
    // −1 or 0 in the lanes that have at most 24 digits; one more makes it 0 or 1
    w.getV(a);
    code.i32(24).simd(SIMD.i32x4_shr_s).v128(1, 1, 1, 1).simd(SIMD.i32x4_add).v128(-2, -2, -2, -2).simd(SIMD.v128_and);
    code.simd(SIMD.v128_any_true).op(OP.i32_eqz).brIf(0);
    // back again; 2^31 would pass for the greatest integer
    const greatest = 0x7fffffff;
    code.get(r).simd(SIMD.i32x4_trunc_sat_f32x4_s);
    w.getV(a);
    code.simd(SIMD.i32x4_ne);
    w.getV(a);
    code.v128(greatest, greatest, greatest, greatest).simd(SIMD.i32x4_eq).simd(SIMD.v128_or).simd(SIMD.v128_any_true).op(OP.i32_eqz).brIf(0);
    requireRecorded(w);
  });
  set(c, d, r, F32.all);
}

/** Lanes to 32-bit integers; doubles give two, zero above. */
function toIntegers(c: FloatWriter, f: Format, truncate: boolean, d: VSlot, a: VSlot): void {
  const { w } = c;
  const { code } = w;
  requireMode(c);
  const from = w.scratch(TYPE.v128, 3);
  const r = w.scratch(TYPE.v128, 4);
  w.getV(a);
  if (!truncate) code.simd(f.v.nearest);
  code.set(from);
  exponents(w, f, from);
  if (f.wide) code.v128(BIAS + 30, 0, BIAS + 30, 0);
  else code.v128(F32_BIAS + 30, F32_BIAS + 30, F32_BIAS + 30, F32_BIAS + 30);
  code.simd(f.v.igtS).simd(SIMD.v128_any_true);
  w.exitIf();
  code.get(from).simd(f.wide ? SIMD.i32x4_trunc_sat_f64x2_s_zero : SIMD.i32x4_trunc_sat_f32x4_s).set(r);
  requireExact(c, () => {
    code.get(r).simd(f.wide ? SIMD.f64x2_convert_low_i32x4_s : SIMD.f32x4_convert_i32x4_s);
    w.getV(a);
    code.simd(f.v.ne).simd(SIMD.v128_any_true);
  });
  set(c, d, r, 0);
}

/** round: imm bits 0 and 1 are the direction, bit 2 takes that of MXCSR, bit 3 keeps PE out. */
export function emitRound(c: FloatWriter, f: Format, packed: boolean, d: VSlot, a: VSlot, imm: number): void {
  const { w } = c;
  const { code } = w;
  const name = (['nearest', 'floor', 'ceil', 'trunc'] as const)[(imm & 4) !== 0 ? 0 : imm & 3]!;
  const silent = (imm & 8) !== 0;
  if (!silent || (imm & 4) !== 0) requireMode(c);
  if (packed) {
    const r = w.scratch(TYPE.v128, 3);
    const x = w.vector(a);
    const plain = requireOrderedLanes(w, f, (c.facts.plain(a) & f.all) === f.all ? [] : [x]);
    code.get(x).simd(f.v[name]).set(r);
    if (!silent) requireExact(c, () => code.get(r).get(x).simd(f.v.ne).simd(SIMD.v128_any_true));
    set(c, d, r, plain ? f.all : 0);
    return;
  }
  const x = scalar(w, f, a, 0);
  const r = w.scratch(f.type, 1);
  const plain = requireOrdered(c, f, [[a, x]]);
  code.get(x).op(f[name]).set(r);
  if (!silent) requireExact(c, () => code.get(r).get(x).op(f.ne));
  setScalar(c, f, d, r, plain);
}

const CONVERSIONS: Readonly<Record<string, (c: FloatWriter, d: number, a: number) => void>> = {
  cvtsd2ss: narrow, cvtss2sd: widen, cvtpd2ps: narrowPair, cvtps2pd: widenPair, cvtdq2ps: fromIntegers,
  cvtdq2pd: (c, d, a) => {
    c.w.getV(a);
    c.w.code.simd(SIMD.f64x2_convert_low_i32x4_s);
    c.w.setV(d);
    c.facts.written(d, F64.all);
  },
  cvtps2dq: (c, d, a) => toIntegers(c, F32, false, d, a), cvttps2dq: (c, d, a) => toIntegers(c, F32, true, d, a),
  cvtpd2dq: (c, d, a) => toIntegers(c, F64, false, d, a), cvttpd2dq: (c, d, a) => toIntegers(c, F64, true, d, a),
};
const TO_INTEGER = /^cvt(t?)s([sd])2si(32|64)$/;
const FROM_INTEGER = /^cvtsi2s([sd])(32|64)$/;

/** False: not among these (cvtpi2ps). */
export function emitConversion(c: FloatWriter, name: string, d: number, a: number): boolean {
  const conversion = CONVERSIONS[name];
  const to = TO_INTEGER.exec(name);
  const from = FROM_INTEGER.exec(name);
  if (conversion !== undefined) conversion(c, d, a);
  else if (to !== null) toInteger(c, to[2] === 'd' ? F64 : F32, to[3] === '64' ? 64 : 32, to[1] === 't', d, a);
  else if (from !== null) fromInteger(c, from[1] === 'd' ? F64 : F32, from[2] === '64' ? 64 : 32, d, a);
  else return false;
  return true;
}
