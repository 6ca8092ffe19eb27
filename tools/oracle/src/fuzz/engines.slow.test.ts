import { describe, expect, it } from 'vitest';
import { hasOracle } from '../oracles.ts';
import { runCampaign } from './campaign.ts';
import { describeAllowed, describeFailure } from './describe.ts';
import { SUBJECTS } from './engines.ts';

const ROWS = [
  ['interpreter', 'all', 200_000, 1], ['interpreter', 'inexact', 5_000, 1],
  ['interpreter', 'v3', 300_000, 5], ['micro', 'v3', 300_000, 6], ['jit', 'v3', 300_000, 7], ['learning', 'v3', 300_000, 8],
  ['jit', 'all', 200_000, 4], ['jit', 'inexact', 5_000, 4],
] as const;

describe.skipIf(!hasOracle('native', 'gcc'))('engines against the CPU', () => {
  it.each(ROWS)('%s, %s: %i instances, seed %i', async (engine, family, count, seed) => {
    const execute = SUBJECTS[engine]();
    const report = await runCampaign({ families: [family], count, seed, execute });
    // what the manual leaves to the CPU fails nowhere, but is told
    const allowed = describeAllowed(report.allowed);
    if (allowed !== '') console.info(`${family}, left to the CPU and different here (cases):\n${allowed}`);
    expect(report.failures.map(({ test, differences }) => describeFailure(test, differences)).join('\n\n')).toBe('');
    expect(report).toMatchObject({ cases: count, failed: 0, lost: 0 });
    // most instructions do not come to their end in the interpreter
    if (engine === 'jit' || engine === 'learning') expect(execute.stats().retiredHere).toBeGreaterThan(count);
  });
});
