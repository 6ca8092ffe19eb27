import { CELL, createCpuState, PROT, REG, resetCpuState } from '@tally86/core';
import { cpuModels } from '@tally86/decoder';
import { interpreter } from '@tally86/interpreter';
import { jit, type JitOptions } from '@tally86/jit';
import { createMmu, pageTables } from '@tally86/mmu';
import { expect, test } from 'vitest';

const AT = 0x40_1000;
/** 1: dec rcx; jne 1b; syscall */
const LOOP = Uint8Array.of(0x48, 0xff, 0xc9, 0x75, 0xfb, 0x0f, 0x05);

/** Ten of: mov ecx, 150; dec rcx; jne; then dec rdx; jne to the first; syscall */
const LOOPS = Uint8Array.from([...Array.from({ length: 10 }, () => [0xb9, 150, 0, 0, 0, ...LOOP.subarray(0, 5)]).flat(), 0x48, 0xff, 0xca, 0x75, 256 - 105, 0x0f, 0x05]);

/** Instructions that translated code executes of a program that takes `count` of them. */
function translated(code: Uint8Array, registers: Partial<Record<'rcx' | 'rdx', number>>, count: number, options: JitOptions): number {
  const mmu = createMmu({ budgetBytes: 1 << 20, pageTable: pageTables.lazy! });
  mmu.pager = { backing: () => ({ prot: PROT.READ | PROT.EXEC, shared: false, source: null, pageIndex: 0 }) };
  mmu.poke(AT, code);
  const cpu = createCpuState(mmu.buffer);
  resetCpuState(cpu);
  cpu.u64[CELL.rip] = BigInt(AT);
  for (const [name, value] of Object.entries(registers)) cpu.u64[REG[name as 'rcx']] = BigInt(value);
  const engine = jit(interpreter, { batch: 1, ...options }).create({ cpu, mmu, model: cpuModels['x86-64-v2']!, hooks: null, readTsc: () => 0n });
  expect(engine.run(1_000_000)).toEqual({ kind: 'syscall' });
  expect(cpu.u64[CELL.retired]).toBe(BigInt(count));
  return engine.stats().retiredHere!;
}

test.each<[string, number, JitOptions, number]>([
  ['a loop is translated when it is hot', 300, { threshold: 100 }, 2 * 200],
  ['where much was translated already it has to be so again', 300, { threshold: 100, hesitateFrom: -1 }, 2 * 100],
  ['and is not if it ends before', 190, { threshold: 100, hesitateFrom: -1 }, 0],
])('%s', (_, rounds, options, expected) => {
  expect(Math.abs(translated(LOOP, { rcx: rounds }, 2 * rounds + 1, options) - expected)).toBeLessThan(10);
});

// ten loops come by twice, each with 149 rounds of a block of its own
test.each<[string, JitOptions, number]>([
  ['are translated when they are hot again', {}, 10 * 2 * 98],
  ['are forgotten, where there are more than an engine remembers', { maxExits: 4 }, 0],
])('blocks that wait %s', (_, options, expected) => {
  expect(Math.abs(translated(LOOPS, { rdx: 2 }, 2 * (10 * 301 + 2) + 1, { threshold: 100, hesitateFrom: -1, ...options }) - expected)).toBeLessThan(100);
});
