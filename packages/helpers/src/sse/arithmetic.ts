import { VECTOR_SLOT } from '@tally86/core';
import * as sf from '@tally86/softfloat';
import type { FloatContext } from '@tally86/softfloat';
import type { Helper, HelperTable } from '../context.ts';
import { DEFAULT, DEFAULT_MASK, FAST, FAST_MASK, MIN_F32, MIN_F64, MX, at32, at64, floatUnit, plain32, plain64, type SlotOperation } from './unit.ts';

type Plain = (x: number, y: number) => number;
type Counted = (x: number, y: number, ctx: FloatContext) => number;

/**
 * add, sub, mul, div in three steps of care: results that cannot change MXCSR; numbers with exact flags in the default mode;
 * all modes, NaNs and unmasked exceptions. Arguments: vector slots (d, a, b). Scalar forms write the low lane of d only.
 */
const scalar64 = (op: Plain, counted: Counted, exact: SlotOperation): Helper => (h) => {
  const { f64, i32 } = h.cpu;
  const unit = floatUnit(h);
  const { plain } = unit;
  return (d, a, b) => {
    const x = f64[at64(a)];
    const y = f64[at64(b)];
    const mx = i32[MX];
    if ((mx & FAST_MASK) === FAST) {
      const r = op(x, y);
      const m = Math.abs(r);
      if (m > MIN_F64 && m < Infinity && plain64(x) && plain64(y)) {
        f64[at64(d)] = r;
        return;
      }
    }
    if ((mx & DEFAULT_MASK) === DEFAULT) {
      plain.flags = mx & 63;
      const r = counted(x, y, plain);
      if (r === r) {
        i32[MX] = mx | plain.flags;
        f64[at64(d)] = r;
        return;
      }
    }
    unit.run(exact, 1, 2, d, a, b);
  };
};

const scalar32 = (op: Plain, counted: Counted, exact: SlotOperation): Helper => (h) => {
  const { f32, i32 } = h.cpu;
  const unit = floatUnit(h);
  const { plain } = unit;
  return (d, a, b) => {
    const x = f32[at32(a)];
    const y = f32[at32(b)];
    const mx = i32[MX];
    if ((mx & FAST_MASK) === FAST) {
      const r = Math.fround(op(x, y));
      const m = Math.abs(r);
      if (m > MIN_F32 && m < Infinity && plain32(x) && plain32(y)) {
        f32[at32(d)] = r;
        return;
      }
    }
    if ((mx & DEFAULT_MASK) === DEFAULT) {
      plain.flags = mx & 63;
      const r = counted(x, y, plain);
      if (r === r) {
        i32[MX] = mx | plain.flags;
        f32[at32(d)] = r;
        return;
      }
    }
    unit.run(exact, 1, 1, d, a, b);
  };
};

const packed64 = (op: Plain, counted: Counted, exact: SlotOperation): Helper => (h) => {
  const { f64, i32 } = h.cpu;
  const unit = floatUnit(h);
  const { plain } = unit;
  return (d, a, b) => {
    const i = at64(a);
    const j = at64(b);
    const mx = i32[MX];
    if ((mx & FAST_MASK) === FAST) {
      const r = op(f64[i], f64[j]);
      const s = op(f64[i + 1], f64[j + 1]);
      const m = Math.abs(r);
      const n = Math.abs(s);
      if (m > MIN_F64 && m < Infinity && n > MIN_F64 && n < Infinity && plain64(f64[i]) && plain64(f64[j]) && plain64(f64[i + 1]) && plain64(f64[j + 1])) {
        f64[at64(d)] = r;
        f64[at64(d) + 1] = s;
        return;
      }
    }
    if ((mx & DEFAULT_MASK) === DEFAULT) {
      plain.flags = mx & 63;
      const r = counted(f64[i], f64[j], plain);
      const s = counted(f64[i + 1], f64[j + 1], plain);
      if (r === r && s === s) {
        i32[MX] = mx | plain.flags;
        f64[at64(d)] = r;
        f64[at64(d) + 1] = s;
        return;
      }
    }
    unit.run(exact, 2, 2, d, a, b);
  };
};

const packed32 = (op: Plain, counted: Counted, exact: SlotOperation): Helper => (h) => {
  const { f32, i32 } = h.cpu;
  const unit = floatUnit(h);
  const { plain } = unit;
  const out = new Float32Array(4);
  return (d, a, b) => {
    const i = at32(a);
    const j = at32(b);
    const to = at32(d);
    const mx = i32[MX];
    if ((mx & FAST_MASK) === FAST) {
      let k = 0;
      for (; k < 4; k++) {
        const x = f32[i + k];
        const y = f32[j + k];
        const r = Math.fround(op(x, y));
        const m = Math.abs(r);
        if (!(m > MIN_F32 && m < Infinity && plain32(x) && plain32(y))) break;
        out[k] = r;
      }
      if (k === 4) {
        for (k = 0; k < 4; k++) f32[to + k] = out[k];
        return;
      }
    }
    if ((mx & DEFAULT_MASK) === DEFAULT) {
      plain.flags = mx & 63;
      let k = 0;
      for (; k < 4; k++) {
        const r = counted(f32[i + k], f32[j + k], plain);
        if (r !== r) break;
        out[k] = r;
      }
      if (k === 4) {
        i32[MX] = mx | plain.flags;
        for (k = 0; k < 4; k++) f32[to + k] = out[k];
        return;
      }
    }
    unit.run(exact, 4, 1, d, a, b);
  };
};

/** min, max: no rounding, so any two plain numbers are ordered and give no flags. */
const select64 = (op: Plain, exact: SlotOperation, count: 1 | 2): Helper => (h) => {
  const { f64 } = h.cpu;
  const unit = floatUnit(h);
  return (d, a, b) => {
    const i = at64(a);
    const j = at64(b);
    const last = count - 1;
    if (plain64(f64[i]) && plain64(f64[j]) && plain64(f64[i + last]) && plain64(f64[j + last])) {
      const s = op(f64[i + last], f64[j + last]);
      f64[at64(d)] = op(f64[i], f64[j]);
      f64[at64(d) + last] = s;
    } else unit.run(exact, count, 2, d, a, b);
  };
};
const select32 = (op: Plain, exact: SlotOperation, count: 1 | 4): Helper => (h) => {
  const { f32 } = h.cpu;
  const unit = floatUnit(h);
  return (d, a, b) => {
    const i = at32(a);
    const j = at32(b);
    for (let k = 0; k < count; k++) {
      if (!plain32(f32[i + k]) || !plain32(f32[j + k])) return unit.run(exact, count, 1, d, a, b);
    }
    for (let k = 0; k < count; k++) f32[at32(d) + k] = op(f32[i + k], f32[j + k]);
  };
};

/** (d, a) */
const root = (exact: SlotOperation, wide: boolean, count: number): Helper => (h) => {
  const { f64, f32, i32 } = h.cpu;
  const unit = floatUnit(h);
  return (d, a) => {
    if (count === 1 && (i32[MX] & FAST_MASK) === FAST) {
      const x = wide ? f64[at64(a)] : f32[at32(a)];
      if (x >= (wide ? MIN_F64 : MIN_F32) && x < Infinity) {
        if (wide) f64[at64(d)] = Math.sqrt(x);
        else f32[at32(d)] = Math.sqrt(x);
        return;
      }
    }
    unit.run(exact, count, wide ? 2 : 1, d, a, a);
  };
};

/** All lanes of both halves: numbers in the default mode, else the exact way. */
const wide64 = (counted: Counted, exact: SlotOperation): Helper => (h) => {
  const { f64, i32 } = h.cpu;
  const unit = floatUnit(h);
  const { plain } = unit;
  const out = new Float64Array(4);
  return (d, a, b) => {
    const mx = i32[MX];
    if ((mx & DEFAULT_MASK) === DEFAULT) {
      plain.flags = mx & 63;
      let k = 0;
      for (; k < 4; k++) {
        const half = k < 2 ? k : k - 2 + 2 * VECTOR_SLOT.high;
        const r = counted(f64[at64(a) + half], f64[at64(b) + half], plain);
        if (r !== r) break;
        out[k] = r;
      }
      if (k === 4) {
        i32[MX] = mx | plain.flags;
        for (k = 0; k < 2; k++) {
          f64[at64(d) + k] = out[k];
          f64[at64(d + VECTOR_SLOT.high) + k] = out[2 + k];
        }
        return;
      }
    }
    unit.run(exact, 4, 2, d, a, b);
  };
};
const wide32 = (counted: Counted, exact: SlotOperation): Helper => (h) => {
  const { f32, i32 } = h.cpu;
  const unit = floatUnit(h);
  const { plain } = unit;
  const out = new Float32Array(8);
  return (d, a, b) => {
    const mx = i32[MX];
    if ((mx & DEFAULT_MASK) === DEFAULT) {
      plain.flags = mx & 63;
      let k = 0;
      for (; k < 8; k++) {
        const half = k < 4 ? k : k - 4 + 4 * VECTOR_SLOT.high;
        const r = counted(f32[at32(a) + half], f32[at32(b) + half], plain);
        if (r !== r) break;
        out[k] = r;
      }
      if (k === 8) {
        i32[MX] = mx | plain.flags;
        for (k = 0; k < 4; k++) {
          f32[at32(d) + k] = out[k];
          f32[at32(d + VECTOR_SLOT.high) + k] = out[4 + k];
        }
        return;
      }
    }
    unit.run(exact, 8, 1, d, a, b);
  };
};
const whole = (exact: SlotOperation, count: 4 | 8): Helper => (h) => {
  const unit = floatUnit(h);
  return (d, a, b) => unit.run(exact, count, 8 / count, d, a, b);
};

const add: Plain = (x, y) => x + y;
const sub: Plain = (x, y) => x - y;
const mul: Plain = (x, y) => x * y;
const div: Plain = (x, y) => x / y;
const min: Plain = (x, y) => (x < y ? x : y);
const max: Plain = (x, y) => (x > y ? x : y);

export const arithmetic: HelperTable = {
  'f64.add': scalar64(add, sf.addF64, sf.addF64Slots),
  'f64.sub': scalar64(sub, sf.subF64, sf.subF64Slots),
  'f64.mul': scalar64(mul, sf.mulF64, sf.mulF64Slots),
  'f64.div': scalar64(div, sf.divF64, sf.divF64Slots),
  'f32.add': scalar32(add, sf.addF32, sf.addF32Slots),
  'f32.sub': scalar32(sub, sf.subF32, sf.subF32Slots),
  'f32.mul': scalar32(mul, sf.mulF32, sf.mulF32Slots),
  'f32.div': scalar32(div, sf.divF32, sf.divF32Slots),
  'f64x2.add': packed64(add, sf.addF64, sf.addF64Slots),
  'f64x2.sub': packed64(sub, sf.subF64, sf.subF64Slots),
  'f64x2.mul': packed64(mul, sf.mulF64, sf.mulF64Slots),
  'f64x2.div': packed64(div, sf.divF64, sf.divF64Slots),
  'f32x4.add': packed32(add, sf.addF32, sf.addF32Slots),
  'f32x4.sub': packed32(sub, sf.subF32, sf.subF32Slots),
  'f32x4.mul': packed32(mul, sf.mulF32, sf.mulF32Slots),
  'f32x4.div': packed32(div, sf.divF32, sf.divF32Slots),
  'f64x4.add': wide64(sf.addF64, sf.addF64Slots),
  'f64x4.sub': wide64(sf.subF64, sf.subF64Slots),
  'f64x4.mul': wide64(sf.mulF64, sf.mulF64Slots),
  'f64x4.div': wide64(sf.divF64, sf.divF64Slots),
  'f32x8.add': wide32(sf.addF32, sf.addF32Slots),
  'f32x8.sub': wide32(sf.subF32, sf.subF32Slots),
  'f32x8.mul': wide32(sf.mulF32, sf.mulF32Slots),
  'f32x8.div': wide32(sf.divF32, sf.divF32Slots),
  'f64x4.min': whole(sf.minF64Slots, 4),
  'f64x4.max': whole(sf.maxF64Slots, 4),
  'f32x8.min': whole(sf.minF32Slots, 8),
  'f32x8.max': whole(sf.maxF32Slots, 8),
  'f64x4.sqrt': root((v, d, a, _b, ctx) => sf.sqrtF64Slots(v, d, a, ctx), true, 4),
  'f32x8.sqrt': root((v, d, a, _b, ctx) => sf.sqrtF32Slots(v, d, a, ctx), false, 8),
  'f64.min': select64(min, sf.minF64Slots, 1),
  'f64.max': select64(max, sf.maxF64Slots, 1),
  'f64x2.min': select64(min, sf.minF64Slots, 2),
  'f64x2.max': select64(max, sf.maxF64Slots, 2),
  'f32.min': select32(min, sf.minF32Slots, 1),
  'f32.max': select32(max, sf.maxF32Slots, 1),
  'f32x4.min': select32(min, sf.minF32Slots, 4),
  'f32x4.max': select32(max, sf.maxF32Slots, 4),
  'f64.sqrt': root((v, d, a, _b, ctx) => sf.sqrtF64Slots(v, d, a, ctx), true, 1),
  'f64x2.sqrt': root((v, d, a, _b, ctx) => sf.sqrtF64Slots(v, d, a, ctx), true, 2),
  'f32.sqrt': root((v, d, a, _b, ctx) => sf.sqrtF32Slots(v, d, a, ctx), false, 1),
  'f32x4.sqrt': root((v, d, a, _b, ctx) => sf.sqrtF32Slots(v, d, a, ctx), false, 4),
};
