import { expect, it } from 'vitest';
import { ENGINES, heldAfter } from './support/forks.ts';

it.each(ENGINES)('100,000 children leave as much as 100 did: %s', async (engine) => {
  expect(await heldAfter(100_000, engine)).toEqual(await heldAfter(100, engine));
});
