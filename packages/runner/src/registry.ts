import { EmulatorError } from '@tally86/core';

/** Finds a part by name. @throws EmulatorError E_NOT_FOUND with the names there are. */
export function partByName<T>(kind: string, parts: Readonly<Record<string, T>>, name: string): T {
  if (!Object.hasOwn(parts, name)) {
    throw new EmulatorError('E_NOT_FOUND', `no ${kind} is called '${name}': there are ${Object.keys(parts).join(', ')}`, { details: { kind, name } });
  }
  return parts[name]!;
}
