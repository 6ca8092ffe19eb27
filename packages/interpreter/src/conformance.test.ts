import { cpuModels } from '@tally86/decoder';
import { createMmu, pageTables } from '@tally86/mmu';
import { describeEngine } from '@tally86/testkit';
import { interpreter } from './index.ts';

describeEngine(interpreter, {
  model: cpuModels['x86-64-v2']!,
  createMmu: (tlbEntries) => createMmu({ budgetBytes: 2 ** 24, pageTable: pageTables.lazy!, tlbEntries }),
});
