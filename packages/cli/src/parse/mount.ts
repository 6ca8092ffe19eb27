import { resolve } from 'node:path';

export interface MountOption {
  /** Absolute host path. */
  readonly source: string;
  /** Absolute guest path. */
  readonly target: string;
  readonly readOnly: boolean;
}

/** `SRC:DST[:ro]`; undefined if it is no mount. */
export function parseMount(text: string): MountOption | undefined {
  const parts = text.split(':');
  const readOnly = parts.length === 3 && parts[2] === 'ro';
  if (parts.length !== 2 && !readOnly) return undefined;
  const [source, target] = parts as [string, string];
  if (source === '' || !target.startsWith('/')) return undefined;
  return { source: resolve(source), target, readOnly };
}
