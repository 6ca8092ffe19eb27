import { describe, expect, it } from 'vitest';
import { CAGES, wildCampaign } from './wild-campaign.ts';

describe.each(CAGES)('random system calls in %s', (_, cage) => {
  it.each([100, 200, 300])('seeds from %d', async (first) => {
    const { calls } = await wildCampaign(cage, Array.from({ length: 100 }, (_seed, i) => BigInt(first + i)), 2000);
    expect(calls).toBeGreaterThan(10_000);
  });
});
