import { Code, CpuidFeature, Mnemonic } from '../iced.ts';
import type { LiftContext } from './context.ts';
import { family, type Family, type Lift } from './family.ts';

/** Features that an encoding needs, as the model names them: an EVEX form of the same mnemonic has others than a VEX form, 256 bits others than 128. */
const NEEDED: (readonly string[] | undefined)[] = [];

export function isSupported({ insn, features }: LiftContext): boolean {
  const { code } = insn;
  const needed = (NEEDED[code] ??= Array.from(insn.cpuidFeatures(), (feature) => CpuidFeature[feature]!.toLowerCase()));
  return needed.every((feature) => features.has(feature));
}

/** The meaning of a VEX form, if the CPU model has what it needs. */
export const vex = (lift: Lift): Lift => (c) => {
  if (!isSupported(c)) return false;
  c.vex = true;
  return lift(c);
};

/** The VEX form of a mnemonic: `Vpaddb` of `Paddb`. */
export function vexName(name: string): Mnemonic {
  return named(`V${name.toLowerCase()}`);
}
/** The mnemonic of iced's name. */
export function named(name: string): Mnemonic {
  const m = (Mnemonic as unknown as Record<string, Mnemonic | undefined>)[name];
  if (m === undefined) throw new Error(`no mnemonic ${name}`);
  return m;
}

/** An instruction and its VEX form, which have one meaning but for where their operands are. */
export const withVex = (name: string, lift: Lift): readonly (readonly [Mnemonic, Lift])[] => [[named(name), lift], [vexName(name), vex(lift)]];

type Rows = readonly (readonly [name: string, lift: Lift])[];
/** The family of instructions that have a VEX form each. */
export const bothForms = (rows: Rows): Family => family(() => rows.flatMap(([name, lift]) => withVex(name, lift)));
/** The family of instructions that are VEX forms. */
export const vexForms = (rows: Rows): Family => family(() => rows.map(([name, lift]) => [named(name), vex(lift)]));

/** Whether a VEX form is one of 256 bits. */
export function isWide(c: LiftContext): boolean {
  return c.vex && Code[c.insn.code]!.includes('ymm');
}
