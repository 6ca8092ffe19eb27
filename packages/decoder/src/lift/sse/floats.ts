import { FLAG_KIND } from '@tally86/core';
import { Mnemonic } from '../../iced.ts';
import { family, type Family, type Lift } from '../family.ts';
import type { LiftContext } from '../context.ts';
import { faulting, imm8, source, xmm } from './operands.ts';

/** The helpers of floating point are called with vector slots: (d, a, b, imm). Scalar ones write the low lane of d only. */
const FORMATS = { ps: ['f32x4', 16], pd: ['f64x2', 16], ss: ['f32', 4], sd: ['f64', 8] } as const;
type Suffix = keyof typeof FORMATS;
const ALL: readonly Suffix[] = ['ps', 'pd', 'ss', 'sd'];

/** The mnemonic of an x86 name. */
function named(name: string): Mnemonic {
  const m = (Mnemonic as unknown as Record<string, Mnemonic | undefined>)[name[0]!.toUpperCase() + name.slice(1)];
  if (m === undefined) throw new Error(`no mnemonic ${name}`);
  return m;
}

function each(name: string, suffixes: readonly Suffix[], make: (prefix: string, bytes: 4 | 8 | 16) => Lift): (readonly [Mnemonic, Lift])[] {
  return suffixes.map((s) => [named(name + s), make(FORMATS[s][0], FORMATS[s][1])] as const);
}
/** d = op(d, src) */
const binary = (op: string) => (prefix: string, bytes: 4 | 8 | 16): Lift => (c) => faulting(c, `${prefix}.${op}`, [xmm(c, 0), xmm(c, 0), source(c, 1, bytes)]);
/** d = op(src) */
const unary = (op: string) => (prefix: string, bytes: 4 | 8 | 16): Lift => (c) => faulting(c, `${prefix}.${op}`, [xmm(c, 0), source(c, 1, bytes)]);
/** d = op(d, src, imm8) */
const withImmediate = (op: string, mask: number) => (prefix: string, bytes: 4 | 8 | 16): Lift => (c) =>
  faulting(c, `${prefix}.${op}`, [xmm(c, 0), xmm(c, 0), source(c, 1, bytes), imm8(c, 2) & mask]);
const round = (prefix: string, bytes: 4 | 8 | 16): Lift => (c) => faulting(c, `${prefix}.round`, [xmm(c, 0), source(c, 1, bytes), 0, imm8(c, 2) & 15]);
/** comis*, ucomis*: the helper leaves the flags in a cell. */
const compare = (quiet: 0 | 1) => (prefix: string, bytes: 4 | 8 | 16): Lift => (c: LiftContext) => {
  const t = c.b.temp();
  faulting(c, `${prefix}.comis`, [t, xmm(c, 0), source(c, 1, bytes), quiet], [t]);
  c.b.flags(FLAG_KIND.explicit, 8, t);
};
/** rcp, rsqrt: no exceptions. */
const estimate = (op: string) => (prefix: string, bytes: 4 | 8 | 16): Lift => (c) => c.b.helper(`${prefix}.${op}`, [xmm(c, 0), source(c, 1, bytes)]);

export const cmpsd: Lift = withImmediate('cmp', 7)('f64', 8);

export const floats: Family = family(
  ...['add', 'sub', 'mul', 'div', 'min', 'max'].flatMap((name) => each(name, ALL, binary(name))),
  ...each('sqrt', ALL, unary('sqrt')),
  ...each('rcp', ['ps', 'ss'], estimate('rcp')), ...each('rsqrt', ['ps', 'ss'], estimate('rsqrt')),
  ...each('cmp', ['ps', 'pd', 'ss'], withImmediate('cmp', 7)),
  ...each('comi', ['ss', 'sd'], compare(0)), ...each('ucomi', ['ss', 'sd'], compare(1)),
);
export const floatsSse3: Family = family(
  ...['hadd', 'hsub', 'addsub'].flatMap((name) => each(name, ['ps', 'pd'], binary(name))),
);
export const floatsSse41: Family = family(
  ...each('round', ALL, round),
  ...each('dp', ['ps', 'pd'], withImmediate('dp', 0xff)),
);
