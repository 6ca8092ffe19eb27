import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytesSource, parseElf } from '@tally86/elf';
import type { ClassName } from './classes.ts';
import { cSource, prose } from './inputs.ts';

/** A program to measure: the same binary with the same arguments under each runner. */
export interface Program {
  readonly name: string;
  readonly class: ClassName;
  readonly file: string;
  readonly args: readonly string[];
  /** Variables on top of the environment that `tally86 count` gives. */
  readonly env?: Readonly<Record<string, string>>;
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const kernel = (name: string): string => path(`../../guests/prebuilt/bench/${name}`);
const script = (name: string): string => path(`../programs/${name}`);

/** Kernels, with the argument by which QEMU takes 2 to 3 seconds, and a tenth of the work. They come with the repository. */
const KERNELS: readonly (readonly [name: string, klass: 'integer' | 'float', full: number, quick: number])[] = [
  ['sha256', 'integer', 390_000, 39_000],
  ['collatz', 'integer', 6_200_000, 650_000],
  ['qsort', 'integer', 27, 3],
  ['sieve', 'integer', 44, 4],
  ['memcopy', 'integer', 45_000, 4500],
  ['switchvm', 'integer', 2100, 210],
  ['fib', 'integer', 40, 35],
  ['hash', 'integer', 14_000_000, 1_400_000],
  ['chase', 'integer', 15_500_000, 1_550_000],
  ['matmul', 'float', 28, 3],
  ['nbody', 'float', 1_250_000, 125_000],
  ['axpy', 'float', 28_000, 2800],
  ['mandelbrot', 'float', 940, 300],
  ['simd', 'float', 46_000, 4600],
];

/** Size of the generated inputs: QEMU takes 6 to 8 seconds on the full ones. */
const SIZES = {
  lua: [270_000, 27_000],
  python3: [400_000, 40_000],
  perl: [300_000, 30_000],
  sqlite3: [150_000, 15_000],
  sh: [120_000, 12_000],
  xz: [5 << 20, 500 << 10],
  gzip: [80 << 20, 8 << 20],
  /** The same 10 MiB so many times. */
  openssl: [20, 2],
  cc1: [90, 9],
} as const;

/** The start-up that no dynamic loader takes part in. */
const STATIC = 'true, static';

/** Where gcc keeps the compiler proper; cc1 itself needs no fork. */
function cc1(): string {
  const { stdout, status } = spawnSync('gcc', ['-print-prog-name=cc1'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : 'cc1';
}

/** Debian has two packages of busybox, and only one of them starts without a dynamic loader. */
export const isStatic = (file: string): boolean => parseElf(bytesSource(readFileSync(file))).interpreter === null;

/**
 * The programs that this machine has; `quick` makes about a tenth of the work. Inputs are written to `directory` by `prepare`.
 * Real programs are Debian's and left out where they are not installed (the static one where busybox is not static); none forks.
 */
export function programs(directory: string, quick: boolean): readonly (Program & { readonly prepare?: () => void })[] {
  const pick = (sizes: readonly [number, number]): number => sizes[quick ? 1 : 0];
  const input = (name: string): string => join(directory, name);
  const write = (name: string, contents: () => string | Uint8Array) => (): void => writeFileSync(input(name), contents());
  const all: (Program & { readonly prepare?: () => void })[] = [
    ...KERNELS.map(([name, klass, full, small]): Program => ({ name, class: klass, file: kernel(name), args: [String(quick ? small : full)] })),
    { name: 'lua', class: 'real', file: '/usr/bin/lua5.4', args: [script('work.lua'), String(pick(SIZES.lua))] },
    { name: 'python3', class: 'real', file: '/usr/bin/python3', args: ['-S', script('work.py'), String(pick(SIZES.python3))], env: { PYTHONHASHSEED: '0' } },
    { name: 'perl', class: 'real', file: '/usr/bin/perl', args: [script('work.pl'), String(pick(SIZES.perl))], env: { PERL_HASH_SEED: '0' } },
    { name: 'sqlite3', class: 'real', file: '/usr/bin/sqlite3', args: [':memory:', `create table size as select ${pick(SIZES.sqlite3)} as n`, `.read ${script('work.sql')}`] },
    { name: 'xz -9', class: 'real', file: '/usr/bin/xz', args: ['-9', '-T1', '-c', input('xz.txt')], prepare: write('xz.txt', () => prose(pick(SIZES.xz))) },
    { name: 'gzip', class: 'real', file: '/usr/bin/gzip', args: ['-n', '-c', input('gzip.txt')], prepare: write('gzip.txt', () => prose(pick(SIZES.gzip))) },
    { name: 'openssl', class: 'real', file: '/usr/bin/openssl', args: ['dgst', '-sha256', ...Array.from({ length: pick(SIZES.openssl) }, () => input('openssl.txt'))], prepare: write('openssl.txt', () => prose(10 << 20)) },
    { name: 'busybox sh', class: 'real', file: '/bin/busybox', args: ['sh', script('work.sh'), String(pick(SIZES.sh))] },
    { name: 'cc1', class: 'real', file: cc1(), args: ['-quiet', '-O1', input('large.c'), '-o', '-'], prepare: write('large.c', () => cSource(pick(SIZES.cc1))) },
    { name: STATIC, class: 'start', file: '/bin/busybox', args: ['true'] },
    { name: 'true, dynamic', class: 'start', file: '/bin/true', args: [] },
    { name: 'python3 -c pass', class: 'start', file: '/usr/bin/python3', args: ['-c', 'pass'], env: { PYTHONHASHSEED: '0' } },
  ];
  return all.filter(({ name, file }) => existsSync(file) && (name !== STATIC || isStatic(file)));
}
