import type { HelperOp } from '@tally86/decoder';
import { vectorFacts } from '../vector/index.ts';
import type { RegionWriter } from '../writer.ts';
import { emitComis, emitMask, packedSelect, scalarSelect } from './compare.ts';
import { emitConversion, emitRound } from './convert.ts';
import { F32, F64 } from './format.ts';
import type { FloatWriter } from './mode.ts';
import { alternate, neighbours, packedArithmetic, packedRoot } from './packed.ts';
import { scalarArithmetic, scalarRoot } from './scalar.ts';

/**
 * Writes a floating-point operation of SSE; false, and nothing written: another way has to do it (dp, rcp, rsqrt, cvtpi2ps). In exact mode the code also serves where no
 * inexact result was recorded yet in MXCSR; it costs more.
 */
export function emitFloat(w: RegionWriter, op: HelperOp, exact = false): boolean {
  const c: FloatWriter = { w, facts: vectorFacts(w), exact };
  const [d = 0, a = 0, b = 0, imm = 0] = op.args;
  if (op.name.startsWith('cvt')) return emitConversion(c, op.name, d, a);
  const [prefix, name = ''] = op.name.split('.') as [string, string?];
  if (!/^f(32|64)(x[24])?$/.test(prefix)) return false;
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
    case 'cmp': emitMask(c, f, packed, d, a, b, imm); return true;
    case 'round': emitRound(c, f, packed, d, a, imm); return true;
    case 'comis': emitComis(c, f, d, a, b); return true;
    default: return false;
  }
}
