import { rcpF32, rsqrtF32 } from '@tally86/softfloat';
import type { Helper, HelperTable } from '../context.ts';
import { at32 } from './unit.ts';

/** (d, a); no exceptions, and MXCSR takes no part. */
const lanes = (f: (bits: number) => number, count: 1 | 4): Helper => (h) => {
  const { u32 } = h.cpu;
  return (d, a) => {
    for (let i = 0; i < count; i++) u32[at32(d) + i] = f(u32[at32(a) + i]);
  };
};

export const estimates: HelperTable = {
  'f32.rcp': lanes(rcpF32, 1),
  'f32x4.rcp': lanes(rcpF32, 4),
  'f32.rsqrt': lanes(rsqrtF32, 1),
  'f32x4.rsqrt': lanes(rsqrtF32, 4),
};
