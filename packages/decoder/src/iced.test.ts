import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { cpuModels } from './cpu-models.ts';
import { takeIcedFrom } from './iced.ts';
import { createLifter } from './lift/lifter.ts';

it('iced-x86 is asked for when something is lifted, once for all lifters', () => {
  let asked = 0;
  takeIcedFrom(() => {
    asked++;
    return createRequire(import.meta.url)('iced-x86');
  });
  const make = () => createLifter({ features: cpuModels['x86-64-v2']!.features, fetch: (_, into) => into.fill(0x90).length });
  const lifters = [make(), make()];
  expect(asked).toBe(0);
  expect(lifters.map((lifter) => lifter.lift(0x1000, 3).instructions.map(({ mnemonic }) => mnemonic))).toEqual([['nop', 'nop', 'nop'], ['nop', 'nop', 'nop']]);
  expect(asked).toBe(1);
});
