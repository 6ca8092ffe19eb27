import { describe, expect, it } from 'vitest';
import { CAGES, wildCampaign } from './wild-campaign.ts';

describe('a program that makes random system calls ends, and leaves the host alone', () => {
  it.each(CAGES)('in %s', async (_, cage) => {
    const { ends, calls } = await wildCampaign(cage, [1n, 2n, 3n, 4n, 5n, 6n], 600);
    expect(calls).toBeGreaterThan(300);
    // a deadlock is a sleep that nothing can end: told as such, not slept
    expect(Object.keys(ends).filter((kind) => !['exit', 'signal', 'budget', 'deadlock'].includes(kind))).toEqual([]);
  });

  it('also where each of them makes tasks, which go on with the same calls', async () => {
    const { ends, calls } = await wildCampaign(CAGES[0]![1], [1n, 2n, 3n, 4n], 600, true);
    expect(calls).toBeGreaterThan(300);
    expect(Object.keys(ends).filter((kind) => !['exit', 'signal', 'budget', 'deadlock'].includes(kind))).toEqual([]);
  });

  it('and would be seen if it did not: the same calls with a mount that may be written', async () => {
    await expect(wildCampaign((canary) => ({ root: 'sandbox', uid: process.getuid?.() ?? 1000, mounts: [{ source: canary, target: canary }], cwd: canary }), [1n, 2n, 3n, 4n, 5n, 6n], 600)).rejects.toThrow(/^seed \d: .*to be /);
  });
});
