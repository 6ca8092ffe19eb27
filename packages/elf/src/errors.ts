import { EmulatorError } from '@tally86/core';

/** Ends the parse: EmulatorError E_ELF with a reason a person understands. */
export function reject(reason: string, details: Record<string, unknown> = {}): never {
  throw new EmulatorError('E_ELF', reason, { details });
}

export const hex = (value: number): string => (Number.isFinite(value) ? `0x${value.toString(16)}` : 'a value above 2^53');
