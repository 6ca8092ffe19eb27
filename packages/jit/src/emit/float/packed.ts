import type { VSlot } from '@tally86/decoder';
import { SIMD, TYPE } from '../../wasm/opcodes.ts';
import { lanes } from '../vector/tables.ts';
import type { Format } from './format.ts';
import { arms, lanesBelow, lanesNotNormal, lanesNotPlain, lanesZero, requireExact, requireMode, type FloatWriter } from './mode.ts';
import type { Arithmetic } from './scalar.ts';

/** An operand in a local, and whether all its lanes are known to be plain. */
interface Operand {
  readonly local: number;
  readonly plain: boolean;
}
const [A, B, R, T] = [3, 4, 5, 6];

const slotOperand = ({ w, facts }: FloatWriter, f: Format, slot: VSlot): Operand => ({ local: w.vector(slot), plain: (facts.plain(slot) & f.all) === f.all });

/** d = a op b in all lanes. */
export function packedArithmetic(c: FloatWriter, f: Format, name: Arithmetic, d: VSlot, a: VSlot, b: VSlot): void {
  requireMode(c);
  compute(c, f, name, d, slotOperand(c, f, a), slotOperand(c, f, b), () => {
    c.facts.addPlain(a, f.all);
    c.facts.addPlain(b, f.all);
  });
}

/** hadd, hsub: neighbouring lanes of a, then of b. */
export function neighbours(c: FloatWriter, f: Format, name: 'add' | 'sub', d: VSlot, a: VSlot, b: VSlot): void {
  const { w } = c;
  requireMode(c);
  const plain = slotOperand(c, f, a).plain && slotOperand(c, f, b).plain;
  const [even, odd] = [A, B].map((i, odds): Operand => {
    w.getV(a);
    w.getV(b);
    w.code.shuffle(f.wide ? lanes(8, [odds, 2 + odds]) : lanes(4, [odds, 2 + odds, 4 + odds, 6 + odds])).set(w.scratch(TYPE.v128, i));
    return { local: w.scratch(TYPE.v128, i), plain };
  });
  compute(c, f, name, d, even!, odd!, () => {});
}

/** addsub: subtracts in the even lanes, that is, adds the number of the other sign. */
export function alternate(c: FloatWriter, f: Format, d: VSlot, a: VSlot, b: VSlot): void {
  const { w } = c;
  requireMode(c);
  const local = w.scratch(TYPE.v128, B);
  w.getV(b);
  const sign = 0x80000000;
  if (f.wide) w.code.v128(0, sign, 0, 0);
  else w.code.v128(sign, 0, sign, 0);
  w.code.simd(SIMD.v128_xor).set(local);
  compute(c, f, 'add', d, slotOperand(c, f, a), { local, plain: slotOperand(c, f, b).plain }, () => {});
}

function compute(c: FloatWriter, f: Format, name: Arithmetic, d: VSlot, a: Operand, b: Operand, known: () => void): void {
  const { w, facts } = c;
  const { code } = w;
  const r = w.scratch(TYPE.v128, R);
  code.get(a.local).get(b.local).simd(f.v[name]).set(r);
  const unknown = (a.local === b.local ? [a] : [a, b]).filter(({ plain }) => !plain);
  const first = name === 'mul' || name === 'div' ? 2 : 1;
  arms(w, () => {
    lanesNotNormal(w, f, r, first);
    for (const { local } of unknown) {
      lanesBelow(w, f, local);
      code.simd(SIMD.v128_or);
    }
    code.simd(f.v.bitmask).brIf(0);
  }, () => {
    // zeros among the numbers: see the scalar forms
    if (first === 1) lanesNotPlain(w, f, r);
    else {
      lanesNotNormal(w, f, r, first);
      zeroResults(c, f, name, a.local, b.local);
      code.simd(SIMD.v128_andnot);
    }
    for (const operand of unknown) {
      if (name === 'div' && operand === b) continue;
      lanesNotPlain(w, f, operand.local);
      code.simd(SIMD.v128_or);
    }
    if (name === 'div') {
      lanesNotNormal(w, f, b.local);
      code.simd(SIMD.v128_or);
    }
    code.simd(f.v.bitmask);
    w.exitIf();
  });
  requireExact(c, () => inexact(c, f, name, a.local, b.local, r));
  known();
  code.get(r);
  w.setV(d);
  facts.written(d, f.all);
}

/** Pushes the lanes in which an operand of mul or div makes the result zero. */
function zeroResults({ w }: FloatWriter, f: Format, name: Arithmetic, a: number, b: number): void {
  lanesZero(w, f, a);
  if (name !== 'mul') return;
  lanesZero(w, f, b);
  w.code.simd(SIMD.v128_or);
}

export function packedRoot(c: FloatWriter, f: Format, d: VSlot, a: VSlot): void {
  const { w, facts } = c;
  const { code } = w;
  requireMode(c);
  const x = w.vector(a);
  const r = w.scratch(TYPE.v128, R);
  code.get(x).simd(f.v.sqrt).set(r);
  const bad = (): void => {
    lanesNotNormal(w, f, x);
    code.get(x).simd(SIMD.v128_or);
  };
  arms(w, () => {
    bad();
    code.simd(f.v.bitmask).brIf(0);
  }, () => {
    bad();
    lanesZero(w, f, x);
    code.simd(SIMD.v128_andnot).simd(f.v.bitmask);
    w.exitIf();
  });
  requireExact(c, () => inexact(c, f, 'sqrt', x, x, r));
  facts.addPlain(a, f.all);
  code.get(r);
  w.setV(d);
  facts.written(d, f.all);
}

/** Pushes an i32 that is 0 only if all lanes of r are exact. */
function inexact(c: FloatWriter, f: Format, name: Arithmetic | 'sqrt', x: number, y: number, r: number): void {
  const { w } = c;
  const { code } = w;
  const { v } = f;
  if (name === 'add' || name === 'sub') {
    const t = w.scratch(TYPE.v128, T);
    code.get(r).get(x).simd(v.sub).set(t);
    code.get(x).get(r).get(t).simd(v.sub).simd(v.sub);
    if (name === 'add') code.get(y).get(t).simd(v.sub).simd(v.add);
    else code.get(y).get(t).simd(v.add).simd(v.sub);
    code.v128(0, 0, 0, 0).simd(v.ne).simd(SIMD.v128_any_true);
    return;
  }
  const [p, q, product] = name === 'mul' ? [x, y, r] : name === 'div' ? [r, y, x] : [r, r, x];
  if (!f.wide) {
    for (const half of [0, 8]) {
      const promoted = (local: number): void => {
        code.get(local);
        if (half > 0) code.get(local).shuffle(lanes(8, [1, 1]));
        code.simd(SIMD.f64x2_promote_low_f32x4);
      };
      promoted(p);
      promoted(q);
      code.simd(SIMD.f64x2_mul);
      promoted(product);
      code.simd(SIMD.f64x2_ne);
      if (half > 0) code.simd(SIMD.v128_or);
    }
    code.simd(SIMD.v128_any_true);
    return;
  }
  // factors of at most 26 digits
  code.get(p).get(q).simd(SIMD.v128_or).v128(0x07ffffff, 0, 0x07ffffff, 0).simd(SIMD.v128_and).v128(0, 0, 0, 0).simd(SIMD.i64x2_ne);
  if (name === 'sqrt') lanesZero(w, f, x);
  else zeroResults(c, f, name, x, y);
  code.simd(SIMD.v128_andnot);
  if (name !== 'mul') code.get(p).get(q).simd(v.mul).get(product).simd(v.ne).simd(SIMD.v128_or);
  code.simd(SIMD.v128_any_true);
}
