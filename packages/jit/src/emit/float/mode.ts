import { CELL } from '@tally86/core';
import type { VSlot } from '@tally86/decoder';
import { cellAt } from '../../layout.ts';
import { OP, SIMD, TYPE } from '../../wasm/opcodes.ts';
import type { VectorFacts } from '../vector/index.ts';
import type { RegionWriter } from '../writer.ts';
import type { Format } from './format.ts';

/**
 * Fast ways take plain numbers (zero or normal) to plain results while MXCSR rounds to nearest and masks the precision exception. Then no other flag
 * but PE can come up, and either it is recorded already or, in exact mode, the result is shown to be exact. All else leaves for the interpreter.
 */
export interface FloatWriter {
  readonly w: RegionWriter;
  readonly facts: VectorFacts;
  /** PE need not be recorded: each operation tests whether its result is exact. */
  readonly exact: boolean;
}

const PE = 0x20;
const CONTROLS = 0x7000;
const NEAREST_MASKED = 0x1000;

const load = (w: RegionWriter): void => {
  w.code.i32(0).memory(OP.i32_load, cellAt(CELL.mxcsr));
};

/** Leaves unless MXCSR is in the mode of the fast ways; once on a path. */
export function requireMode({ w, facts, exact }: FloatWriter): void {
  if (facts.mode) return;
  facts.mode = true;
  const { code } = w;
  load(w);
  if (!exact) {
    code.i32(CONTROLS | PE).op(OP.i32_and).i32(NEAREST_MASKED | PE).op(OP.i32_ne);
    return w.exitIf();
  }
  const recorded = facts.recorded(w);
  code.tee(recorded).i32(CONTROLS).op(OP.i32_and).i32(NEAREST_MASKED).op(OP.i32_ne);
  w.exitIf();
  code.get(recorded).i32(PE).op(OP.i32_and).set(recorded);
}

/** Leaves if an inexact result would have to be recorded, whatever mode the code is made for. */
export function requireRecorded(w: RegionWriter): void {
  load(w);
  w.code.i32(CONTROLS | PE).op(OP.i32_and).i32(NEAREST_MASKED | PE).op(OP.i32_ne);
  w.exitIf();
}

/** In exact mode: leaves if `inexact` pushes something other than 0 and PE is not recorded. Comes behind requireMode. */
export function requireExact({ w, facts, exact }: FloatWriter, inexact: () => void): void {
  if (!exact) return;
  within(w, () => {
    w.code.get(facts.recorded(w)).brIf(0);
    inexact();
    w.exitIf();
  });
}

/** A block; br 0 in it goes to its end. */
export function within(w: RegionWriter, body: () => void): void {
  w.code.block();
  w.nest();
  body();
  w.code.end();
  w.unnest();
}

/** `likely` may br 0 to `rarely`; both go on behind. */
export function arms(w: RegionWriter, likely: () => void, rarely: () => void): void {
  within(w, () => {
    within(w, () => {
      likely();
      w.code.br(1);
    });
    rarely();
  });
}

/** A scalar operand in a local of its own. */
export function scalar(w: RegionWriter, f: Format, slot: VSlot, i: number, local = w.scratch(f.type, i)): number {
  w.getV(slot);
  w.code.simdLane(f.extract, 0).set(local);
  return local;
}
/** Writes a scalar result from a local. */
export function setScalar(c: FloatWriter, f: Format, d: VSlot, local: number, plain: boolean): void {
  const { w, facts } = c;
  w.getV(d);
  w.code.get(local).simdLane(f.replace, 0);
  w.setV(d);
  facts.written(d, (facts.plain(d) & f.others) | (plain ? f.lane : 0));
}

/** Pushes the exponent field of a scalar. */
export function exponent(w: RegionWriter, f: Format, local: number): void {
  const { code } = w;
  f.integer(code.get(local).op(f.reinterpret), 1).op(f.i.shl);
  f.integer(code, f.fraction + 1).op(f.i.shrU);
}
/** Pushes 1 if the exponent field is not from `first` to that of the largest numbers. */
export function notNormal(w: RegionWriter, f: Format, local: number, first = 1): void {
  exponent(w, f, local);
  f.integer(w.code, first).op(f.i.sub);
  f.integer(w.code, f.top - first).op(f.i.geU);
}
/** Pushes 1 if a scalar is neither zero nor normal. */
export function notPlain(w: RegionWriter, f: Format, local: number): void {
  notNormal(w, f, local);
  f.float(w.code.get(local), 0).op(f.ne).op(OP.i32_and);
}

/** Pushes the exponent fields of all lanes. */
export function exponents(w: RegionWriter, f: Format, local: number): void {
  w.code.get(local).i32(1).simd(f.v.shl).i32(f.fraction + 1).simd(f.v.shrU);
}
const ones = (w: RegionWriter): void => {
  w.code.v128(-1, -1, -1, -1);
};
/** Pushes lanes whose sign bits tell that the number is a zero or denormal. */
export function lanesBelow(w: RegionWriter, f: Format, local: number): void {
  exponents(w, f, local);
  ones(w);
  w.code.simd(f.v.iadd);
}
/** Pushes lanes whose sign bits tell that the exponent field is not from `first` (1 or 2) to that of the largest numbers. */
export function lanesNotNormal(w: RegionWriter, f: Format, local: number, first: 1 | 2 = 1): void {
  const { code } = w;
  const e = w.scratch(TYPE.v128, 7);
  exponents(w, f, local);
  code.tee(e);
  for (let i = 0; i < first; i++) {
    ones(w);
    code.simd(f.v.iadd);
  }
  code.get(e);
  ones(w);
  code.simd(f.v.isub).i32(f.fraction).simd(f.v.shl).simd(SIMD.v128_or);
}
/** Pushes all ones in the lanes that are zero. */
export function lanesZero(w: RegionWriter, f: Format, local: number): void {
  w.code.get(local).v128(0, 0, 0, 0).simd(f.v.eq);
}
/** Pushes lanes whose sign bits tell that the number is neither zero nor normal. */
export function lanesNotPlain(w: RegionWriter, f: Format, local: number): void {
  lanesNotNormal(w, f, local);
  lanesZero(w, f, local);
  w.code.simd(SIMD.v128_andnot);
}
