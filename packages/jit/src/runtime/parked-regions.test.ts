import { CELL, CPU_STATE_BASE, createCpuState, REG, resetCpuState } from '@tally86/core';
import { cpuModels } from '@tally86/decoder';
import { interpreter } from '@tally86/interpreter';
import { createMmu, lazy } from '@tally86/mmu';
import { describe, expect, it } from 'vitest';
import { createJit } from '../engine.ts';
import type { JitOptions } from '../options.ts';
import { ParkedRegions } from './parked-regions.ts';
import type { Region } from './regions.ts';

const PAGE = 4096;
/** The loop begins in one page and ends in the next. */
const CODE = 0x3000 - 6;
const MAPPED = 0x2000;
/** mov ecx, 1000; again: add rax, rcx (or sub, or rdx in place of rcx); dec ecx; jne again; syscall */
const code = (...body: readonly number[]): number[] => [0xb9, 0xe8, 3, 0, 0, ...body, 0xff, 0xc9, 0x75, 0x100 - 4 - body.length, 0x0f, 0x05];
const ADD = code(0x48, 0x01, 0xc8);
const SUBTRACT = code(0x48, 0x29, 0xc8);
/** Differs from ADD in the second page only. */
const ADD_OTHER = code(0x48, 0x01, 0xd0);
const RESULT = new Map<readonly number[], bigint>([[ADD, 500_500n], [SUBTRACT, -500_500n]]);

function machine(options: JitOptions) {
  const mmu = createMmu({ budgetBytes: 1 << 20, pageTable: lazy });
  mmu.pager = { backing: () => ({ prot: 7, shared: false, source: null, pageIndex: 0 }) };
  const cpu = createCpuState(mmu.buffer, CPU_STATE_BASE);
  const engine = createJit({ cpu, mmu, model: cpuModels['x86-64-v2']!, hooks: null, readTsc: () => 0n }, interpreter, options);
  return {
    stats: () => engine.stats() as { readonly microBlocks: number; readonly microRevived: number; readonly regions: number; readonly revivedRegions: number },
    load(bytes: readonly number[]) {
      mmu.map(MAPPED, MAPPED + 2 * PAGE, 7);
      mmu.poke(CODE, Uint8Array.from(bytes));
    },
    unload: () => mmu.unmap(MAPPED, MAPPED + 2 * PAGE),
    write: (bytes: readonly number[]) => void mmu.poke(CODE, Uint8Array.from(bytes)),
    run(): bigint {
      resetCpuState(cpu);
      cpu.u64[CELL.rip] = BigInt(CODE);
      cpu.u64[REG.rcx] = 0n;
      expect(engine.run(1_000_000)).toEqual({ kind: 'syscall' });
      expect(cpu.u64[CELL.retired]).toBe(3002n);
      return BigInt.asIntN(64, cpu.u64[REG.rax]!);
    },
  };
}

describe.each<readonly [string, JitOptions]>([
  ['regions at once', { threshold: 1, batch: 1 }], ['regions later', { threshold: 50, batch: 1 }], ['micro-operations only', {}],
])('code that comes back: %s', (_name, options) => {
  it('is not translated again, wherever its frames are', () => {
    const m = machine(options);
    m.load(ADD);
    expect(m.run()).toBe(500_500n);
    const first = m.stats();
    for (let i = 0; i < 3; i++) {
      m.unload();
      m.load(ADD);
      expect(m.run()).toBe(500_500n);
    }
    const last = m.stats();
    expect([last.microBlocks, last.regions]).toEqual([first.microBlocks, first.regions]);
    expect(last.microRevived).toBeGreaterThan(0);
    expect(last.revivedRegions).toBe(3 * first.regions);
  });
  it('is, if its bytes are others', () => {
    const m = machine(options);
    for (const bytes of [ADD, SUBTRACT, ADD, ADD, SUBTRACT]) {
      m.load(bytes);
      expect(m.run()).toBe(RESULT.get(bytes));
      m.unload();
    }
  });
  it('is, if bytes of its second page are others', () => {
    const m = machine(options);
    m.load(ADD);
    m.run();
    m.unload();
    m.load(ADD_OTHER);
    expect(m.run()).toBe(0n);
  });
  it('is compared where it was overwritten, too', () => {
    const m = machine(options);
    m.load(ADD);
    for (const bytes of [ADD, SUBTRACT, SUBTRACT, ADD, SUBTRACT]) {
      m.write(bytes);
      expect(m.run()).toBe(RESULT.get(bytes));
    }
  });
});

describe('parked regions', () => {
  const region = (address: number, ...more: readonly number[]) => ({ address, entries: [address, ...more], pieces: [] }) as unknown as Region;
  const set = (present = 0, byte = 0) => {
    const discarded: number[] = [];
    return { discarded, parked: new ParkedRegions({ buffer: new ArrayBuffer(0), peek: (_at, into) => (into[0] = byte, present), translate: () => -1 }, ({ address }) => void discarded.push(address)) };
  };
  it('are not kept without end', () => {
    const { discarded, parked } = set();
    for (let i = 0; i < 33_000; i++) parked.park(region(i));
    expect([discarded.length, discarded[0], parked.has(231), parked.has(232), parked.has(32_999)]).toEqual([232, 0, false, true, true]);
  });
  it('make way for a newer one with one of their entries', () => {
    const { discarded, parked } = set();
    parked.park(region(1, 2, 3));
    parked.park(region(2));
    expect([discarded, parked.has(1), parked.has(2), parked.has(3)]).toEqual([[1], false, true, false]);
    parked.keep(region(2));
    expect([discarded, parked.has(2)]).toEqual([[1, 2], false]);
  });
  it.each<readonly [string, number, number, number]>([['other bytes are there', 1, 7, 3], ['they were not touched yet', 0, 0, 12]])('are looked for a few times where %s', (_name, present, byte, tries) => {
    const { discarded, parked } = set(present, byte);
    const missing = { ...region(1), pieces: [{ page: 1, frame: 0, from: 0, to: 1 }] };
    parked.load({ region: missing, code: Uint8Array.of(1) });
    for (let i = 1; i < tries; i++) expect([parked.take(1), parked.has(1)]).toEqual([null, true]);
    expect([parked.take(1), parked.has(1), discarded]).toEqual([null, false, [1]]);
  });
});
