import { expect, it } from 'vitest';
import { findInSet, JUMP_CACHE_BYTES, JUMP_ENTRY, jumpSet, makeRoom } from './jump-cache.ts';

it('keeps the four latest of a set, the latest first', () => {
  const words = new Int32Array(2 * 16).fill(-1);
  for (let i = 1; i <= 5; i++) {
    makeRoom(words, 16);
    words.set([i, 7, 10 * i, 0], 16);
  }
  expect([5, 4, 3, 2, 1].map((lo) => findInSet(words, 16, lo, 7))).toEqual([16, 20, 24, 28, -1]);
  expect(findInSet(words, 16, 5, 8)).toBe(-1);
  expect([...words.subarray(0, 16)], 'the set beside it').toEqual(Array(16).fill(-1));
});

it('spreads addresses of code over all sets', () => {
  const sets = new Map<number, number>();
  const SIZE = 4 * JUMP_ENTRY;
  for (let i = 0; i < 20_000; i++) {
    const set = jumpSet(0x40_0000 + 37 * i | 0);
    expect(set % SIZE).toBe(0);
    expect(set).toBeLessThan(JUMP_CACHE_BYTES);
    sets.set(set, (sets.get(set) ?? 0) + 1);
  }
  expect([...sets.values()].filter((n) => n > 4).reduce((sum, n) => sum + n - 4, 0), 'addresses without room').toBeLessThan(200);
});
