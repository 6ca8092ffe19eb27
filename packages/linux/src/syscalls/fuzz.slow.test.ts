import { expect, it } from 'vitest';
import { fuzzSyscalls } from '../../test/fuzz.ts';

it.each(Array.from({ length: 25 }, (_, seed) => BigInt(seed + 100)))('seed %s', (seed) => {
  expect(fuzzSyscalls(seed, 20_000).calls).toBe(20_000);
});
