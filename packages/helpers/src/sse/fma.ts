import * as sf from '@tally86/softfloat';
import type { Helper, HelperTable } from '../context.ts';
import { A, B, C, D, floatUnit } from './unit.ts';

/** Bit 0: the product is negated, bit 1: the addend; the second is for the odd lanes. */
const KINDS = { fmadd: [0, 0], fmsub: [2, 2], fnmadd: [1, 1], fnmsub: [3, 3], fmaddsub: [2, 0], fmsubadd: [0, 2] } as const;

/** (d, a, b, c): d = a * b + c in `words` words of lanes, each rounded once. */
const multiplyAdd = (wide: boolean, words: number, [even, odd]: readonly [number, number]): Helper => (h) => {
  const unit = floatUnit(h);
  const { v, ctx } = unit;
  const width = wide ? 2 : 1;
  const op = wide ? sf.fmaF64Slots : sf.fmaF32Slots;
  return (d, a, b, c) => {
    unit.begin(a, b, words);
    unit.take(C, c, words);
    for (let i = 0; i < words; i += width) {
      op(v, D + i, A + i, B + i, C + i, (i & width) === 0 ? even : odd, ctx);
      unit.lane();
    }
    unit.finish(d, words);
  };
};

export const fused: HelperTable = Object.fromEntries(
  Object.entries(KINDS).flatMap(([name, negations]) => ([['f32', false, 1], ['f64', true, 2], ['f32x4', false, 4], ['f64x2', true, 4], ['f32x8', false, 8], ['f64x4', true, 8]] as const)
    .map(([format, wide, words]): readonly [string, Helper] => [`${format}.${name}`, multiplyAdd(wide, words, negations)])),
);
