import { CELL, createCpuState, PROT, REG, resetCpuState } from '@tally86/core';
import { cpuModels } from '@tally86/decoder';
import { interpreter } from '@tally86/interpreter';
import { createMmu, pageTables } from '@tally86/mmu';
import { expect, test } from 'vitest';
import { createJit } from '../engine.ts';
import type { JitOptions } from '../options.ts';
import type { RegionReport } from './region-report.ts';

/** mov ecx, 50; at 5: mov rax, [rip]; dec ecx; jne 5; syscall */
const LOOP = [0xb9, 50, 0, 0, 0, 0x48, 0x8b, 0x05, 0, 0, 0, 0, 0xff, 0xc9, 0x75, 0xf5, 0x0f, 0x05];
const AT = 0x1000;

function machine(options: JitOptions, tlbEntries = 64) {
  const mmu = createMmu({ budgetBytes: 1 << 22, pageTable: pageTables.lazy!, tlbEntries });
  mmu.pager = { backing: () => ({ prot: PROT.READ | PROT.WRITE | PROT.EXEC, shared: false, source: null, pageIndex: 0 }) };
  mmu.poke(AT, Uint8Array.from(LOOP));
  const cpu = createCpuState(mmu.buffer);
  resetCpuState(cpu);
  cpu.u64[CELL.rip] = BigInt(AT);
  return { cpu, mmu, engine: createJit({ cpu, mmu, model: cpuModels['x86-64-v2']!, hooks: null, readTsc: () => 0n }, interpreter, { threshold: 8, batch: 1, ...options }) };
}

test('an observer is told each region: its assembly, IR, code, exits', () => {
  const regions: RegionReport[] = [];
  const { engine } = machine({ observe: (region) => regions.push(region) });
  expect(engine.run(1000).kind).toBe('syscall');
  expect(regions).toHaveLength(engine.stats().regions!);
  const loop = regions[0]!;
  expect(loop.address).toBe(AT + 5);
  const instructions = loop.blocks[0]!.instructions;
  expect(instructions.map(({ text }) => text)).toEqual(['mov rax,[100Ch]', 'dec ecx', 'jne short 0000000000001005h']);
  expect([...instructions[1]!.bytes]).toEqual([0xff, 0xc9]);
  expect(instructions[0]!.ir).toEqual(['rax = load.64 [0x100c]']);
  expect(loop.blocks[0]!.edges).toContainEqual({ address: AT + 5, inside: true });
  expect(loop.wat()).toMatch(/^\(func \$guest_1005 \(param \$entry i32\) .*\n[^]*loop[^]*local\.set \$rax\n[^]*\)\n$/);
  expect(loop.exits()).toContainEqual({ address: AT + 5, cause: 'memory', count: 0 });
});

test('exits are counted by cause and address, those of dropped regions too', () => {
  const regions: RegionReport[] = [];
  const { engine, mmu } = machine({ observe: (region) => regions.push(region) });
  engine.run(100);
  // the page is no longer in the TLB, its code stays: the load misses
  mmu.flushTlb();
  engine.run(1000);
  const { exits, hottest } = engine.report();
  const stats = engine.stats();
  expect(exits).toEqual({ memory: stats.memoryExits, float: stats.floatExits, other: stats.otherExits, budget: stats.budgetExits, leave: stats.leaveExits });
  const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
  expect(sum(hottest.map(({ count }) => count))).toBe(sum(Object.values(exits)));
  expect(sum(Object.values(exits))).toBeGreaterThan(0);
  expect(regions.flatMap((r) => r.exits()).filter(({ count }) => count > 0)).not.toEqual([]);
  engine.invalidate(AT, AT + 4096);
  expect(engine.stats().liveRegions).toBe(0);
  expect(engine.report()).toEqual({ exits, hottest });
});

test('time is told only with a clock, and all of it', () => {
  let now = 0;
  const { engine } = machine({ clock: () => now++ });
  engine.run(1000);
  const spent = Object.entries(engine.stats()).filter(([name]) => name.endsWith('Ms'));
  expect(spent.map(([name]) => name)).toEqual(['liftMs', 'emitMs', 'compileMs', 'coldMs', 'translatedMs', 'elsewhereMs']);
  expect(spent.reduce((sum, [, ms]) => sum + ms, 0)).toBe(now - 1);
  expect(spent.every(([, ms]) => ms > 0)).toBe(true);
  const silent = machine({});
  silent.engine.run(1000);
  expect(Object.keys(silent.engine.stats()).filter((name) => name.endsWith('Ms'))).toEqual([]);
  expect(silent.cpu.u64[REG.rcx]).toBe(BigInt(AT + 18));
});
