import { FLAG_KIND } from '@tally86/core';
import type { Mnemonic } from '../../iced.ts';
import type { VSlot } from '../../ir/ops.ts';
import { family, type Family, type Lift } from '../family.ts';
import type { LiftContext } from '../context.ts';
import { clearUpper, faulting, first, imm8, source, vmov, xmm } from './operands.ts';
import { isWide, withVex } from '../vex.ts';

/**
 * The helpers of floating point are called with vector slots: (d, a, b, imm). Scalar ones write the low lane of d only, those of 256 bits take both
 * halves: the exceptions of all lanes come before any of them is written.
 */
const FORMATS = { ps: ['f32x4', 'f32x8', 16], pd: ['f64x2', 'f64x4', 16], ss: ['f32', '', 4], sd: ['f64', '', 8] } as const;
type Suffix = keyof typeof FORMATS;
type Format = (typeof FORMATS)[Suffix];
const ALL: readonly Suffix[] = ['ps', 'pd', 'ss', 'sd'];
type Rows = (readonly [Mnemonic, Lift])[];

function each(name: string, suffixes: readonly Suffix[], make: (format: Format) => Lift): Rows {
  return suffixes.flatMap((s) => withVex(name[0]!.toUpperCase() + name.slice(1) + s, make(FORMATS[s])));
}

/** d = emit(d, ...) of a packed format. */
function packed(c: LiftContext, [narrow, wide]: Format, op: string, rest: readonly number[], emit = faulting): void {
  const d = xmm(c, 0);
  emit(c, `${isWide(c) ? wide : narrow}.${op}`, [d, ...rest]);
  if (!isWide(c)) clearUpper(c, d);
}
/** Writes the low lane of operand 0 by emit(slot); the others are those of the first source. */
export function lowLane(c: LiftContext, emit: (d: VSlot) => void): void {
  const d = xmm(c, 0);
  const kept = xmm(c, first(c));
  if (kept === d) emit(d);
  else {
    const t = c.b.vtemp();
    vmov(c, t, kept);
    emit(t);
    vmov(c, d, t);
  }
  clearUpper(c, d);
}
const isPacked = ([, wide]: Format): boolean => wide !== '';

/** d = op(a, src, perhaps imm8) */
const binary = (op: string, mask: (c: LiftContext) => number = () => -1) => (format: Format): Lift => (c) => {
  const [name, , bytes] = format;
  const a = xmm(c, first(c));
  const from = first(c) + 1;
  const b = isPacked(format) ? source(c, from) : source(c, from, bytes);
  const wanted = mask(c);
  const rest = wanted < 0 ? [a, b] : [a, b, imm8(c, from + 1) & wanted];
  if (isPacked(format)) packed(c, format, op, rest);
  else lowLane(c, (d) => faulting(c, `${name}.${op}`, [d, d, ...rest.slice(1)]));
};
const withImmediate = (op: string, mask: number): ((format: Format) => Lift) => binary(op, () => mask);
/** The VEX forms have 32 predicates. */
const compareMask = binary('cmp', (c) => (c.vex ? 31 : 7));

/** d = op(src, perhaps imm8) */
const unary = (op: string, immediate = false, emit = faulting) => (format: Format): Lift => (c) => {
  const [name, , bytes] = format;
  const from = isPacked(format) ? 1 : first(c) + 1;
  const a = isPacked(format) ? source(c, 1) : source(c, from, bytes);
  const rest = immediate ? [a, 0, imm8(c, from + 1) & 15] : [a];
  if (isPacked(format)) packed(c, format, op, rest, emit);
  else lowLane(c, (d) => emit(c, `${name}.${op}`, [d, ...rest]));
};
/** comis*, ucomis*: the helper leaves the flags in a cell. */
const compare = (quiet: 0 | 1) => ([name, , bytes]: Format): Lift => (c) => {
  const t = c.b.temp();
  faulting(c, `${name}.comis`, [t, xmm(c, 0), source(c, 1, bytes), quiet], [t]);
  c.b.flags(FLAG_KIND.explicit, 8, t);
};
/** rcp, rsqrt: no exceptions. */
const estimate = (op: string): ((format: Format) => Lift) => unary(op, false, (c, name, args) => c.b.helper(name, args));

export const cmpsd: Lift = compareMask(FORMATS.sd);

export const floats: Family = family(() => [
  ...['add', 'sub', 'mul', 'div', 'min', 'max'].flatMap((name) => each(name, ALL, binary(name))),
  ...each('sqrt', ALL, unary('sqrt')),
  ...each('rcp', ['ps', 'ss'], estimate('rcp')), ...each('rsqrt', ['ps', 'ss'], estimate('rsqrt')),
  ...each('cmp', ['ps', 'pd', 'ss'], compareMask),
  ...each('comi', ['ss', 'sd'], compare(0)), ...each('ucomi', ['ss', 'sd'], compare(1)),
]);
export const floatsSse3: Family = family(() => [
  ...['hadd', 'hsub', 'addsub'].flatMap((name) => each(name, ['ps', 'pd'], binary(name))),
]);
export const floatsSse41: Family = family(() => [
  ...each('round', ALL, unary('round', true)),
  ...each('dp', ['ps', 'pd'], withImmediate('dp', 0xff)),
]);
