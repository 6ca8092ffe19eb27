import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { interpreter } from '@tally86/interpreter';
import { jit, type JitOptions } from '@tally86/jit';
import { compareEngines, type EngineStyle } from './support/engines.ts';
import { PROGRAM_OPTIONS, PROGRAMS } from './support/programs.ts';

const EARLY: JitOptions = { threshold: 12, batch: 16, maxBlocks: 9 };
/** The JIT as it is, and one that translates much earlier, in regions of other sizes, with a TLB that misses. */
const STYLES: readonly EngineStyle[] = [
  { name: 'jit', engine: jit(interpreter) },
  { name: 'jit, early', engine: jit(interpreter, EARLY), tlbEntries: 16, again: EARLY },
];

describe('a real program gives the same under each engine', () => {
  for (const [program, ...args] of PROGRAMS) {
    it.skipIf(!existsSync(program))(program, async () => {
      const { exit, total } = await compareEngines(program, args, PROGRAM_OPTIONS, STYLES);
      expect(exit).toEqual({ kind: 'exit', code: 0 });
      expect(total).toBeGreaterThan(100_000);
    });
  }
});
