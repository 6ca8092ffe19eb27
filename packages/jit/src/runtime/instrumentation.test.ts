import { CELL, CPU_STATE_BASE, createCpuState, PROT, REG, resetCpuState, type InlineCounter, type TranslationHooks } from '@tally86/core';
import { cpuModels } from '@tally86/decoder';
import { interpreter } from '@tally86/interpreter';
import { createMmu, lazy } from '@tally86/mmu';
import { describe, expect, it } from 'vitest';
import { createJit } from '../engine.ts';
import type { JitOptions } from '../options.ts';

const CODE = 0x1000;
/** mov ecx, 1000; again: add rax, rcx; dec ecx; jne again; syscall */
const LOOP = [0xb9, 0xe8, 3, 0, 0, 0x48, 0x01, 0xc8, 0xff, 0xc9, 0x75, 0xf9, 0x0f, 0x05];
const INSTRUCTIONS = 2 + 3 * 1000;

function run(hooks: TranslationHooks, options: JitOptions, engineBytes?: number): Readonly<Record<string, number>> {
  const mmu = createMmu({ budgetBytes: 1 << 20, pageTable: lazy, ...engineBytes !== undefined && { engineBytes } });
  mmu.pager = { backing: () => ({ prot: PROT.READ | PROT.EXEC, shared: false, source: null, pageIndex: 0 }) };
  mmu.poke(CODE, Uint8Array.from(LOOP));
  const cpu = createCpuState(mmu.buffer, CPU_STATE_BASE);
  resetCpuState(cpu);
  cpu.u64[CELL.rip] = BigInt(CODE);
  const engine = createJit({ cpu, mmu, model: cpuModels['x86-64-v2']!, hooks, readTsc: () => 0n }, interpreter, options);
  expect(engine.run(1_000_000)).toEqual({ kind: 'syscall' });
  expect([cpu.u64[CELL.retired], cpu.u64[REG.rax]]).toEqual([BigInt(INSTRUCTIONS), 500_500n]);
  return engine.stats();
}
const eachInstruction = (counter: InlineCounter, amount = 1): TranslationHooks => ({
  translate: ({ instructions }) => ({ counters: instructions.map((_, index) => ({ index, counter, amount })) }),
});

describe('a plugin that counts', () => {
  it.each<readonly [string, JitOptions]>([
    ['at once', { threshold: 1, batch: 1 }], ['after micro-operations', { threshold: 50, batch: 1 }], ['without them', { threshold: 50, batch: 1, micro: false }],
  ])('is translated: %s', (_name, options) => {
    const counter = { value: 0 };
    const stats = run(eachInstruction(counter), options);
    expect(counter.value).toBe(INSTRUCTIONS);
    expect(stats['retiredHere']).toBeGreaterThan(2700);
  });
  it('is executed by micro-operations, too', () => {
    const counter = { value: 0 };
    const stats = run(eachInstruction(counter), {});
    expect([counter.value, stats['retiredHere'], stats['microExact']]).toEqual([INSTRUCTIONS, 0, 0]);
  });
  it.each([
    ['a counter of branches', 'jne', 1000], ['a counter of other instructions', 'dec', 1000], ['a counter of an instruction outside of the loop', 'mov', 1],
  ])('%s', (_name, mnemonic, times) => {
    const counter = { value: 0 };
    const stats = run({
      translate: ({ instructions }) => ({ counters: instructions.flatMap((instruction, index) => (instruction.mnemonic === mnemonic ? [{ index, counter, amount: 5 }] : [])) }),
    }, { threshold: 1, batch: 1 });
    expect(counter.value).toBe(5 * times);
    expect(stats['retiredHere']).toBeGreaterThan(2900);
  });
  it.each([['has no room', 0, 1], ['cannot be whole', undefined, 0.5]])('is left to the interpreter if its number %s', (_name, engineBytes, amount) => {
    const counter = { value: 0 };
    const stats = run(eachInstruction(counter, amount), { threshold: 1, batch: 1 }, engineBytes);
    expect([counter.value, stats['regions']]).toEqual([INSTRUCTIONS * amount, 0]);
  });
});

describe('a plugin that is called', () => {
  it('for what is outside of a loop leaves the loop to translated code', () => {
    let calls = 0;
    const stats = run({
      translate: ({ instructions }) => {
        const index = instructions.findIndex(({ mnemonic }) => mnemonic === 'syscall');
        return index < 0 ? undefined : { callbacks: [{ index, call: () => calls++ }] };
      },
    }, { threshold: 20, batch: 1 });
    expect(calls).toBe(1);
    expect(stats['retiredHere']).toBeGreaterThan(2900);
  });
  it('for each instruction keeps the interpreter in its loop', () => {
    let calls = 0;
    const stats = run({ translate: ({ instructions }) => ({ callbacks: instructions.map((_, index) => ({ index, call: () => calls++ })) }) }, { threshold: 20, batch: 1 });
    expect([calls, stats['retiredHere']]).toEqual([INSTRUCTIONS, 0]);
    expect(stats['microExact']).toBeLessThan(4);
  });
});
