import { describe, expect, it } from 'vitest';
import { geomean, medianBy } from './statistics.ts';

describe('geomean', () => {
  it.each([[[2, 8], 4], [[0.5, 2], 1], [[3], 3], [[1, 10, 100], 10]])('of %j is %d', (values, mean) => expect(geomean(values)).toBeCloseTo(mean, 12));
  it('of nothing is not a number', () => expect(geomean([])).toBeNaN());
});

describe('medianBy', () => {
  it.each([[[3, 1, 2], 2], [[5], 5], [[4, 1], 4], [[9, 1, 8, 2, 10], 8]])('of %j is %d', (values, median) => expect(medianBy(values, (v) => v)).toBe(median));
  it('gives the item and leaves the order alone', () => {
    const runs = [{ cpu: 3, wall: 1 }, { cpu: 1, wall: 3 }, { cpu: 2, wall: 2 }];
    expect(medianBy(runs, (r) => r.cpu)).toBe(runs[2]);
    expect(runs.map((r) => r.cpu)).toEqual([3, 1, 2]);
  });
  it('throws on nothing', () => expect(() => medianBy([], Number)).toThrow(RangeError));
});
