import { beforeAll, describe, expect, test } from 'vitest';
import { compileKernelProgram, missingKernel, runKernelProgram } from '../test/kernel.ts';
import { replay } from '../test/replay.ts';
import { createVmaSet, linuxTopDown } from './index.ts';

// Without gcc these are skipped by name, but under CI they fail.
const missing = missingKernel();
const skip = missing !== undefined && process.env.CI !== 'true';

describe.skipIf(skip)(`linux-top-down against the kernel of this machine${missing === undefined ? '' : ` (${missing})`}`, () => {
  let binary = '';
  beforeAll(() => {
    binary = compileKernelProgram();
  });

  test.each(Array.from({ length: 20 }, (_, i) => i + 1))('every address and the maps at the end, seed %d', (seed) => {
    const { before, calls, after } = runKernelProgram(binary, seed, 1500);
    expect(calls.length).toBeGreaterThan(1400);
    const set = createVmaSet();
    const call = replay(set, linuxTopDown(), before, binary);
    for (const [index, step] of calls.entries()) {
      const result = call(step);
      if (result !== step.result) expect({ index, ...step, ours: result }).toEqual({ index, ...step, ours: step.result });
    }
    const ours = [...set.range(0, Infinity)].map(({ start, end, prot, offset, name }) => ({ start, end, prot, offset: name.startsWith('/') ? offset : 0, name }));
    expect(ours).toEqual(after);
  });
});
