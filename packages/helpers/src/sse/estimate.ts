import { VECTOR_SLOT } from '@tally86/core';
import { rcpF32, rsqrtF32 } from '@tally86/softfloat';
import type { Helper, HelperTable } from '../context.ts';
import { at32 } from './unit.ts';

/** (d, a); no exceptions, and MXCSR takes no part. */
const lanes = (f: (bits: number) => number, count: 1 | 4 | 8): Helper => (h) => {
  const { u32 } = h.cpu;
  return (d, a) => {
    for (let i = 0; i < count && i < 4; i++) u32[at32(d) + i] = f(u32[at32(a) + i]);
    const [to, from] = [at32(d + VECTOR_SLOT.high) - 4, at32(a + VECTOR_SLOT.high) - 4];
    for (let i = 4; i < count; i++) u32[to + i] = f(u32[from + i]);
  };
};

export const estimates: HelperTable = {
  'f32.rcp': lanes(rcpF32, 1),
  'f32x4.rcp': lanes(rcpF32, 4),
  'f32x8.rcp': lanes(rcpF32, 8),
  'f32x8.rsqrt': lanes(rsqrtF32, 8),
  'f32.rsqrt': lanes(rsqrtF32, 1),
  'f32x4.rsqrt': lanes(rsqrtF32, 4),
};
