import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CLI, ENGINES, ENVIRONMENT, hasProgram } from '../support/programs.ts';
import { writeFixtureTree } from './fixture-tree.ts';

/** A program and its arguments, or those and what it reads from stdin. */
export type Command = readonly string[] | { readonly argv: readonly string[]; readonly input: string | Uint8Array };

/** One test: its commands run in order in one directory of fixtures. */
export interface Row {
  readonly name: string;
  readonly commands: readonly Command[];
  /** The lines come in the order of the directory, which is the disk's natively and sorted in ours: compare them sorted. */
  readonly unordered?: true;
}

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const PROGRAM_TIMEOUT = 280_000;

/** Runs a program to its end. Bytes are kept as latin1, so that no two outputs look the same by decoding. */
export function runProgram(argv: readonly string[], options: { cwd?: string; input?: string | Uint8Array; env?: Record<string, string> } = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), { cwd: options.cwd, env: options.env ?? ENVIRONMENT, timeout: PROGRAM_TIMEOUT, killSignal: 'SIGKILL', stdio: 'pipe' });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    // A program may end before it has read all.
    child.stdin.on('error', () => {}).end(options.input ?? '');
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const status = code ?? (signal === null ? null : 128 + SIGNALS[signal]!);
      resolve({ status, stdout: Buffer.concat(out).toString('latin1'), stderr: Buffer.concat(err).toString('latin1') });
    });
  });
}

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGILL: 4, SIGTRAP: 5, SIGABRT: 6, SIGBUS: 7, SIGFPE: 8, SIGKILL: 9, SIGUSR1: 10, SIGSEGV: 11, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15 };

/** Every path under `directory` with type, mode, link count, size, contents and, if `started` (ms) is later, the time of the last write. */
export function snapshot(directory: string, started: number): Record<string, string> {
  const seen: Record<string, string> = {};
  const visit = (path: string): void => {
    const full = join(directory, path);
    const stat = lstatSync(full);
    const mtime = stat.mtimeMs < started ? `${stat.mtimeMs}` : 'now';
    const contents = stat.isSymbolicLink() ? readlinkSync(full) : stat.isFile() ? createHash('sha256').update(readFileSync(full)).digest('hex') : '';
    seen[path] = `${stat.mode.toString(8)} ${stat.nlink} ${stat.isDirectory() ? '' : stat.size} ${stat.uid}:${stat.gid} ${mtime} ${contents}`;
    if (stat.isDirectory()) for (const name of readdirSync(full).toSorted()) visit(join(path, name));
  };
  visit('.');
  return seen;
}

/** What runs a command: arguments in front of it, and the environment of that. */
interface Runner {
  readonly prefix: readonly string[];
  readonly env: Record<string, string>;
}
const NATIVE: Runner = { prefix: [], env: ENVIRONMENT };

/** Where byte code of the command line is kept. */
const scratch = mkdtempSync(join(tmpdir(), 'tally86-e2e-cache-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs under an engine. What a program translates is there when its row runs it again, as it is for users: its first run finds nothing. */
function underEngine(engine: string): Runner {
  const translations = mkdtempSync(join(scratch, 'jit-'));
  return { prefix: [process.execPath, CLI, 'run', '--engine', engine, '--jit-cache', translations, '-U', 'XDG_CACHE_HOME'], env: { ...ENVIRONMENT, XDG_CACHE_HOME: scratch } };
}

/** Runs the commands in a fresh directory of fixtures. */
async function outcomes({ prefix, env }: Runner, { commands, unordered }: Row): Promise<{ outcomes: Outcome[]; files: Record<string, string> }> {
  const parent = mkdtempSync(join(tmpdir(), 'tally86-e2e-'));
  try {
    const cwd = join(parent, 'w');
    mkdirSync(cwd);
    writeFixtureTree(cwd);
    const started = Date.now() - 2000;
    const all: Outcome[] = [];
    for (const command of commands) {
      const { argv, input = '' } = 'argv' in command ? command : { argv: command };
      const { status, stdout, stderr } = await runProgram([...prefix, ...argv], { cwd, input, env });
      const plain = (text: string): string => (unordered ? text.split('\n').toSorted().join('\n') : text).replaceAll(parent, '<parent>');
      all.push({ status, stdout: plain(stdout), stderr: plain(stderr) });
    }
    return { outcomes: all, files: snapshot(cwd, started) };
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

/** A test for each row: output, exit status and files written of every command equal the native run, under each engine. */
export function testRows(rows: readonly Row[]): void {
  for (const row of rows) {
    const programs = row.commands.map((command) => ('argv' in command ? command.argv : command)[0]!);
    it.skipIf(!programs.every(hasProgram))(row.name, async () => {
      const native = await outcomes(NATIVE, row);
      for (const engine of ENGINES) expect({ engine, ...await outcomes(underEngine(engine), row) }).toEqual({ engine, ...native });
    });
  }
}
