import { expect, test } from 'vitest';
import { timePairs } from '../test/load.ts';
import { placementStrategies } from './index.ts';

test.each(Object.keys(placementStrategies))('%s: 10^5 mappings cost a few times as much as 10^3, not a hundred times', (name) => {
  timePairs(name, 1000, 3000);
  const small = timePairs(name, 1000, 4000);
  const large = timePairs(name, 100_000, 4000);
  // log2 grows by 1.7; the rest is for caches and a busy machine
  expect(large / small).toBeLessThan(20);
});
