import { VECTOR_SLOT } from '@tally86/core';
import type { HelperOp } from '@tally86/decoder';
import { emitVector, vectorFacts } from '../vector/index.ts';
import type { RegionWriter } from '../writer.ts';
import { emitComis, emitMask, packedSelect, scalarSelect } from './compare.ts';
import { emitConversion, emitRound } from './convert.ts';
import { F32, F64 } from './format.ts';
import type { FloatWriter } from './mode.ts';
import { alternate, neighbours, packedArithmetic, packedRoot } from './packed.ts';
import { scalarArithmetic, scalarRoot } from './scalar.ts';

/** 256 bits: the lower half goes aside until the upper one can no longer leave. */
function emitWide(w: RegionWriter, op: HelperOp, exact: boolean): boolean {
  const name = op.name.replace('f32x8', 'f32x4').replace('f64x4', 'f64x2');
  const [d = 0, a = 0, b = 0, imm = 0] = op.args;
  if (!emitFloat(w, { ...op, name, args: [ASIDE, a, b, imm] }, exact)) return false;
  const h = VECTOR_SLOT.high;
  emitFloat(w, { ...op, name, args: [d + h, a + h, b + h, imm] }, exact);
  return emitVector(w, { op: 'vmov', d, a: ASIDE });
}
const ASIDE = VECTOR_SLOT.end - 1;

/**
 * Writes a floating-point operation of SSE; false, and nothing written: another way has to do it (dp, rcp, rsqrt, cvtpi2ps). In exact mode the code also serves where no
 * inexact result was recorded yet in MXCSR; it costs more.
 */
export function emitFloat(w: RegionWriter, op: HelperOp, exact = false): boolean {
  const c: FloatWriter = { w, facts: vectorFacts(w), exact };
  const [d = 0, a = 0, b = 0, imm = 0] = op.args;
  if (op.name.startsWith('cvt')) return emitConversion(c, op.name, d, a);
  const [prefix, name = ''] = op.name.split('.') as [string, string?];
  if (!/^f(32|64)(x[248])?$/.test(prefix)) return false;
  if (prefix === 'f32x8' || prefix === 'f64x4') return emitWide(w, op, exact);
  const f = prefix.startsWith('f64') ? F64 : F32;
  const packed = prefix.includes('x');
  switch (name) {
    case 'add': case 'sub': case 'mul': case 'div':
      if (packed) packedArithmetic(c, f, name, d, a, b);
      else scalarArithmetic(c, f, name, d, a, b);
      return true;
    case 'sqrt':
      if (packed) packedRoot(c, f, d, a);
      else scalarRoot(c, f, d, a);
      return true;
    case 'min': case 'max':
      if (packed) packedSelect(c, f, name, d, a, b);
      else scalarSelect(c, f, name, d, a, b);
      return true;
    case 'hadd': neighbours(c, f, 'add', d, a, b); return true;
    case 'hsub': neighbours(c, f, 'sub', d, a, b); return true;
    case 'addsub': alternate(c, f, d, a, b); return true;
    case 'cmp':
      // the other predicates of VEX forms are rare
      if (imm > 7) return false;
      emitMask(c, f, packed, d, a, b, imm);
      return true;
    case 'round': emitRound(c, f, packed, d, a, imm); return true;
    case 'comis': emitComis(c, f, d, a, b); return true;
    default: return false;
  }
}
