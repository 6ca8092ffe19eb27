import { describe, expect, it } from 'vitest';
import { hasOracle } from '../../../../tools/oracle/src/oracles.ts';
import { compareWithKernel, PATIENT_NAMES } from './elf-kernel.ts';

describe.skipIf(!hasOracle('native', 'gcc'))('every damage of a header, as the kernel of this machine takes it', () => {
  it.each(PATIENT_NAMES)('%s', async (name) => {
    const { compared, different } = await compareWithKernel(name);
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(1000);
  });
});
