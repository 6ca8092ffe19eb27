import type { Mnemonic } from '../iced.ts';
import type { LiftContext } from './context.ts';

/** Lifts one instruction: emits its IR. `false`: not an instruction of the CPU model after all (#UD). */
export type Lift = (c: LiftContext) => void | false;

/** A family of instructions, which is made when something is lifted: the meaning of each mnemonic. */
export type Family = () => ReadonlyMap<Mnemonic, Lift>;

/** The family of these rows; mnemonics have numbers once iced-x86 is loaded. */
export function family(rows: () => readonly (readonly [Mnemonic, Lift])[]): Family {
  return () => new Map(rows());
}
