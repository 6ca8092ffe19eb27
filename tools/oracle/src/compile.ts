import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Directory of the workspace's package `tools/oracle`. */
export const ORACLE_DIR = dirname(dirname(fileURLToPath(import.meta.url)));

/** Path of one of our native sources. */
export const nativeSource = (name: string): string => join(ORACLE_DIR, 'native', name);

/** Path of one of our assembly or C guests. */
export const fixture = (name: string): string => join(ORACLE_DIR, 'fixtures', name);

const CACHE = join(ORACLE_DIR, '../../node_modules/.cache/tally86-oracle');

export interface CompileOptions {
  /** `gcc` (default), `musl-gcc`, … anything with gcc's command line. */
  readonly compiler?: string;
  readonly flags?: readonly string[];
  /** What to link, behind the sources: `-lm`, … */
  readonly libraries?: readonly string[];
}

/** Flags by which a source without libc becomes a program. */
export const FREESTANDING = ['-nostdlib', '-static', '-ffreestanding', '-fno-stack-protector', '-fcf-protection=none'] as const;

const versions = new Map<string, string>();
function compilerVersion(compiler: string): string {
  let version = versions.get(compiler);
  if (version === undefined) {
    version = execFileSync(compiler, ['--version'], { encoding: 'utf8' });
    versions.set(compiler, version);
  }
  return version;
}

/**
 * Compiles and links `sources` into one program and gives its path. Kept under node_modules/.cache, keyed by the
 * text of the sources, the flags and the compiler's version. Throws `Error` with the compiler's words if it fails.
 */
export function compile(sources: readonly string[], options: CompileOptions = {}): string {
  const { compiler = 'gcc', flags = ['-O2'], libraries = [] } = options;
  const hash = createHash('sha256').update(JSON.stringify([compilerVersion(compiler), flags, ...libraries]));
  for (const source of sources) hash.update('\0').update(readFileSync(source));
  const name = `${sources[0]!.replace(/^.*\//, '').replace(/\.[^.]*$/, '')}-${hash.digest('hex').slice(0, 16)}`;
  const path = join(CACHE, name);
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  // Renamed into place, so that test files that run at the same time never see half a program.
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    execFileSync(compiler, [...flags, '-o', temporary, ...sources, ...libraries], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new Error(`${compiler} failed on ${sources.join(' ')}\n${(cause as { stderr?: string }).stderr ?? ''}`, { cause });
  }
  renameSync(temporary, path);
  return path;
}
