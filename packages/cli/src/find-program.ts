import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { EmulatorError } from '@tally86/core';

/** A program as a shell finds it: a path as it is, a bare name along PATH. @throws EmulatorError E_NOT_FOUND */
export function findProgram(name: string, path: string = process.env.PATH ?? ''): string {
  if (name.includes('/')) return name;
  for (const directory of path.split(delimiter)) {
    const candidate = join(directory === '' ? '.' : directory, name);
    try {
      if (!statSync(candidate).isFile()) continue;
      accessSync(candidate, constants.X_OK);
      return candidate.includes('/') ? candidate : `./${candidate}`;
    } catch {
      // the next directory may have it
    }
  }
  throw new EmulatorError('E_NOT_FOUND', `${name}: not found in PATH`);
}
