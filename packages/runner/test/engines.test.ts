import { describe, expect, it } from 'vitest';
import { prebuilt } from './bad-programs/damage.ts';
import { compareEngines } from './support/engines.ts';
import { cpuOf, GUESTS } from './support/guests.ts';

/** Kernels of benchmarks run long: they are cut here, in the middle of something. */
const MOST = 600_011;

describe('the guest never sees which engine runs it', () => {
  it('knows the guests', () => expect(GUESTS).toEqual(expect.arrayContaining(['hello', 'smc', 'bench/fib'])));
  it.each(GUESTS)('%s', { timeout: 60_000 }, async (name) => {
    const { total } = await compareEngines(prebuilt(name), [], { root: 'sandbox', maxInstructions: MOST, cpu: cpuOf(name) });
    expect(total).toBeLessThanOrEqual(MOST);
  });
});
