import type { Mnemonic } from '../iced.ts';
import type { LiftContext } from './context.ts';

/** Lifts one instruction: emits its IR. `false`: not an instruction of the CPU model after all (#UD). */
export type Lift = (c: LiftContext) => void | false;

/** A family of instructions: the meaning of each mnemonic. */
export type Family = ReadonlyMap<Mnemonic, Lift>;

/** Several mnemonics with one meaning scheme: rows of [mnemonic, ...arguments]. */
export function family(...rows: readonly (readonly [Mnemonic, Lift])[]): Family {
  return new Map(rows);
}
