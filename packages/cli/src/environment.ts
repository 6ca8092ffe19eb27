/** Where `count` looks for programs before the host's PATH, so that a bare name is the same program for every user. */
export const FIXED_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * The environment of `count`: small and the same everywhere. Python is told not to leave compiled modules behind: the next run would find them
 * and execute other instructions.
 */
export const FIXED_ENVIRONMENT: Readonly<Record<string, string>> = { HOME: '/', LANG: 'C.UTF-8', PATH: FIXED_PATH, PYTHONDONTWRITEBYTECODE: '1', USER: 'tally86' };

/** `-E` adds or replaces, `-U` removes, in that order. */
export function guestEnvironment(base: Readonly<Record<string, string | undefined>>, set: readonly string[], unset: readonly string[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(base)) if (value !== undefined) env[name] = value;
  for (const item of set) {
    const at = item.indexOf('=');
    env[item.slice(0, at)] = item.slice(at + 1);
  }
  for (const name of unset) delete env[name];
  return env;
}
