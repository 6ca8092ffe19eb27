import { REG, type EngineFactory } from '@tally86/core';
import { interpreter } from '@tally86/interpreter';
import { describe, expect, it } from 'vitest';
import { prebuilt } from './bad-programs/damage.ts';
import { cpuOf, GUESTS } from './support/guests.ts';
import { EXIT_KINDS, noTotals, stress, stressStyles, type ExitTotals } from './support/stress.ts';

/** Guests are cut here, and each runs in one style of six: `npm run stress` lets all run on in all. */
const MOST = 6007;
const SHARE = 6;
/** Those that make translated code be left in every way run in each style. */
const EVERYWHERE: readonly string[] = ['float', 'smc', 'trapflag'];
const SEED = 1;

describe('a guest is the same under stress', () => {
  const totals = new Map<string, ExitTotals>();
  const styles = stressStyles(SEED);
  it.each(GUESTS.map((name, i) => ({ name, some: styles.filter((_, k) => EVERYWHERE.includes(name) || (i + k) % SHARE === 0) })))('$name', { timeout: 60_000 }, async ({ name, some }) => {
    expect(await stress(prebuilt(name), [], { root: 'sandbox', maxInstructions: MOST, cpu: cpuOf(name) }, some, totals)).toEqual([]);
  });
  it.each(styles.filter(({ translates }) => translates))('$name: translated code was left in each way', ({ name }) => {
    const taken = totals.get(name) ?? noTotals();
    expect(EXIT_KINDS.filter((kind) => taken[kind] === 0)).toEqual([]);
  });
  it('a defect would be seen', async () => {
    const engine: EngineFactory = {
      name: 'wrong',
      create(environment) {
        const inner = interpreter.create(environment);
        return { ...inner, run: (budget) => (environment.cpu.u64[REG.r15]!++, inner.run(budget)) };
      },
    };
    expect(await stress(prebuilt('hello'), [], { root: 'sandbox' }, [{ name: 'planted', engine, translates: false }], new Map())).toEqual([expect.stringMatching(/^planted: /)]);
  });
});
