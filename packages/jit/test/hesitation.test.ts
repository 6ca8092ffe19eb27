import { CELL, createCpuState, PROT, REG, resetCpuState } from '@tally86/core';
import { cpuModels } from '@tally86/decoder';
import { interpreter } from '@tally86/interpreter';
import { jit, type JitOptions } from '@tally86/jit';
import { createMmu, pageTables } from '@tally86/mmu';
import { expect, test } from 'vitest';

const AT = 0x40_1000;
/** 1: dec rcx; jne 1b; syscall */
const LOOP = Uint8Array.of(0x48, 0xff, 0xc9, 0x75, 0xfb, 0x0f, 0x05);

/** Instructions that translated code executes of a loop that goes round so many times. */
function translated(rounds: number, options: JitOptions): number {
  const mmu = createMmu({ budgetBytes: 1 << 20, pageTable: pageTables.lazy! });
  mmu.pager = { backing: () => ({ prot: PROT.READ | PROT.EXEC, shared: false, source: null, pageIndex: 0 }) };
  mmu.poke(AT, LOOP);
  const cpu = createCpuState(mmu.buffer);
  resetCpuState(cpu);
  cpu.u64[CELL.rip] = BigInt(AT);
  cpu.u64[REG.rcx] = BigInt(rounds);
  const engine = jit(interpreter, { batch: 1, ...options }).create({ cpu, mmu, model: cpuModels['x86-64-v2']!, hooks: null, readTsc: () => 0n });
  expect(engine.run(1_000_000)).toEqual({ kind: 'syscall' });
  // the syscall, too
  expect(cpu.u64[CELL.retired]).toBe(BigInt(2 * rounds + 1));
  return engine.stats().retiredHere!;
}

test.each<[string, number, JitOptions, number]>([
  ['a loop is translated when it is hot', 300, { threshold: 100 }, 2 * 200],
  ['where much was translated already it has to be so again', 300, { threshold: 100, hesitateFrom: -1 }, 2 * 100],
  ['and is not if it ends before', 190, { threshold: 100, hesitateFrom: -1 }, 0],
])('%s', (_, rounds, options, expected) => {
  expect(Math.abs(translated(rounds, options) - expected)).toBeLessThan(10);
});
