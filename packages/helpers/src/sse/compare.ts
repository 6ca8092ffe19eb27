import { FLAG } from '@tally86/core';
import * as sf from '@tally86/softfloat';
import type { FloatContext, Relation } from '@tally86/softfloat';
import type { Helper, HelperTable } from '../context.ts';
import { A, B, D, at32, at64, floatUnit, plain32, plain64 } from './unit.ts';

type Compare = (v: Uint32Array, a: number, b: number, quiet: boolean, ctx: FloatContext) => Relation;

/** Predicates of cmpps as sets of relations: bit 0 less, 1 equal, 2 greater, 3 unordered (SDM vol. 2, CMPPD, table 3-1). From 16 on again. */
const PREDICATES = [2, 1, 3, 8, 13, 14, 12, 7, 10, 9, 11, 0, 5, 6, 4, 15];
const bit = (r: Relation): number => 1 << (r + 1);
/** eq, unord, neq, ord raise IE for signalling NaNs only; from 16 on the others do. */
const isQuiet = (predicate: number): boolean => ((predicate & 3) === 0 || (predicate & 3) === 3) !== predicate >= 16;

/** (d, a, b, predicate): all ones or zeros in each lane. */
const mask = (compare: Compare, width: 1 | 2, count: 1 | 2 | 4 | 8): Helper => (h) => {
  const { f64, f32, i32 } = h.cpu;
  const unit = floatUnit(h);
  const { v, ctx } = unit;
  const order = (x: number, y: number): number => (x < y ? 1 : x === y ? 2 : 4);
  const put = (d: number, i: number, set: boolean): void => {
    i32[at32(d) + i * width] = set ? -1 : 0;
    if (width === 2) i32[at32(d) + 2 * i + 1] = set ? -1 : 0;
  };
  return (d, a, b, predicate) => {
    const wanted = PREDICATES[predicate & 15];
    let fast = count * width <= 4;
    for (let i = 0; fast && i < count; i++) {
      if (width === 2 ? !plain64(f64[at64(a) + i]) || !plain64(f64[at64(b) + i]) : !plain32(f32[at32(a) + i]) || !plain32(f32[at32(b) + i])) fast = false;
    }
    if (fast) {
      for (let i = 0; i < count; i++) {
        const o = width === 2 ? order(f64[at64(a) + i], f64[at64(b) + i]) : order(f32[at32(a) + i], f32[at32(b) + i]);
        put(d, i, (wanted & o) !== 0);
      }
      return;
    }
    unit.begin(a, b, count * width);
    for (let i = 0; i < count; i++) {
      const r = compare(v, A + i * width, B + i * width, isQuiet(predicate), ctx);
      unit.lane();
      for (let k = 0; k < width; k++) v[D + i * width + k] = (wanted & bit(r)) !== 0 ? 0xffffffff : 0;
    }
    unit.finish(d, count * width);
  };
};

const FLAGS_OF = [FLAG.CF, FLAG.ZF, 0, FLAG.ZF | FLAG.PF | FLAG.CF];
/** comis, ucomis: (cell, a, b, quiet) puts the flags at their RFLAGS places into a cell. */
const flags = (compare: Compare, wide: boolean): Helper => (h) => {
  const { f64, f32, i32 } = h.cpu;
  const unit = floatUnit(h);
  return (cell, a, b, quiet) => {
    const x = wide ? f64[at64(a)] : f32[at32(a)];
    const y = wide ? f64[at64(b)] : f32[at32(b)];
    let result: number;
    if (wide ? plain64(x) && plain64(y) : plain32(x) && plain32(y)) result = x < y ? FLAG.CF : x === y ? FLAG.ZF : 0;
    else {
      unit.begin(a, b);
      const r = compare(unit.v, A, B, quiet !== 0, unit.ctx);
      unit.check();
      result = FLAGS_OF[r + 1];
    }
    i32[2 * cell] = result;
    i32[2 * cell + 1] = 0;
  };
};

export const comparisons: HelperTable = {
  'f32.cmp': mask(sf.compareF32Slots, 1, 1),
  'f64.cmp': mask(sf.compareF64Slots, 2, 1),
  'f32x4.cmp': mask(sf.compareF32Slots, 1, 4),
  'f64x2.cmp': mask(sf.compareF64Slots, 2, 2),
  'f32x8.cmp': mask(sf.compareF32Slots, 1, 8),
  'f64x4.cmp': mask(sf.compareF64Slots, 2, 4),
  'f32.comis': flags(sf.compareF32Slots, false),
  'f64.comis': flags(sf.compareF64Slots, true),
};
