import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A program to measure: the same binary with the same arguments under each runner. */
export interface Program {
  readonly name: string;
  readonly class: 'integer' | 'float' | 'real' | 'start';
  readonly file: string;
  readonly args: readonly string[];
}

const kernels = fileURLToPath(new URL('../../guests/prebuilt/bench/', import.meta.url));
const guests = fileURLToPath(new URL('../../guests/prebuilt/', import.meta.url));

const kernel = (name: string, klass: 'integer' | 'float', ...args: string[]): Program => ({ name, class: klass, file: kernels + name, args });
const real = (name: string, file: string, ...args: string[]): Program => ({ name, class: 'real', file, args });
const start = (name: string, file: string, ...args: string[]): Program => ({ name, class: 'start', file, args });

/** Kernels come with the repository; real programs are Debian's and left out where they are not installed. Work is sized for an interpreter. */
export const PROGRAMS: readonly Program[] = [
  kernel('sha256', 'integer', '20000'),
  kernel('collatz', 'integer', '200000'),
  kernel('qsort', 'integer', '100000'),
  kernel('sieve', 'integer', '2000000'),
  kernel('memcopy', 'integer', '1000'),
  kernel('switchvm', 'integer', '50'),
  kernel('fib', 'integer', '30'),
  kernel('hash', 'integer', '300000'),
  kernel('chase', 'integer', '1000000'),
  kernel('matmul', 'float', '3'),
  kernel('nbody', 'float', '30000'),
  kernel('mandelbrot', 'float', '100'),
  kernel('simd', 'float', '1000'),
  real('lua', '/usr/bin/lua5.4', '-e', 'local t = {} for i = 1, 200000 do t[i % 1000] = (t[i % 1000] or 0) + i end print(t[7])'),
  real('python3', '/usr/bin/python3', '-S', '-c', 'print(sum(i * i % 7 for i in range(100000)))'),
  real('perl', '/usr/bin/perl', '-e', 'my %h; $h{$_ % 997} += $_ for 1..100000; print $h{5}, "\\n"'),
  real('sqlite3', '/usr/bin/sqlite3', ':memory:', 'with recursive c(x) as (values(1) union all select x + 1 from c where x < 50000) select sum(x * x % 11) from c;'),
  real('sha256sum', '/usr/bin/sha256sum', '/usr/bin/python3'),
  start('hello, static', guests + 'hello'),
  start('/bin/true', '/bin/true'),
];

export function present(program: Program): boolean {
  return existsSync(program.file);
}
