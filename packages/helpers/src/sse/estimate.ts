import type { Helper, HelperTable } from '../context.ts';
import { RCP_BASE, RCP_DROP, RSQRT_EVEN_BASE, RSQRT_EVEN_DROP, RSQRT_ODD_BASE, RSQRT_ODD_DROP } from './estimate-tables.ts';
import { at32 } from './unit.ts';

const SIGN = 0x80000000;
const INFINITY = 0x7f800000;
const QUIET = 0x400000;
const INDEFINITE = 0xffc00000;

function look(base: readonly number[], drop: readonly number[], x: number): number {
  const k = (x >>> 11) & 0xfff;
  return (base[k >> 4] - drop[(k >> 8) * 16 + (k & 15)]) << 11;
}

/** The bits of about 1/x: denormals count as zero, results that would be denormal are zero, whatever MXCSR says. */
export function reciprocal(x: number): number {
  const sign = x & SIGN;
  const e = (x >>> 23) & 255;
  if (e === 255) return (x & 0x7fffff) !== 0 ? x | QUIET : sign;
  if (e === 0) return sign | INFINITY;
  const r = look(RCP_BASE, RCP_DROP, x) - ((e - 127) << 23);
  // the exponent of the table's results is 126
  return e >= 253 ? sign : sign | r;
}

/** The bits of about 1/sqrt(x). */
export function reciprocalRoot(x: number): number {
  const e = (x >>> 23) & 255;
  if (e === 255 && (x & 0x7fffff) !== 0) return x | QUIET;
  if (e === 0) return (x & SIGN) | INFINITY;
  if ((x & SIGN) !== 0) return INDEFINITE;
  if (e === 255) return 0;
  const odd = (e - 127) & 1;
  const r = odd ? look(RSQRT_ODD_BASE, RSQRT_ODD_DROP, x) : look(RSQRT_EVEN_BASE, RSQRT_EVEN_DROP, x);
  return r - (((e - 127 - odd) >> 1) << 23);
}

/** (d, a) */
const lanes = (f: (x: number) => number, count: 1 | 4): Helper => (h) => {
  const { u32 } = h.cpu;
  return (d, a) => {
    for (let i = 0; i < count; i++) u32[at32(d) + i] = f(u32[at32(a) + i]);
  };
};

export const estimates: HelperTable = {
  'f32.rcp': lanes(reciprocal, 1),
  'f32x4.rcp': lanes(reciprocal, 4),
  'f32.rsqrt': lanes(reciprocalRoot, 1),
  'f32x4.rsqrt': lanes(reciprocalRoot, 4),
};
