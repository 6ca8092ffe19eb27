import { interpreter } from '@tally86/interpreter';
import { describe, expect, it } from 'vitest';
import { hasOracle } from '../oracles.ts';
import { createEngineExecute } from './adapters/engine.ts';
import { runCampaign } from './campaign.ts';
import { describeAllowed, describeFailure } from './describe.ts';
import { MODEL } from './model.ts';

const ROWS = [['all', 15_000, 2], ['inexact', 2_000, 2]] as const;

describe.skipIf(!hasOracle('native', 'gcc'))('interpreter against the CPU, a short run', () => {
  it.each(ROWS)('%s: %i instances, seed %i', async (family, count, seed) => {
    const report = await runCampaign({ families: [family], count, seed, execute: createEngineExecute(interpreter, MODEL) });
    // what the manual leaves to the CPU fails nowhere, but is told
    const allowed = describeAllowed(report.allowed);
    if (allowed !== '') console.info(`${family}, left to the CPU and different here (cases):\n${allowed}`);
    expect(report.failures.map(({ test, differences }) => describeFailure(test, differences)).join('\n\n')).toBe('');
    expect(report).toMatchObject({ cases: count, failed: 0, lost: 0 });
  });
});
