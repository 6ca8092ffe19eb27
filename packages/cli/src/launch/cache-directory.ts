import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/**
 * Where compiled code of ours is kept for the next start: the user's cache directory (XDG Base Directory Specification). Null: nowhere; a home that
 * does not exist is not made.
 */
export function cacheDirectory(env: Readonly<Record<string, string | undefined>>, exists: (path: string) => boolean = existsSync): string | null {
  const { NODE_DISABLE_COMPILE_CACHE: off, XDG_CACHE_HOME: xdg, HOME: home } = env;
  if (off !== undefined && off !== '' && off !== '0') return null;
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : home !== undefined && isAbsolute(home) ? join(home, '.cache') : null;
  return base !== null && exists(dirname(base)) ? join(base, 'tally86') : null;
}
