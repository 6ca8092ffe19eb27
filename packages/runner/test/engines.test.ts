import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { prebuilt } from './bad-programs/damage.ts';
import { compareEngines } from './support/engines.ts';

const PREBUILT = fileURLToPath(new URL('../../../tools/guests/prebuilt', import.meta.url));
/** All but the one that asks for a loader which does not exist. */
const GUESTS = readdirSync(PREBUILT, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => `${parentPath.slice(PREBUILT.length + 1)}/${name}`.replace(/^\//, '')).filter((name) => name !== 'dynamic');
/** Kernels of benchmarks run long: they are cut here, in the middle of something. */
const MOST = 600_011;

describe('the guest never sees which engine runs it', () => {
  it('knows the guests', () => expect(GUESTS).toEqual(expect.arrayContaining(['hello', 'smc', 'bench/fib'])));
  it.each(GUESTS)('%s', async (name) => {
    const { total } = await compareEngines(prebuilt(name), [], { root: 'sandbox', maxInstructions: MOST });
    expect(total).toBeLessThanOrEqual(MOST);
  });
});
