import { describe, expect, it } from 'vitest';
import { FunctionStarts } from './functions.ts';

describe('starts of functions', () => {
  const starts = new FunctionStarts();
  for (const a of [0x401000, 0x401800, 0x401010, 0x401800, 0x403000, 0x555555554000]) starts.add(a);
  it.each([
    ['itself', 0x401800, 0x401800],
    ['the one in front', 0x401801, 0x401800],
    ['the first', 0x40100f, 0x401000],
    ['on a page without one', 0x402fff, 0x401800],
    ['the next page', 0x403001, 0x403000],
    ['in front of all', 0x400fff, -1],
    ['too far behind', 0x403000 + 4 * 4096, -1],
    ['above 4 GiB', 0x555555554abc, 0x555555554000],
  ])('%s', (_, address, start) => expect(starts.around(address)).toBe(start));
  it('are forgotten', () => {
    starts.clear();
    expect(starts.around(0x401800)).toBe(-1);
  });
});
