import { describe, expect, it } from 'vitest';
import { exampleRow as row } from './example.ts';
import type { Row } from './row.ts';
import { verdicts } from './verdict.ts';

/** What is said of the only goal that begins so. */
function said(rows: readonly Row[], goal: string): string {
  const found = verdicts({ rows }).filter((v) => v.goal.startsWith(goal));
  expect(found).toHaveLength(1);
  return `${found[0]!.measured}: ${found[0]!.text}`;
}

const MEAN = 'integer kernels, geometric mean';
const SLOWEST = 'integer kernels, the slowest';
const integer = (...ratios: (number | 'cut off')[]): Row[] => ratios.map((r, i) => row(`k${i}`, 'integer', { qemu: 1, tally86: r }));

describe('verdicts on ratios', () => {
  it.each([
    ['at the floor', [0.85], MEAN, '0.85: holds'],
    ['at the aim', [0.25, 1], MEAN, '0.50: holds, and the aim'],
    ['over the floor', [1.02], MEAN, '1.02: misses by 20 %'],
    ['far over the floor', [17], MEAN, '17.00: misses: 20.0 times the floor'],
    ['no program over the limit', [1.3, 0.1], SLOWEST, '1.30: holds'],
    ['some over the limit, worst first', [1.4, 1.56, 0.1], SLOWEST, '1.56: misses by 20 %, by k1, k0'],
    ['many over the limit', [2, 2, 2, 2, 2], SLOWEST, '2.00: misses by 54 %, by k0, k1, k2 and 2 more'],
    ['one cut off', [0.5, 'cut off'], MEAN, '0.50: not known: k1 cut off or without QEMU'],
    ['one cut off, the others within the limit', [0.5, 'cut off'], SLOWEST, '0.50: not known: k1 cut off or without QEMU'],
    ['one cut off, another over the limit', [1.56, 'cut off'], SLOWEST, '1.56: misses by 20 %, by k0'],
    ['all cut off', ['cut off'], MEAN, '–: not known: k0 cut off or without QEMU'],
  ] as const)('%s', (_, ratios, goal, text) => expect(said(integer(...ratios), goal)).toBe(text));

  it('without QEMU nothing is known', () => expect(said([row('k', 'real', { tally86: 1 })], 'real programs, geometric mean')).toBe('–: not known: k cut off or without QEMU'));
  it('float kernels have no limit of their own each', () => expect(verdicts({ rows: [row('k', 'float', { qemu: 1, tally86: 0.2 })] }).map((v) => v.text)).toEqual(['holds']));
  it('a time of QEMU too short to measure counts as a hundredth of a second', () => expect(said([row('k', 'integer', { qemu: 0, tally86: 0.005 })], MEAN)).toBe('0.50: holds, and the aim'));
});

describe('verdicts on start-up', () => {
  it.each([
    ['true, static', 0.05, '100 ms: holds, and the aim'],
    ['true, dynamic', 0.125, '250 ms: holds'],
    ['python3 -c pass', 0.75, '1500 ms: misses by 25 %'],
  ])('%s', (name, cpu, text) => expect(said([row(name, 'start', { qemu: 1, tally86: cpu })], 'start-up')).toBe(text));
});

describe('verdicts on memory', () => {
  it.each([
    ['within', { touched: 10, host: 160 }, '150 MiB: holds'],
    ['over', { touched: 10, host: 190 }, '180 MiB: misses by 20 %'],
    ['not seen', { touched: 10, host: 0 }, '–: not known: python3 cut off or without QEMU'],
  ])('%s', (_, memory, text) => expect(said([row('python3', 'real', { qemu: 1, tally86: 1 }, memory)], 'host memory')).toBe(text));
});
