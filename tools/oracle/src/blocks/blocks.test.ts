import { CELL, PROT, VECTOR_SLOT, vectorOffset, type EngineFactory } from '@tally86/core';
import { interpreter } from '@tally86/interpreter';
import { describe, expect, it } from 'vitest';
import { MIXES, programOf, runBlocks, STYLES } from './campaign.ts';
import type { Program } from './program.ts';
import { compareRuns, createTwins, minimise } from './twins.ts';

/** The long run comes with the slow tests. */
const PROGRAMS = process.env.TALLY86_SLOW === '1' ? 25_000 : 96;

describe('random programs under the JIT and under the interpreter', () => {
  it.each(Object.keys(MIXES).map((mix, i) => ({ mix, seed: 100 + i })))('$mix', ({ mix, seed }) => {
    const report = runBlocks({ mixes: [mix], programs: PROGRAMS, seed, keep: 1 });
    expect(report.failures.join('\n\n')).toBe('');
    // each kind of exit was taken, and much was done in translated code
    for (const name of ['regions', 'enters', 'memoryExits', 'otherExits', 'budgetExits', 'coldLinks', 'invalidatedRegions', 'faults', 'ownCodeStores']) expect(report.stats[name], name).toBeGreaterThan(0);
    expect(report.stats.retiredHere).toBeGreaterThan(report.instructions / (mix === 'numbers' ? 12 : 4));
  }, 1_800_000);
});

/** Each instruction is one item of one block that jumps to itself; r13 points into the arena. */
const ONCE_WRONG: readonly { readonly name: string; readonly instructions: readonly (readonly number[])[] }[] = [
  { name: 'setcc of a flag that is not bit 0', instructions: [[0x49, 0xff, 0xc0], [0x0f, 0x98, 0xc3], [0x0f, 0x9a, 0xc2], [0xeb, 0xf5]] },
  { name: 'flags in front of sahf, where a run ends between', instructions: [[0x41, 0x80, 0x6d, 0x3e, 0xff], [0x9e], [0x48, 0x1d, 0x4a, 0xd8, 0x55, 0xb3], [0xeb, 0xf2]] },
  { name: 'one sahf in front of another, where a run ends between', instructions: [[0x9e], [0x9e], [0x9e], [0x41, 0xff, 0xc0], [0xff, 0xc0], [0x15, 0x67, 0x45, 0x23, 0x01], [0xeb, 0xf1]] },
  { name: 'the same behind something else', instructions: [[0x41, 0xff, 0xc0], [0x9e], [0x9e], [0x15, 0x67, 0x45, 0x23, 0x01], [0xeb, 0xf4]] },
];
describe('what was wrong once', () => {
  it.each(ONCE_WRONG)('$name', ({ instructions }) => {
    const { state } = programOf(1, 0, ['alu']);
    for (const style of STYLES) {
      const program: Program = {
        blocks: [instructions.map((bytes) => ({ bytes }))], offset: 0, backing: 'anonymous', state, patches: [], deeds: ['nothing'], slices: Array.from({ length: 60 }, (_, i) => 1 + i % 7),
      };
      expect(compareRuns(createTwins(interpreter, style), program)?.differences, style.name).toBeUndefined();
    }
  });
});

describe('the comparison sees what it should', () => {
  /** The interpreter, but wrong at the end of each run that completes an instruction. */
  const wrong = (name: string, change: (environment: Parameters<EngineFactory['create']>[0]) => void): EngineFactory => ({
    name,
    create(environment) {
      const inner = interpreter.create(environment);
      return {
        name, invalidate: (start, end) => inner.invalidate(start, end), stats: () => inner.stats(),
        run(budget) {
          const before = environment.cpu.u64[CELL.retired];
          const stop = inner.run(budget);
          if (environment.cpu.u64[CELL.retired] !== before) change(environment);
          return stop;
        },
      };
    },
  });
  it.each<readonly [string, RegExp, (environment: Parameters<EngineFactory['create']>[0]) => void]>([
    ['a register', /^r9: /, ({ cpu }) => { cpu.u64[9]! ^= 1n; }],
    ['a flag', /^rflags: /, ({ cpu }) => { cpu.u64[CELL.rflags]! ^= 0x400n; }],
    ['an iteration', /^repIterations: /, ({ cpu }) => { cpu.u64[CELL.repIterations]!++; }],
    ['an empty repetition', /^repEmpty: /, ({ cpu }) => { cpu.u64[CELL.repEmpty]!++; }],
    ['MXCSR', /^fx\+16: /, ({ cpu }) => { cpu.u64[CELL.mxcsr]! ^= 1n; }],
    ['a vector register', /^xmm15: /, ({ cpu }) => { cpu.u8[vectorOffset(15) + 7]! ^= 1; }],
    ['an upper half', /^ymm3 upper half: /, ({ cpu }) => { cpu.u8[vectorOffset(VECTOR_SLOT.high + 3) + 15]! ^= 1; }],
    ['an x87 register', /^st\d: /, ({ cpu }) => { cpu.u8[2048 + 3]! ^= 1; }],
    ['memory', /^memory 0x300/, ({ mmu }) => { new Uint8Array(mmu.buffer)[mmu.translate(0x3000_0000, PROT.WRITE)] = 1; }],
  ])('%s', (name, field, change) => {
    const twins = createTwins(interpreter, { name, engine: wrong(name, change), tlbEntries: 64, piece: 0 });
    const program = programOf(1, 0, ['alu']);
    expect(compareRuns(twins, program)?.differences).toEqual([expect.stringMatching(field)]);
  });
  it('minimises a planted defect', () => {
    const twins = createTwins(interpreter, { name: 'planted', engine: wrong('planted', ({ cpu }) => { cpu.u64[9]! ^= 1n; }), tlbEntries: 64, piece: 0 });
    const small = minimise(programOf(1, 1, ['alu']), (candidate) => compareRuns(twins, candidate) !== null);
    expect(small.blocks.flat().length).toBeLessThan(2);
  });
  it('makes the same program of the same seed', () => {
    expect(programOf(3, 5, ['int'])).toEqual(programOf(3, 5, ['int']));
    expect(STYLES.length).toBeGreaterThan(4);
  });
});
