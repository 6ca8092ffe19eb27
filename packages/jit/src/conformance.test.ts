import { cpuModels } from '@tally86/decoder';
import { interpreter } from '@tally86/interpreter';
import { createMmu, pageTables } from '@tally86/mmu';
import { describeEngine } from '@tally86/testkit';
import { describe } from 'vitest';
import { inPieces } from '../../../tools/oracle/src/pieces.ts';
import { jit, type JitOptions } from './index.ts';

/** Everything is translated at its first or second execution; regions from a block to a whole function; a TLB in which pages collide. */
const ROWS: readonly { readonly name: string; readonly options: JitOptions; readonly entries?: number; readonly pieces?: true }[] = [
  { name: 'at once', options: { batch: 1, threshold: 1 } },
  { name: 'at the second time', options: { batch: 1, threshold: 2 } },
  { name: 'in batches', options: { batch: 3, threshold: 4 } },
  { name: 'in batches, hot twice', options: { batch: 3, threshold: 3, hesitateFrom: 0 } },
  { name: 'at the default threshold', options: {} },
  { name: 'in batches, without micro-operations', options: { batch: 3, threshold: 4, micro: false } },
  { name: 'a block for each region', options: { batch: 1, threshold: 1, maxBlocks: 1 } },
  { name: 'few instructions for each region', options: { batch: 1, threshold: 1, maxInstructions: 3 } },
  { name: 'all given up again and again', options: { batch: 1, threshold: 1, maxExits: 8 } },
  { name: 'translated another way after each exit', options: { batch: 1, threshold: 1, stubborn: { memory: 1, float: 1 } } },
  { name: 'four entries in the TLB', options: { batch: 1, threshold: 1 }, entries: 4 },
  { name: 'a block for each region, four entries in the TLB, runs of 1 to 20', options: { batch: 1, threshold: 1, maxBlocks: 1 }, entries: 4, pieces: true },
  { name: 'an instruction for each region, runs of 1 to 20', options: { batch: 1, threshold: 1, maxInstructions: 1 }, pieces: true },
];
/** `npm run stress` runs all of it in pieces of other lengths each time. */
const SEED = process.env.TALLY86_STRESS_SEED;

describe.each(ROWS)('$name', ({ options, entries, pieces }) => {
  const engine = jit(interpreter, options);
  describeEngine(pieces === true || SEED !== undefined ? inPieces(engine, 20, Number(SEED ?? 1)) : engine, {
    model: cpuModels['x86-64-v2']!,
    createMmu: (tlbEntries) => createMmu({ budgetBytes: 2 ** 22, engineBytes: 2 ** 22, moreEngines: 0, pageTable: pageTables.lazy!, tlbEntries: entries ?? tlbEntries }),
  });
});
