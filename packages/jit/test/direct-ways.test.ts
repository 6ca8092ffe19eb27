import { CELL, createCpuState, PROT, REG, resetCpuState, type EngineFactory } from '@tally86/core';
import { cpuModels } from '@tally86/decoder';
import { interpreter } from '@tally86/interpreter';
import { jit, type RegionReport } from '@tally86/jit';
import { createMmu, pageTables } from '@tally86/mmu';
import { expect, test } from 'vitest';

const AT = 0x40_1000;
/** 1: dec rcx; jne 1b; mov ecx, 50; dec rdx; jne 1b; syscall */
const CODE = Uint8Array.of(0x48, 0xff, 0xc9, 0x75, 0xfb, 0xb9, 50, 0, 0, 0, 0x48, 0xff, 0xca, 0x75, 0xf1, 0x0f, 0x05);
/** In place of the first instruction: nop; dec ecx. That counts as two. */
const OTHER = Uint8Array.of(0x90, 0xff, 0xc9);

/** Runs 400 rounds, in pieces of `most` instructions; with `changes` the first instruction is another one from the middle on, between two pieces. */
function run(factory: EngineFactory, most: number, changes: boolean): { readonly state: unknown; readonly dropped: number } {
  const mmu = createMmu({ budgetBytes: 1 << 20, pageTable: pageTables.lazy! });
  mmu.pager = { backing: () => ({ prot: PROT.READ | PROT.WRITE | PROT.EXEC, shared: false, source: null, pageIndex: 0 }) };
  mmu.poke(AT, CODE);
  const cpu = createCpuState(mmu.buffer);
  resetCpuState(cpu);
  for (const [register, value] of [[REG.rcx, 50], [REG.rdx, 400], [CELL.rip, AT]] as const) cpu.u64[register] = BigInt(value);
  const engine = factory.create({ cpu, mmu, model: cpuModels['x86-64-v2']!, hooks: null, readTsc: () => 0n });
  let stop = engine.run(most);
  for (let changed = false; stop.kind === 'budget'; stop = engine.run(most)) {
    if (!changes || changed || cpu.u64[REG.rdx]! > 200n) continue;
    changed = true;
    mmu.poke(AT, OTHER);
    engine.invalidate(AT, AT + OTHER.length);
  }
  return { state: { stop, retired: cpu.u64[CELL.retired], registers: [...cpu.u64.subarray(0, 16)] }, dropped: engine.stats().invalidatedRegions ?? 0 };
}

test.each([100_000, 777, 13])('a region goes on in the one before it, in runs of %i instructions', (most) => {
  const regions: RegionReport[] = [];
  const { state } = run(jit(interpreter, { threshold: 40, batch: 1, maxBlocks: 1, observe: (region) => regions.push(region) }), most, false);
  expect(state).toEqual(run(interpreter, most, false).state);
  const texts = regions.map((region) => region.wat());
  expect(texts.length).toBeGreaterThan(1);
  expect(texts.filter((text) => text.includes('return_call $guest_401000'))).toHaveLength(1);
});

test.each([777, 13])('and not any more where that was dropped, in runs of %i instructions', (most) => {
  const { state, dropped } = run(jit(interpreter, { threshold: 40, batch: 1, maxBlocks: 1 }), most, true);
  expect(dropped).toBeGreaterThan(0);
  expect(state).toEqual(run(interpreter, most, true).state);
});
