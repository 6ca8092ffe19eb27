import { describe, expect, it } from 'vitest';
import { parsePeak, parseTimes, parseWhole } from './parse.ts';

describe('parseTimes', () => {
  it.each([
    ["bash: the children's line, user and system", '4711\n0m0.001s 0m0.002s\n0m1.250s 0m0.125s\n', 1.375],
    ['dash has more digits', '4711\n0m0.000000s 0m0.000000s\n2m3.500000s 0m0.250000s\n', 123.75],
    ['no time at all', '4711\n0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n', 0],
  ])('%s', (_, text, seconds) => expect(parseTimes(text)).toBeCloseTo(seconds, 9));
  it.each([['a shell that was killed', '4711\n'], ['half of it', '0m0.001s 0m0.002s\n']])('throws on %s', (_, text) => expect(() => parseTimes(text)).toThrow("times are missing"));
});

describe('parsePeak', () => {
  it.each([
    ['kB are 1024 bytes', 'Name:\tnode\nVmPeak:\t  999 kB\nVmHWM:\t   51200 kB\nVmRSS:\t   1024 kB\n', 51200 * 1024],
    ['a zombie has no memory', 'Name:\tnode\nState:\tZ (zombie)\n', 0],
  ])('%s', (_, text, bytes) => expect(parsePeak(text)).toBe(bytes));
});

describe('parseWhole', () => {
  it.each([['1', 1, 1], ['300', 1, 300]] as const)('%s', (text, least, n) => expect(parseWhole(text, least)).toBe(n));
  it.each(['0', '1.5', '-2', 'many', ''])('refuses %j', (text) => expect(() => parseWhole(text, 1)).toThrow('a whole number, 1 or more'));
});
