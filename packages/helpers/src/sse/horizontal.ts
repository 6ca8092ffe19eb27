import * as sf from '@tally86/softfloat';
import type { Helper, HelperTable } from '../context.ts';
import { A, B, D, floatUnit, type SlotOperation } from './unit.ts';

/** hadd, hsub: neighbouring lanes of a, then of b. (d, a, b) */
const neighbours = (op: SlotOperation, width: 1 | 2, words: 4 | 8 = 4): Helper => (h) => {
  const unit = floatUnit(h);
  const { v, ctx } = unit;
  return (d, a, b) => {
    unit.begin(a, b, words);
    const half = width === 1 ? 2 : 1;
    for (let base = 0; base < words; base += 4) {
      for (let i = 0; i < 2 * half; i++) {
        const from = base + (i < half ? A : B) + (i % half) * 2 * width;
        op(v, D + base + i * width, from, from + width, ctx);
        unit.lane();
      }
    }
    unit.finish(d, words);
  };
};

/** Subtracts in the even lanes, adds in the odd ones. (d, a, b) */
const alternate = (sub: SlotOperation, add: SlotOperation, width: 1 | 2, words: 4 | 8 = 4): Helper => (h) => {
  const unit = floatUnit(h);
  const { v, ctx } = unit;
  return (d, a, b) => {
    unit.begin(a, b, words);
    for (let i = 0; i * width < words; i++) {
      (i & 1 ? add : sub)(v, D + i * width, A + i * width, B + i * width, ctx);
      unit.lane();
    }
    unit.finish(d, words);
  };
};

/**
 * Dot product (SDM vol. 2, DPPS): products of the lanes that imm bits 4 to 7 choose (others count as +0), summed in pairs, then the
 * pairs; the sum goes to the lanes that imm bits 0 to 3 choose, zero to the others. Each step rounds and raises by itself. (d, a, b, imm)
 */
const dot = (mul: SlotOperation, add: SlotOperation, width: 1 | 2, words: 4 | 8 = 4): Helper => (h) => {
  const unit = floatUnit(h);
  const { v, ctx } = unit;
  return (d, a, b, imm) => {
    unit.begin(a, b, words);
    const count = 4 / width;
    for (let i = 0; i < words / width; i++) {
      const at = D + i * width;
      if ((imm >> (4 + (i % count))) & 1) mul(v, at, A + i * width, B + i * width, ctx);
      else v[at] = v[at + width - 1] = 0;
      unit.lane();
    }
    unit.check();
    for (let step = width; step < 4; step *= 2) {
      for (let i = 0; i < words; i += 2 * step) {
        add(v, D + i, D + i, D + i + step, ctx);
        unit.lane();
      }
      unit.check();
    }
    for (let i = words / width - 1; i >= 0; i--) {
      const sum = D + ((i * width) & 4);
      for (let k = 0; k < width; k++) v[A + i * width + k] = (imm >> (i % count)) & 1 ? v[sum + k] : 0;
    }
    for (let i = 0; i < words; i++) v[D + i] = v[A + i];
    unit.finish(d, words);
  };
};

export const horizontal: HelperTable = {
  'f32x8.hadd': neighbours(sf.addF32Slots, 1, 8),
  'f64x4.hadd': neighbours(sf.addF64Slots, 2, 8),
  'f32x8.hsub': neighbours(sf.subF32Slots, 1, 8),
  'f64x4.hsub': neighbours(sf.subF64Slots, 2, 8),
  'f32x8.addsub': alternate(sf.subF32Slots, sf.addF32Slots, 1, 8),
  'f64x4.addsub': alternate(sf.subF64Slots, sf.addF64Slots, 2, 8),
  'f32x8.dp': dot(sf.mulF32Slots, sf.addF32Slots, 1, 8),
  'f32x4.hadd': neighbours(sf.addF32Slots, 1),
  'f64x2.hadd': neighbours(sf.addF64Slots, 2),
  'f32x4.hsub': neighbours(sf.subF32Slots, 1),
  'f64x2.hsub': neighbours(sf.subF64Slots, 2),
  'f32x4.addsub': alternate(sf.subF32Slots, sf.addF32Slots, 1),
  'f64x2.addsub': alternate(sf.subF64Slots, sf.addF64Slots, 2),
  'f32x4.dp': dot(sf.mulF32Slots, sf.addF32Slots, 1),
  'f64x2.dp': dot(sf.mulF64Slots, sf.addF64Slots, 2),
};
