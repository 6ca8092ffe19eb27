import { spawn } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface RunOptions {
  /** The whole environment; default: LC_ALL=C, PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array | string;
  /** Files in the working directory before the run, by relative path. */
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  /** A directory to run in as it is; default: a fresh one with `files`, the same path for all runs that are compared. */
  readonly cwd?: string;
  /** Milliseconds until it is killed, default 60,000. */
  readonly timeout?: number;
}

export interface RunResult {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Exit status as a shell tells it: 128 + N after death by signal N. */
  readonly status: number;
  readonly timedOut: boolean;
  /** The working directory afterwards: mode, and contents or link target, by relative path; empty with `cwd`. */
  readonly files: ReadonlyMap<string, string>;
}

async function snapshot(directory: string, prefix = '', into = new Map<string, string>()): Promise<Map<string, string>> {
  for (const name of (await readdir(join(directory, prefix))).sort()) {
    const path = prefix === '' ? name : `${prefix}/${name}`;
    const full = join(directory, path);
    const stat = await lstat(full);
    const mode = (stat.mode & 0o7777).toString(8);
    if (stat.isDirectory()) {
      into.set(`${path}/`, mode);
      await snapshot(directory, path, into);
    } else if (stat.isSymbolicLink()) into.set(path, `-> ${await readlink(full)}`);
    else if (stat.isFile()) into.set(path, `${mode} ${(await readFile(full)).toString('latin1')}`);
    else into.set(path, `${mode} special`);
  }
  return into;
}

async function start(line: readonly string[], cwd: string, options: RunOptions): Promise<Omit<RunResult, 'files'>> {
  const env = options.env ?? { LC_ALL: 'C', PATH: '/usr/bin:/bin', HOME: cwd };
  const child = spawn(line[0]!, line.slice(1), { cwd, env: { ...env }, stdio: 'pipe' });
  const out: Uint8Array[] = [];
  const err: Uint8Array[] = [];
  child.stdout.on('data', (chunk: Uint8Array) => out.push(chunk));
  child.stderr.on('data', (chunk: Uint8Array) => err.push(chunk));
  child.stdin.on('error', () => {}); // it need not read everything
  child.stdin.end(options.stdin ?? '');
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, options.timeout ?? 60_000);
  const status = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
  clearTimeout(timer);
  return { stdout: Buffer.concat(out), stderr: Buffer.concat(err), status, timedOut };
}

/**
 * Runs one program once under each command, one after the other in the same directory: `{ native: [], qemu: ['qemu-x86_64'], ours: ['node', CLI, 'run'] }`.
 * Throws `Error` if a command cannot be started.
 */
export async function runUnder<K extends string>(commands: Readonly<Record<K, readonly string[]>>, program: string, args: readonly string[] = [],
  options: RunOptions = {}): Promise<Record<K, RunResult>> {
  const space = await mkdtemp(join(tmpdir(), 'tally86-run-'));
  const directory = join(space, 'work');
  const results = {} as Record<K, RunResult>;
  try {
    for (const [name, command] of Object.entries(commands) as [K, readonly string[]][]) {
      await rm(directory, { recursive: true, force: true });
      await mkdir(directory);
      for (const [path, contents] of Object.entries(options.files ?? {})) {
        await mkdir(dirname(join(directory, path)), { recursive: true });
        await writeFile(join(directory, path), contents);
      }
      const result = await start([...command, program, ...args], options.cwd ?? directory, options);
      results[name] = { ...result, files: options.cwd === undefined ? await snapshot(directory) : new Map() };
    }
    return results;
  } finally {
    await rm(space, { recursive: true, force: true });
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const firstLineThatDiffers = (a: string, b: string): string => {
  const x = a.split('\n'), y = b.split('\n');
  const i = x.findIndex((line, k) => line !== y[k]);
  const at = i < 0 ? x.length : i;
  return `line ${at + 1}: ${JSON.stringify(x[at] ?? null)} against ${JSON.stringify(y[at] ?? null)}`;
};

/** What differs between two runs, in lines; empty if nothing does. */
export function compareRuns(expected: RunResult, actual: RunResult): string[] {
  const lines: string[] = [];
  if (expected.status !== actual.status) lines.push(`status: ${expected.status} against ${actual.status}`);
  if (expected.timedOut !== actual.timedOut) lines.push(`timed out: ${expected.timedOut} against ${actual.timedOut}`);
  for (const stream of ['stdout', 'stderr'] as const) {
    const a = text(expected[stream]), b = text(actual[stream]);
    if (a !== b) lines.push(`${stream}: ${firstLineThatDiffers(a, b)}`);
  }
  for (const path of new Set([...expected.files.keys(), ...actual.files.keys()])) {
    const a = expected.files.get(path), b = actual.files.get(path);
    if (a === b) continue;
    lines.push(a === undefined ? `file ${path}: should not be there` : b === undefined ? `file ${path}: is missing` : `file ${path}: ${firstLineThatDiffers(a, b)}`);
  }
  return lines;
}
