import { CELL, createCpuState, PROT, REG, resetCpuState } from '@tally86/core';
import { cpuModels } from '@tally86/decoder';
import { interpreter } from '@tally86/interpreter';
import { isJitEngine, jit, type JitOptions } from '@tally86/jit';
import { createMmu, pageTables } from '@tally86/mmu';
import { expect, test } from 'vitest';

const AT = 0x40_1000;
const DATA = 0x50_0000;
const THRESHOLD = 256;
const STUBBORN = 50;
/** 1: mov [rdi], rcx; add rdi, rdx; dec rcx; jne 1b; syscall */
const STORES = Uint8Array.of(0x48, 0x89, 0x0f, 0x48, 0x01, 0xd7, 0x48, 0xff, 0xc9, 0x75, 0xf5, 0x0f, 0x05);
/** 1: mov rax, [rdi]; mov rbx, [rdi + 16]; test cl, 7; jne 2f; inc rsi; 2: dec rcx; jne 1b; syscall */
const LOADS = Uint8Array.of(0x48, 0x8b, 0x07, 0x48, 0x8b, 0x5f, 0x10, 0xf6, 0xc1, 0x07, 0x75, 0x03, 0x48, 0xff, 0xc6, 0x48, 0xff, 0xc9, 0x75, 0xec, 0x0f, 0x05);

/** Runs a loop `rcx` times by a new engine. */
function run(code: Uint8Array, registers: Readonly<Record<'rcx' | 'rdi' | 'rdx', number>>, options: JitOptions = {}): { stats: Readonly<Record<string, number>>; image: Uint8Array } {
  const mmu = createMmu({ budgetBytes: 8 << 20, pageTable: pageTables.lazy! });
  mmu.pager = { backing: () => ({ prot: PROT.READ | PROT.WRITE | PROT.EXEC, shared: false, source: null, pageIndex: 0 }) };
  mmu.poke(AT, code);
  // the next page, which is only read, is the zero frame: no neighbour of this one
  mmu.poke(DATA, Uint8Array.of(1));
  const cpu = createCpuState(mmu.buffer);
  resetCpuState(cpu);
  cpu.u64[CELL.rip] = BigInt(AT);
  for (const [name, value] of Object.entries(registers)) cpu.u64[REG[name as 'rcx']] = BigInt(value);
  const engine = jit(interpreter, { batch: 1, threshold: THRESHOLD, stubborn: { memory: STUBBORN }, ...options }).create({ cpu, mmu, model: cpuModels['x86-64-v2']!, hooks: null, readTsc: () => 0n });
  expect(engine.run(1_000_000)).toEqual({ kind: 'syscall' });
  if (!isJitEngine(engine)) throw new Error('no WebAssembly here');
  return { stats: engine.stats() as Readonly<Record<string, number>>, image: engine.image()! };
}

test('pages that the TLB lacks teach nothing: no other way to look would find them', () => {
  const { stats } = run(STORES, { rcx: THRESHOLD + 4 * STUBBORN, rdi: DATA, rdx: 4096 });
  expect(stats.memoryExits).toBeGreaterThan(3 * STUBBORN);
  expect(stats.retranslations).toBe(0);
});

test('accesses that only one look for both does not find are looked up alone', () => {
  const { stats } = run(LOADS, { rcx: THRESHOLD + 20 * STUBBORN, rdi: DATA + 4096 - 16, rdx: 0 });
  expect(stats.retranslations).toBe(1);
  expect(stats.memoryExits).toBeLessThan(2 * STUBBORN);
});

test('a region from an earlier engine is translated anew with all its blocks, however little they were executed since', () => {
  const registers = { rdi: DATA + 4096 - 16, rdx: 0 };
  const one = run(LOADS, { rcx: THRESHOLD + STUBBORN / 2, ...registers });
  expect(one.stats.retranslations).toBe(0);
  const later = run(LOADS, { rcx: THRESHOLD + 2 * STUBBORN, ...registers }, { image: one.image });
  expect(later.stats).toMatchObject({ loadedRegions: one.stats.regions, retranslations: 1, regions: 1, regionInstructions: one.stats.regionInstructions });
});
