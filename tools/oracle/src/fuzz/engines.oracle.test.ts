import { describe, expect, it } from 'vitest';
import { hasOracle } from '../oracles.ts';
import { runCampaign } from './campaign.ts';
import { describeAllowed, describeFailure } from './describe.ts';
import { SUBJECTS } from './engines.ts';

const ROWS = [['interpreter', 'all', 15_000, 2], ['interpreter', 'inexact', 2_000, 2], ['interpreter', 'v3', 15_000, 5], ['micro', 'v3', 15_000, 6], ['jit', 'v3', 15_000, 7], ['learning', 'v3', 15_000, 8], ['jit', 'all', 15_000, 3], ['jit', 'inexact', 1_000, 3]] as const;

describe.skipIf(!hasOracle('native', 'gcc'))('engines against the CPU, a short run', () => {
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
