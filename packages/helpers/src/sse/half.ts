import * as sf from '@tally86/softfloat';
import type { Rounding } from '@tally86/softfloat';
import type { Helper, HelperTable } from '../context.ts';
import { A, D, floatUnit } from './unit.ts';

/** (d, a): halves to floats. */
const fromHalf = (count: 4 | 8): Helper => (h) => {
  const unit = floatUnit(h);
  const { v, ctx } = unit;
  return (d, a) => {
    unit.begin(a, a);
    for (let i = 0; i < count; i++) {
      v[D + i] = sf.f16ToF32((v[A + (i >> 1)] >>> (16 * (i & 1))) & 0xffff, ctx);
      unit.lane();
    }
    unit.finish(d, count);
  };
};
/** (d, a, 0, imm): floats to halves in the low `count / 2` words of d, the others of 128 bits zero. */
const toHalf = (count: 4 | 8): Helper => (h) => {
  const unit = floatUnit(h);
  const { v, ctx } = unit;
  return (d, a, _b, imm) => {
    unit.begin(a, a, count);
    v.fill(0, D, D + 4);
    for (let i = 0; i < count; i++) {
      const half = sf.f32ToF16(v[A + i], (imm & 4) !== 0 ? ctx.rounding : ((imm & 3) as Rounding), ctx);
      v[D + (i >> 1)]! |= (half & 0xffff) << (16 * (i & 1));
      unit.lane();
    }
    unit.finish(d, 4);
  };
};

export const halves: HelperTable = {
  cvtph2ps: fromHalf(4), vcvtph2ps: fromHalf(8), cvtps2ph: toHalf(4), vcvtps2ph: toHalf(8),
};
