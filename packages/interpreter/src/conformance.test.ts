import { cpuModels } from '@tally86/decoder';
import { createMmu, pageTables } from '@tally86/mmu';
import { describeEngine } from '@tally86/testkit';
import { describe } from 'vitest';
import { inPieces } from '../../../tools/oracle/src/pieces.ts';
import { interpreter } from './index.ts';

/** See the JIT's. */
const SEED = Number(process.env.TALLY86_STRESS_SEED ?? 1);

describe.each([
  { name: 'as it is', engine: interpreter },
  { name: 'four entries in the TLB, runs of 1 to 20', engine: inPieces(interpreter, 20, SEED), entries: 4 },
])('$name', ({ engine, entries }) => {
  describeEngine(engine, {
    model: cpuModels['x86-64-v2']!,
    createMmu: (tlbEntries) => createMmu({ budgetBytes: 2 ** 24, moreEngines: 0, pageTable: pageTables.lazy!, tlbEntries: entries ?? tlbEntries }),
  });
});
