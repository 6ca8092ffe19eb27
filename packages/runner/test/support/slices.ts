import type { EngineFactory } from '@tally86/core';
import { expect } from 'vitest';
import { engineOf } from '../../src/names.ts';
import { prebuilt } from '../bad-programs/damage.ts';
import { emulate, type Ran } from './run.ts';

/** Freestanding guests, each of another kind of trouble for an engine that is stopped everywhere: those of few instructions, and the others. */
export const SHORT_GUESTS = ['hello', 'smc', 'faults', 'contract', 'signals', 'overflow', 'memory', 'trapflag'];
export const LONG_GUESTS = ['integer', 'string', 'float', 'x87', 'repfaults', 'atomics', 'crossing', 'jumps', 'sse42', 'threads'];

/** The engine, but that no run is longer than so many instructions. */
function sliced(engine: EngineFactory, budget: number): EngineFactory {
  return {
    name: engine.name,
    create(environment) {
      const inner = engine.create(environment);
      return { name: inner.name, run: (asked) => inner.run(Math.min(asked, budget)), invalidate: (start, end) => inner.invalidate(start, end), stats: () => inner.stats() };
    },
  };
}

const whatCounts = ({ exit, total, windows, reconciliation, stdout, stderr, stateHash }: Ran): unknown => ({ exit, total, windows, reconciliation, stdout, stderr, stateHash });

/** The guest counts, prints and leaves the same in slices of each of these lengths as in one piece under the reference engine. */
export async function compareSlices(engine: string, guest: string, budgets: readonly number[]): Promise<void> {
  const run = async (factory: EngineFactory): Promise<unknown> => whatCounts(await emulate(prebuilt(guest), [], { engine: factory, root: 'sandbox' }));
  const whole = await run(engineOf('interpreter'));
  expect(await run(engineOf(engine)), 'in one piece').toEqual(whole);
  for (const budget of budgets) expect(await run(sliced(engineOf(engine), budget)), `slices of ${budget}`).toEqual(whole);
}
