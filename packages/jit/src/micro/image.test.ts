import { CELL, CPU_STATE_BASE, createCpuState, REG, resetCpuState, type TranslationHooks } from '@tally86/core';
import { cpuModels } from '@tally86/decoder';
import { interpreter } from '@tally86/interpreter';
import { createMmu, lazy } from '@tally86/mmu';
import { describe, expect, it } from 'vitest';
import { jit } from '../engine.ts';
import { isJitEngine, type JitOptions } from '../options.ts';
import { decodeSections, joined, sectionPieces } from '../image/columns.ts';
import { microImage, microSection, type MicroImage } from './image.ts';

const CODE = 0x3000 - 6;
/** mov ecx, 1000; again: add rax, rcx (or sub); dec ecx; jne again; cpuid; syscall: a helper is among them, and two pages. */
const code = (opcode: number): number[] => [0xb9, 0xe8, 3, 0, 0, 0x48, opcode, 0xc8, 0xff, 0xc9, 0x75, 0xf9, 0x0f, 0xa2, 0x0f, 0x05];
const [ADD, SUBTRACT] = [0x01, 0x29];

interface Machine {
  readonly options?: JitOptions;
  readonly model?: string;
  readonly hooks?: TranslationHooks;
  readonly tlbEntries?: number;
  /** Instructions after which the image is asked for, and thrown away. */
  readonly askAfter?: number;
}
function run(opcode: number, { options = {}, model = 'x86-64-v2', hooks, tlbEntries, askAfter = 0 }: Machine = {}) {
  const mmu = createMmu({ budgetBytes: 1 << 20, pageTable: lazy, ...tlbEntries !== undefined && { tlbEntries } });
  mmu.pager = { backing: () => ({ prot: 7, shared: false, source: null, pageIndex: 0 }) };
  mmu.poke(CODE, Uint8Array.from(code(opcode)));
  const cpu = createCpuState(mmu.buffer, CPU_STATE_BASE);
  resetCpuState(cpu);
  cpu.u64[CELL.rip] = BigInt(CODE);
  const engine = jit(interpreter, options).create({ cpu, mmu, model: cpuModels[model]!, hooks: hooks ?? null, readTsc: () => 0n });
  if (!isJitEngine(engine)) throw new Error('no WebAssembly');
  engine.run(askAfter);
  expect(askAfter === 0 || engine.image() !== null).toBe(true);
  // cpuid overwrites rax: look in front of it
  expect(engine.run(3001 - askAfter).kind).toBe('budget');
  const rax = BigInt.asIntN(64, cpu.u64[REG.rax]!);
  expect(engine.run(100)).toEqual({ kind: 'syscall' });
  expect(cpu.u64[CELL.retired]).toBe(3003n);
  const { microBlocks, microLoaded, microRevived } = engine.stats();
  return { rax, image: engine.image(), stats: { microBlocks, microLoaded, microRevived } };
}

describe('what an engine translated', () => {
  it('is not translated again by a later one', () => {
    const first = run(ADD);
    const second = run(ADD, { options: { image: first.image! } });
    expect([first.rax, second.rax]).toEqual([500_500n, 500_500n]);
    expect(first.stats.microBlocks).toBeGreaterThan(1);
    expect(second.stats).toEqual({ microBlocks: 0, microLoaded: first.stats.microBlocks, microRevived: first.stats.microBlocks });
    // and neither by one after that
    expect(run(ADD, { options: { image: second.image! } }).stats.microBlocks).toBe(0);
  });
  it('is kept where regions took over', () => {
    const first = run(ADD, { options: { threshold: 50, batch: 1 } });
    const second = run(ADD, { options: { threshold: 50, batch: 1, image: first.image! } });
    expect([first.rax, second.rax]).toEqual([500_500n, 500_500n]);
    expect(second.stats.microBlocks).toBe(0);
  });
  it('means nothing where other bytes are executed', () => {
    const { image } = run(ADD);
    const { rax, stats } = run(SUBTRACT, { options: { image: image! } });
    expect(rax).toBe(-500_500n);
    expect(stats.microBlocks).toBeGreaterThan(0);
  });
  it('can be asked for between runs', () => {
    const first = run(ADD, { askAfter: 1500 });
    expect(first.rax).toBe(500_500n);
    expect(run(ADD, { options: { image: first.image! } }).stats.microBlocks).toBe(0);
  });
  it.each<readonly [string, Machine]>([
    ['of another processor', { model: 'x86-64' }], ['with other places', { tlbEntries: 16 }],
    ['that a plugin watches', { hooks: { translate: () => undefined } }],
  ])('means nothing to an engine %s', (_name, machine) => {
    const { image } = run(ADD);
    const { rax, stats } = run(ADD, { ...machine, options: { image: image! } });
    expect([rax, stats.microLoaded]).toEqual([500_500n, 0]);
  });
});

describe('its image', () => {
  const image = (): MicroImage => microImage(decodeSections(run(ADD).image!)!.micro!)!;
  it.each<readonly [string, (image: MicroImage) => object]>([
    ['fewer places than addresses', ({ places }) => ({ places: places.slice(1) })], ['no names of helpers', () => ({ helpers: null })], ['no model', () => ({ model: undefined })],
    ['bytes for addresses', ({ addresses }) => ({ addresses: new Uint8Array(addresses.length) })], ['no records', () => ({ records: undefined })],
  ])('with %s is none', (_name, change) => {
    const good = image();
    const { records, ...columns } = microSection(good).columns;
    expect(microImage({ ...microSection(good), columns: { records: records!, ...columns } })).toEqual(good);
    const section = microSection({ ...good, ...change(good) } as MicroImage);
    expect(microImage({ ...section, columns: Object.fromEntries(Object.entries(section.columns).filter(([, column]) => column !== undefined)) })).toBeNull();
  });
  it.each<readonly [string, (image: MicroImage) => object]>([
    ['places outside of its records', ({ places }) => ({ places: places.map((place) => place + (1 << 28)) })], ['a helper that there is none of', () => ({ helpers: ['toString'] })],
  ])('with %s is not used', (_name, change) => {
    const good = image();
    const { stats, rax } = run(ADD, { options: { image: joined(sectionPieces({ micro: microSection({ ...good, ...change(good) }) })) } });
    expect([rax, stats.microLoaded]).toEqual([500_500n, 0]);
  });
  it('that is damaged is not used', () => {
    const { image: bytes } = run(ADD);
    bytes![bytes!.length - 100]! ^= 4;
    const { stats, rax } = run(ADD, { options: { image: bytes! } });
    expect([rax, stats.microLoaded]).toEqual([500_500n, 0]);
  });
});
