import { describe, expect, it } from 'vitest';
import { hasOracle } from '../../../../tools/oracle/src/oracles.ts';
import { compareWithKernel, PATIENT_NAMES } from './elf-kernel.ts';

/** What the kernel runs, we run to the same end; what it refuses or kills, we do. */
describe.skipIf(!hasOracle('native', 'gcc'))('damaged headers, as the kernel of this machine takes them', () => {
  it.each(PATIENT_NAMES)('%s', async (name) => {
    const { compared, ran, different } = await compareWithKernel(name, 11);
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(90);
    expect(ran).toBeGreaterThan(20);
  });
});
