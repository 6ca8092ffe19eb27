import { isAbsolute, join } from 'node:path';

/** Where compiled code of ours is kept for the next start: the user's cache directory (XDG Base Directory Specification). Null: nowhere. */
export function cacheDirectory(env: Readonly<Record<string, string | undefined>>): string | null {
  const { NODE_DISABLE_COMPILE_CACHE: off, XDG_CACHE_HOME: xdg, HOME: home } = env;
  if (off !== undefined && off !== '' && off !== '0') return null;
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'tally86');
  return home !== undefined && isAbsolute(home) ? join(home, '.cache', 'tally86') : null;
}
