import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, nativeSource } from './compile.ts';

/** How many instructions, in the two conventions that single-stepping can tell. */
export interface StepCounts {
  /** One for each stop: a `rep` string operation is max(n, 1). */
  readonly repIteration: number;
  /** Stops on an unfinished `rep` taken off, as hardware counters say. */
  readonly retired: number;
}

/** Between a start and a stop mark; bytes are those the guest moved by the read and write families. */
export interface StepWindow extends StepCounts {
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export interface StepReport {
  readonly mode: 'full' | 'windows';
  /** The whole program, null with `windowsOnly`. */
  readonly repIteration: number | null;
  readonly retired: number | null;
  readonly windows: readonly StepWindow[];
  /** Null if `maxStops` ended the run. */
  readonly exit: { readonly code: number | null; readonly signal: number | null } | null;
  readonly openWindow: boolean;
  readonly strayStops: number;
  readonly faults: number;
  readonly signals: number;
  readonly execs: number;
  readonly threads: number;
  readonly limit: boolean;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

export interface StepOptions {
  readonly cwd?: string;
  /** The whole environment of the program, in this order; empty if absent. */
  readonly env?: Readonly<Record<string, string>>;
  readonly argv0?: string;
  readonly stdin?: Uint8Array | string;
  /** Steps only between marks; the rest runs at full speed and is not counted. */
  readonly windowsOnly?: boolean;
  readonly maxStops?: number;
  /** File for one record of 18 u64 for each step: rip, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8–r15, rflags before it. */
  readonly trace?: string;
}

/** Path of the stepper, compiled if need be. */
export const stepperPath = (): string => compile([nativeSource('stepper.c')], { flags: ['-O2', '-Wall', '-Wextra'] });

/** Runs `program` under PTRACE_SINGLESTEP without ASLR. Throws `Error` if it cannot be started. Costs tens of microseconds a step. */
export async function step(program: string, args: readonly string[] = [], options: StepOptions = {}): Promise<StepReport> {
  const directory = await mkdtemp(join(tmpdir(), 'tally86-step-'));
  try {
    const report = join(directory, 'report.json');
    const command = ['-r', report];
    if (options.windowsOnly) command.push('-w');
    if (options.cwd !== undefined) command.push('-C', options.cwd);
    if (options.argv0 !== undefined) command.push('-0', options.argv0);
    if (options.maxStops !== undefined) command.push('-m', String(options.maxStops));
    if (options.trace !== undefined) command.push('-t', options.trace);
    for (const [key, value] of Object.entries(options.env ?? {})) command.push('-E', `${key}=${value}`);
    const child = spawn(stepperPath(), [...command, program, ...args], { stdio: 'pipe' });
    const out: Uint8Array[] = [];
    const err: Uint8Array[] = [];
    child.stdout.on('data', (chunk: Uint8Array) => out.push(chunk));
    child.stderr.on('data', (chunk: Uint8Array) => err.push(chunk));
    child.stdin.on('error', () => {}); // the guest need not read it all
    child.stdin.end(options.stdin ?? '');
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    const stderr = Buffer.concat(err);
    if (code !== 0) throw new Error(`stepper exited with ${code}: ${stderr.toString()}`);
    const json = JSON.parse(await readFile(report, 'utf8')) as Omit<StepReport, 'stdout' | 'stderr'>;
    return { ...json, stdout: Buffer.concat(out), stderr };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
