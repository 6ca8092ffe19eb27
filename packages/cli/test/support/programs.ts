import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { hasOracle } from '../../../../tools/oracle/src/index.ts';

/** The built command line. */
export const CLI = process.env.TALLY86_CLI ?? fileURLToPath(new URL('../../dist/bin.cjs', import.meta.url));

/** The engines that programs run under: all, or those that TALLY86_ENGINES names, by comma. */
export const ENGINES: readonly string[] = process.env.TALLY86_ENGINES?.split(',') ?? ['jit', 'interpreter'];

/** What both sides see. */
export const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/nonexistent', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TZ: 'UTC', TERM: 'dumb', USER: 'nobody' };

const found = new Map<string, boolean>();

/** Whether the machine has the program; under CI=true a missing one throws. */
export function hasProgram(name: string): boolean {
  if (!hasOracle('native')) return false;
  let has = found.get(name);
  if (has === undefined) found.set(name, (has = spawnSync('sh', ['-c', 'command -v "$0"', name], { stdio: 'ignore', env: ENVIRONMENT }).status === 0));
  if (!has && process.env.CI === 'true') throw new Error(`${name} is missing: see tools/oracle/debian-packages.txt`);
  return has;
}
