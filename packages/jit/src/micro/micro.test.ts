import type { EngineFactory } from '@tally86/core';
import { cpuModels } from '@tally86/decoder';
import { interpreter } from '@tally86/interpreter';
import { createMmu, pageTables } from '@tally86/mmu';
import { describeEngine } from '@tally86/testkit';
import { createMicroEngine } from './engine.ts';

const micro: EngineFactory = {
  name: 'micro',
  create(environment) {
    const exact = interpreter.create(environment);
    return createMicroEngine(environment, exact) ?? exact;
  },
};

describeEngine(micro, {
  model: cpuModels['x86-64-v2']!,
  createMmu: (tlbEntries) => createMmu({ budgetBytes: 2 ** 24, moreEngines: 0, pageTable: pageTables.lazy!, tlbEntries }),
});
