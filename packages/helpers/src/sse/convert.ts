import { VECTOR_SLOT } from '@tally86/core';
import * as sf from '@tally86/softfloat';
import type { FloatContext } from '@tally86/softfloat';
import type { Helper, HelperTable } from '../context.ts';
import { A, D, DEFAULT, DEFAULT_MASK, FAST, FAST_MASK, MIN_F32, MX, at32, at64, floatUnit, plain32, type FloatUnit } from './unit.ts';

// Numbers that softfloat takes or gives as JavaScript numbers pass through here as words.
const single = new Float32Array(1);
const singleWord = new Uint32Array(single.buffer);
const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);

function readSingle(v: Uint32Array, i: number): number {
  singleWord[0] = v[i];
  return single[0];
}
function readDouble(v: Uint32Array, i: number): number {
  doubleWords[0] = v[i];
  doubleWords[1] = v[i + 1];
  return double[0];
}
function writeSingle(v: Uint32Array, i: number, x: number): void {
  single[0] = x;
  v[i] = singleWord[0];
}
function writeDouble(v: Uint32Array, i: number, x: number): void {
  double[0] = x;
  v[i] = doubleWords[0];
  v[i + 1] = doubleWords[1];
}

/** One lane: from v[a] to v[d]. */
export type Lane = (v: Uint32Array, d: number, a: number, ctx: FloatContext) => unknown;

/** (d, a): `count` lanes of `from` words to lanes of `to` words; `words` words of d are written, those without a lane are zero. */
export const lanes = (lane: Lane, from: 1 | 2, to: 1 | 2, count: number, words = count * to): Helper => (h) => {
  const unit = floatUnit(h);
  return (d, a) => slowly(unit, lane, from, to, count, words, d, a);
};
function slowly(unit: FloatUnit, lane: Lane, from: number, to: number, count: number, words: number, d: number, a: number): void {
  const { v, ctx } = unit;
  unit.begin(a, a, count * from > 4 ? 8 : 4);
  v.fill(0, D, D + 8);
  for (let i = 0; i < count; i++) {
    lane(v, D + i * to, A + i * from, ctx);
    unit.lane();
  }
  unit.finish(d, words);
}

const roundToSingle: Lane = (v, d, a, ctx) => sf.f64ToF32Slots(v, d, a, ctx);
const widen: Lane = (v, d, a, ctx) => sf.f32ToF64Slots(v, d, a, ctx);
const fromInt32: Lane = (v, d, a, ctx) => writeSingle(v, d, sf.i32ToF32(v[a] | 0, ctx));
const int32FromSingle = (truncate: boolean): Lane => (v, d, a, ctx) => {
  v[d] = sf.f32ToI32(readSingle(v, a), truncate, ctx);
};
const int32FromDouble = (truncate: boolean): Lane => (v, d, a, ctx) => {
  v[d] = sf.f64ToI32(readDouble(v, a), truncate, ctx);
};

const cvtsd2ss: Helper = (h) => {
  const { f64, f32, i32 } = h.cpu;
  const unit = floatUnit(h);
  return (d, a) => {
    const r = Math.fround(f64[at64(a)]);
    const m = Math.abs(r);
    if ((i32[MX] & FAST_MASK) === FAST && m > MIN_F32 && m < Infinity) f32[at32(d)] = r;
    else slowly(unit, roundToSingle, 2, 1, 1, 1, d, a);
  };
};
const cvtss2sd: Helper = (h) => {
  const { f64, f32 } = h.cpu;
  const unit = floatUnit(h);
  return (d, a) => {
    const x = f32[at32(a)];
    if (plain32(x)) f64[at64(d)] = x;
    else slowly(unit, widen, 1, 2, 1, 2, d, a);
  };
};

/** To a cell, zero-extended: (cell, a). */
const toInteger = (wide: boolean, bits: 32 | 64, truncate: boolean): Helper => (h) => {
  const { f64, f32, i32, u32 } = h.cpu;
  const unit = floatUnit(h);
  const { v, ctx } = unit;
  return (cell, a) => {
    const x = wide ? f64[at64(a)] : f32[at32(a)];
    // -0.5 and the like are inexact, so only integers pass unless that is recorded already
    if (x > -2147483649 && x < 2147483648) {
      const r = x | 0;
      if (r === x || (truncate && (i32[MX] & 0x1060) === 0x1020)) {
        i32[2 * cell] = r;
        i32[2 * cell + 1] = bits === 64 ? r >> 31 : 0;
        return;
      }
    }
    unit.begin(a, a);
    if (bits === 32) {
      v[D] = wide ? sf.f64ToI32(x, truncate, ctx) : sf.f32ToI32(x, truncate, ctx);
      v[D + 1] = 0;
    } else if (wide) sf.f64ToI64(v, D, x, truncate, ctx);
    else sf.f32ToI64(v, D, x, truncate, ctx);
    unit.check();
    u32[2 * cell] = v[D];
    u32[2 * cell + 1] = v[D + 1];
  };
};

/** From a cell: (d, cell); writes the low lane. */
const fromInteger = (wide: boolean, bits: 32 | 64): Helper => (h) => {
  const { f64, i32 } = h.cpu;
  const unit = floatUnit(h);
  const { v, ctx } = unit;
  return (d, cell) => {
    const lo = i32[2 * cell];
    const hi = bits === 64 ? i32[2 * cell + 1] : lo >> 31;
    if (wide && hi === lo >> 31) {
      f64[at64(d)] = lo;
      return;
    }
    unit.begin(0, 0);
    if (wide) writeDouble(v, D, sf.i64ToF64(hi, lo, ctx));
    else writeSingle(v, D, sf.i64ToF32(hi, lo, ctx));
    unit.finish(d, wide ? 2 : 1);
  };
};

/** (d, a, 0, imm) */
const round = (wide: boolean, count: number): Helper => (h) => {
  const { f64, i32 } = h.cpu;
  const unit = floatUnit(h);
  const { v, ctx } = unit;
  const width = wide ? 2 : 1;
  const lane = wide ? sf.roundF64Slots : sf.roundF32Slots;
  return (d, a, _b, imm) => {
    if (wide && count === 1) {
      const x = f64[at64(a)];
      const r = Math.floor(x);
      // floor of what is no NaN, and whatever is an integer already
      if (x !== 0 && (r === x || ((imm & 7) === 1 && r < x && r !== 0 && (i32[MX] & DEFAULT_MASK) === DEFAULT && ((imm & 8) !== 0 || (i32[MX] & 32) !== 0)))) {
        f64[at64(d)] = r;
        return;
      }
    }
    unit.begin(a, a, count * width);
    for (let i = 0; i < count * width; i += width) {
      lane(v, D + i, A + i, imm, ctx);
      unit.lane();
    }
    unit.finish(d, count * width);
  };
};

const cvtdq2pd: Helper = (h) => {
  const { f64, i32 } = h.cpu;
  return (d, a) => {
    const x = i32[at32(a)];
    const y = i32[at32(a) + 1];
    f64[at64(d)] = x;
    f64[at64(d) + 1] = y;
  };
};

/** Both halves of d from the lower one of a, which may be the same register. */
const vcvtdq2pd: Helper = (h) => {
  const { f64, i32 } = h.cpu;
  return (d, a) => {
    const at = at32(a);
    const [w, x, y, z] = [i32[at], i32[at + 1], i32[at + 2], i32[at + 3]];
    f64[at64(d)] = w;
    f64[at64(d) + 1] = x;
    f64[at64(d + VECTOR_SLOT.high)] = y;
    f64[at64(d + VECTOR_SLOT.high) + 1] = z;
  };
};

/** Named after the instructions; a number at the end is the width of the integer in a cell. */
export const conversions: HelperTable = {
  cvtsd2ss,
  cvtss2sd,
  cvtdq2pd,
  cvtps2pd: lanes(widen, 1, 2, 2),
  cvtpd2ps: lanes(roundToSingle, 2, 1, 2, 4),
  cvtdq2ps: lanes(fromInt32, 1, 1, 4),
  cvtpi2ps: lanes(fromInt32, 1, 1, 2),
  cvtps2dq: lanes(int32FromSingle(false), 1, 1, 4),
  cvttps2dq: lanes(int32FromSingle(true), 1, 1, 4),
  cvtpd2dq: lanes(int32FromDouble(false), 2, 1, 2, 4),
  cvttpd2dq: lanes(int32FromDouble(true), 2, 1, 2, 4),
  vcvtdq2pd,
  vcvtps2pd: lanes(widen, 1, 2, 4),
  vcvtpd2ps: lanes(roundToSingle, 2, 1, 4),
  vcvtdq2ps: lanes(fromInt32, 1, 1, 8),
  vcvtps2dq: lanes(int32FromSingle(false), 1, 1, 8),
  vcvttps2dq: lanes(int32FromSingle(true), 1, 1, 8),
  vcvtpd2dq: lanes(int32FromDouble(false), 2, 1, 4),
  vcvttpd2dq: lanes(int32FromDouble(true), 2, 1, 4),
  cvtss2si32: toInteger(false, 32, false),
  cvtss2si64: toInteger(false, 64, false),
  cvttss2si32: toInteger(false, 32, true),
  cvttss2si64: toInteger(false, 64, true),
  cvtsd2si32: toInteger(true, 32, false),
  cvtsd2si64: toInteger(true, 64, false),
  cvttsd2si32: toInteger(true, 32, true),
  cvttsd2si64: toInteger(true, 64, true),
  cvtsi2ss32: fromInteger(false, 32),
  cvtsi2ss64: fromInteger(false, 64),
  cvtsi2sd32: fromInteger(true, 32),
  cvtsi2sd64: fromInteger(true, 64),
  'f32.round': round(false, 1),
  'f64.round': round(true, 1),
  'f32x4.round': round(false, 4),
  'f64x2.round': round(true, 2),
  'f32x8.round': round(false, 8),
  'f64x4.round': round(true, 4),
};
