import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Why this machine cannot tell what its kernel does, or undefined. */
export function missingKernel(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'needs Linux on x86-64';
  return spawnSync('gcc', ['--version']).status === 0 ? undefined : 'needs gcc';
}

export interface KernelArea {
  readonly start: number;
  readonly end: number;
  readonly prot: number;
  readonly offset: number;
  readonly name: string;
}

export interface KernelCall {
  readonly op: string;
  readonly args: readonly number[];
  /** What the call returned; null: failed. */
  readonly result: number | null;
}

export interface KernelRun {
  readonly before: KernelArea[];
  readonly calls: KernelCall[];
  readonly after: KernelArea[];
}

export function compileKernelProgram(): string {
  const binary = join(mkdtempSync(join(tmpdir(), 'tally86-mmap-')), 'kernel');
  execFileSync('gcc', ['-O1', '-Wall', '-static', '-o', binary, fileURLToPath(new URL('./kernel.c', import.meta.url))]);
  return binary;
}

/** Runs random calls on the real kernel. */
export function runKernelProgram(binary: string, seed: number, steps: number): KernelRun {
  const lines = execFileSync(binary, [String(seed), String(steps)], { encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n');
  const maps: KernelArea[][] = [];
  const calls: KernelCall[] = [];
  let reading = false;
  for (const line of lines) {
    const words = line.trim().split(/\s+/);
    if (words[0] === 'maps') reading = maps.push([]) > 0;
    else if (words[0] === 'end') reading = false;
    else if (reading) maps.at(-1)!.push(parseArea(words));
    else if (words.length > 1) {
      const last = words.at(-1)!;
      calls.push({ op: words[0]!, args: words.slice(1, -1).map((word) => parseInt(word, 16)), result: last.startsWith('-') ? null : parseInt(last, 16) });
    }
  }
  const [before, after] = maps.map((areas) => areas.filter(({ name }) => name !== '[vsyscall]'));
  return { before: before!, calls, after: after! };
}

function parseArea(words: readonly string[]): KernelArea {
  const [range, rights, offset, , , name = ''] = words;
  const [start, end] = range!.split('-').map((word) => parseInt(word, 16));
  const prot = ['r', 'w', 'x'].reduce((bits, letter, i) => (rights!.includes(letter) ? bits | (1 << i) : bits), 0);
  return { start: start!, end: end!, prot, offset: parseInt(offset!, 16), name };
}
