import type { Slot, VSlot } from '@tally86/decoder';
import { CC } from '@tally86/core';
import { OP, SIMD } from '../../wasm/opcodes.ts';
import type { Compared } from '../vector/index.ts';
import type { RegionWriter } from '../writer.ts';
import { F32, F64, type Format } from './format.ts';
import { arms, lanesBelow, lanesNotNormal, lanesZero, notNormal, scalar, setScalar, type FloatWriter } from './mode.ts';

/** Leaves if the low lanes of a and b, in locals x and y, are NaNs or denormals; infinities may be compared. True: they are known to be plain. */
export function requireOrdered({ w, facts }: FloatWriter, f: Format, operands: readonly (readonly [slot: VSlot, local: number])[]): boolean {
  const { code } = w;
  const unknown = operands.filter(([slot], i) => (facts.plain(slot) & f.lane) === 0 && operands.findIndex(([other]) => other === slot) === i);
  if (unknown.length === 0) return true;
  arms(w, () => {
    for (const [, local] of unknown) {
      notNormal(w, f, local);
      code.brIf(0);
    }
  }, () => {
    for (const [i, [, local]] of unknown.entries()) {
      // twice the bits, sign dropped: denormals from 2 to below the smallest normal number, NaNs above infinity
      const t = w.scratch(f.bits, 1);
      f.integer(code.get(local).op(f.reinterpret), 1).op(f.i.shl).tee(t);
      f.integer(code, 1).op(f.i.sub);
      if (f.wide) code.i64(-1, 0x1fffff).op(f.i.ltU).get(t).i64(0, 0xffe00000 | 0).op(f.i.gtU);
      else code.i32(0xffffff).op(f.i.ltU).get(t).i32(0xff000000).op(f.i.gtU);
      code.op(OP.i32_or);
      if (i > 0) code.op(OP.i32_or);
    }
    w.exitIf();
  });
  return false;
}

/** min, max: the second operand unless the first one is less, or greater. */
export function scalarSelect(c: FloatWriter, f: Format, name: 'min' | 'max', d: VSlot, a: VSlot, b: VSlot): void {
  const { w } = c;
  const x = scalar(w, f, a, 0);
  const y = scalar(w, f, b, 1);
  const plain = requireOrdered(c, f, [[a, x], [b, y]]);
  const r = w.scratch(f.type, 2);
  w.code.get(x).get(y).get(x).get(y).op(name === 'min' ? f.lt : f.gt).op(OP.select).set(r);
  setScalar(c, f, d, r, plain);
}

/** comis, ucomis: CF and ZF at their places in RFLAGS to a cell. */
export function emitComis(c: FloatWriter, f: Format, cell: Slot, a: VSlot, b: VSlot): void {
  const { w, facts } = c;
  const x = scalar(w, f, a, 0, facts.operand(w, f.type, 0));
  const y = scalar(w, f, b, 1, facts.operand(w, f.type, 1));
  requireOrdered(c, f, [[a, x], [b, y]]);
  w.code.get(x).get(y).op(f.lt).get(x).get(y).op(f.eq).i32(6).op(OP.i32_shl).op(OP.i32_or);
  w.set32(cell);
  facts.compared = { cell, wide: f.wide, x, y };
}

/** Pushes an i32: whether condition code `cc` holds after a comparison. */
export function emitCompared(w: RegionWriter, compared: Compared, cc: number): void {
  const f = compared.wide ? F64 : F32;
  const op = ({ [CC.b]: f.lt, [CC.ae]: f.ge, [CC.e]: f.eq, [CC.ne]: f.ne, [CC.be]: f.le, [CC.a]: f.gt, [CC.le]: f.eq, [CC.g]: f.ne } as Readonly<Record<number, number>>)[cc];
  // SF, OF and PF are 0
  if (op === undefined) w.code.i32(cc & 1);
  else w.code.get(compared.x).get(compared.y).op(op);
}

/** Predicates of cmp on ordered operands: eq, lt, le, unord, ne, nlt, nle, ord. */
const PREDICATES = ['eq', 'lt', 'le', null, 'ne', 'ge', 'gt', null] as const;

/** All ones or zeros in each lane, or in the low one. */
export function emitMask(c: FloatWriter, f: Format, packed: boolean, d: VSlot, a: VSlot, b: VSlot, predicate: number): void {
  const { w, facts } = c;
  const { code } = w;
  if (packed) requireOrderedLanes(w, f, unknownOf(c, f, a, b));
  else requireOrdered(c, f, [[a, scalar(w, f, a, 0)], [b, scalar(w, f, b, 1)]]);
  if (!packed) w.getV(d);
  const name = PREDICATES[predicate & 7]!;
  if (name === null) {
    const bits = (predicate & 7) === 7 ? -1 : 0;
    code.v128(bits, bits, bits, bits);
  } else {
    w.getV(a);
    w.getV(b);
    code.simd(f.v[name]);
  }
  if (!packed) code.shuffle(Array.from({ length: 16 }, (_, i) => (i < (f.wide ? 8 : 4) ? 16 + i : i)));
  w.setV(d);
  facts.written(d, packed ? 0 : facts.plain(d) & f.others);
}

/** The slots of which not all lanes are known to be plain, as locals. */
const unknownOf = ({ w, facts }: FloatWriter, f: Format, ...slots: readonly VSlot[]): readonly number[] =>
  [...new Set(slots)].filter((slot) => (facts.plain(slot) & f.all) !== f.all).map((slot) => w.vector(slot));
/** requireOrdered for all lanes. */
export function requireOrderedLanes(w: RegionWriter, f: Format, unknown: readonly number[]): boolean {
  const { code } = w;
  if (unknown.length === 0) return true;
  arms(w, () => {
    for (const [i, local] of unknown.entries()) {
      lanesNotNormal(w, f, local);
      if (i > 0) code.simd(SIMD.v128_or);
    }
    code.simd(f.v.bitmask).brIf(0);
  }, () => {
    for (const [i, local] of unknown.entries()) {
      lanesBelow(w, f, local);
      lanesZero(w, f, local);
      code.simd(SIMD.v128_andnot);
      code.get(local).get(local).simd(f.v.ne).simd(SIMD.v128_or);
      if (i > 0) code.simd(SIMD.v128_or);
    }
    code.simd(f.v.bitmask);
    w.exitIf();
  });
  return false;
}

export function packedSelect(c: FloatWriter, f: Format, name: 'min' | 'max', d: VSlot, a: VSlot, b: VSlot): void {
  const { w, facts } = c;
  const plain = requireOrderedLanes(w, f, unknownOf(c, f, a, b));
  w.getV(a);
  w.getV(b);
  w.getV(a);
  w.getV(b);
  w.code.simd(name === 'min' ? f.v.lt : f.v.gt).simd(SIMD.v128_bitselect);
  w.setV(d);
  facts.written(d, plain ? f.all : 0);
}
