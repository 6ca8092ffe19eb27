import type { VSlot } from '@tally86/decoder';
import { OP } from '../../wasm/opcodes.ts';
import type { Format } from './format.ts';
import { arms, exponent, notNormal, notPlain, requireExact, requireMode, scalar, setScalar, type FloatWriter } from './mode.ts';

export type Arithmetic = 'add' | 'sub' | 'mul' | 'div';

/** Where the results of a step stand in the pool of scratch locals: operands, result, intermediate values. */
const [X, Y, R, T] = [0, 1, 2, 3];

/**
 * d = a op b in the low lane. Finite results tell that the operands were finite (but for a divisor), so those are looked at from below only:
 * denormals raise DE.
 */
export function scalarArithmetic(c: FloatWriter, f: Format, name: Arithmetic, d: VSlot, a: VSlot, b: VSlot): void {
  const { w, facts } = c;
  const { code } = w;
  requireMode(c);
  const x = scalar(w, f, a, X);
  const y = a === b ? x : scalar(w, f, b, Y);
  const r = w.scratch(f.type, R);
  code.get(x).get(y).op(f[name]).set(r);
  const unknown = [x, y].filter((_, i) => (facts.plain(i === 0 ? a : b) & f.lane) === 0 && !(i === 1 && a === b));
  // the smallest normal number may be the rounded form of something tiny; twice a denormal may reach it
  const first = name === 'mul' || name === 'div' || a === b ? 2 : 1;
  arms(w, () => {
    // squares and doubles of denormals show by themselves
    if (a !== b || name === 'div') for (const local of unknown) {
      exponent(w, f, local);
      code.op(f.i.eqz).brIf(0);
    }
    notNormal(w, f, r, first);
    code.brIf(0);
    requireExact(c, () => inexact(c, f, name, x, y, r));
  }, () => {
    // one of the numbers is zero; results are exact then
    const either = (list: readonly (() => void)[]): void => list.forEach((push, i) => {
      push();
      if (i > 0) code.op(OP.i32_or);
    });
    const operands = unknown.map((local) => () => notPlain(w, f, local));
    if (name === 'add' || name === 'sub') either([...operands, () => notPlain(w, f, r)]);
    else if (name === 'mul') {
      either([...operands, () => {
        f.float(code.get(x), 0).op(f.ne);
        f.float(code.get(y), 0).op(f.ne).op(OP.i32_and);
      }]);
    } else either([() => notNormal(w, f, y), () => f.float(code.get(x), 0).op(f.ne)]);
    w.exitIf();
  });
  facts.addPlain(a, f.lane);
  facts.addPlain(b, f.lane);
  setScalar(c, f, d, r, true);
}

/** d = square root of a in the low lane. Roots of normal numbers are normal. */
export function scalarRoot(c: FloatWriter, f: Format, d: VSlot, a: VSlot): void {
  const { w, facts } = c;
  const { code } = w;
  requireMode(c);
  const x = scalar(w, f, a, X);
  const r = w.scratch(f.type, R);
  code.get(x).op(f.sqrt).set(r);
  arms(w, () => {
    // with the sign: negative numbers are above
    f.integer(code.get(x).op(f.reinterpret), f.fraction).op(f.i.shrU);
    f.integer(code, 1).op(f.i.sub);
    f.integer(code, f.top - 1).op(f.i.geU).brIf(0);
    requireExact(c, () => inexact(c, f, 'sqrt', x, x, r));
  }, () => {
    f.float(code.get(x), 0).op(f.ne);
    w.exitIf();
  });
  facts.addPlain(a, f.lane);
  setScalar(c, f, d, r, true);
}

/** Pushes an i32 that is 0 only if r is the exact result for normal operands and result. */
function inexact(c: FloatWriter, f: Format, name: Arithmetic | 'sqrt', x: number, y: number, r: number): void {
  const { w } = c;
  const { code } = w;
  if (name === 'add' || name === 'sub') {
    // Knuth's TwoSum: what rounding lost
    const t = w.scratch(f.type, T);
    code.get(r).get(x).op(f.sub).set(t);
    code.get(x).get(r).get(t).op(f.sub).op(f.sub);
    if (name === 'add') code.get(y).get(t).op(f.sub).op(f.add);
    else code.get(y).get(t).op(f.add).op(f.sub);
    f.float(code, 0).op(f.ne);
    return;
  }
  // the product that has to come out, and its factors
  const [p, q, product] = name === 'mul' ? [x, y, r] : name === 'div' ? [r, y, x] : [r, r, x];
  if (!f.wide) {
    // doubles hold it whole
    code.get(p).op(OP.f64_promote_f32).get(q).op(OP.f64_promote_f32).op(OP.f64_mul).get(product).op(OP.f64_promote_f32).op(OP.f64_ne);
    return;
  }
  // factors with 53 zeros behind their digits, together, have a product of at most 53 digits
  zeros(c, f, p);
  zeros(c, f, q);
  code.op(OP.i64_add).i64(53).op(OP.i64_lt_u);
  if (name !== 'mul') code.get(p).get(q).op(f.mul).get(product).op(f.ne).op(OP.i32_or);
}
function zeros({ w }: FloatWriter, f: Format, local: number): void {
  w.code.get(local).op(f.reinterpret).i64(0, 0x100000).op(OP.i64_or).op(OP.i64_ctz);
}
