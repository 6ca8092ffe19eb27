import { CELL, CPU_STATE_BASE, createCpuState, REG, resetCpuState, type TranslationHooks } from '@tally86/core';
import { cpuModels } from '@tally86/decoder';
import { interpreter } from '@tally86/interpreter';
import { createMmu, lazy } from '@tally86/mmu';
import { describe, expect, it } from 'vitest';
import { createJit } from '../engine.ts';
import type { JitOptions } from '../options.ts';
import { decodeSections, joined, sectionPieces } from '../image/columns.ts';
import type { MachineCode } from './machine-code.ts';
import { regionImage, regionSection, type RegionImage } from './region-image.ts';

const CODE = 0x3000 - 10;
const FUNCTION = 0x5000;
/** mov ecx, 1000; again: call FUNCTION; divsd xmm0, xmm1; dec ecx; jne again; cpuid; syscall: the way back begins in one page and ends in the next. */
const MAIN = [0xb9, 0xe8, 3, 0, 0, 0xe8, ...le(FUNCTION - CODE - 10), 0xf2, 0x0f, 0x5e, 0xc1, 0xff, 0xc9, 0x75, 0xf3, 0x0f, 0xa2, 0x0f, 0x05];
/** lea rdx, [rcx - 500]; test rdx, rdx; js over; over: add rax, rcx (or sub); mov [0x6000], rax; push rax; pop rbx; ret */
const callee = (opcode: number): number[] => [0x48, 0x8d, 0x91, ...le(-500), 0x48, 0x85, 0xd2, 0x78, 0x00, 0x48, opcode, 0xc8, 0x48, 0x89, 0x04, 0x25, ...le(0x6000), 0x50, 0x5b, 0xc3];
const [ADD, SUBTRACT] = [0x01, 0x29];
const INSTRUCTIONS = 1 + 1000 * (4 + 8) + 2;

function le(n: number): number[] {
  return [...new Uint8Array(Int32Array.of(n).buffer)];
}

interface Machine {
  readonly options?: JitOptions;
  readonly model?: string;
  readonly hooks?: TranslationHooks;
  readonly tlbEntries?: number;
  /** How often it runs. */
  readonly times?: number;
  /** So many instructions at a time. */
  readonly slice?: number;
}
/** What two runs in one machine do: regions are compiled as they get hot, and called by those that come later. */
function run(opcode: number, { options = {}, model = 'x86-64-v2', hooks, tlbEntries, times = 2, slice = INSTRUCTIONS }: Machine = {}) {
  const mmu = createMmu({ budgetBytes: 1 << 20, pageTable: lazy, ...tlbEntries !== undefined && { tlbEntries } });
  mmu.pager = { backing: () => ({ prot: 7, shared: false, source: null, pageIndex: 0 }) };
  mmu.poke(CODE, Uint8Array.from(MAIN));
  mmu.poke(FUNCTION, Uint8Array.from(callee(opcode)));
  const cpu = createCpuState(mmu.buffer, CPU_STATE_BASE);
  const engine = createJit({ cpu, mmu, model: cpuModels[model]!, hooks: hooks ?? null, readTsc: () => 0n }, interpreter, { threshold: 50, batch: 1, ...options });
  const results: bigint[] = [];
  for (let i = 0; i < times; i++) {
    resetCpuState(cpu);
    cpu.u64[CELL.rip] = BigInt(CODE);
    cpu.u64[REG.rsp] = 0x8000n;
    for (let left = INSTRUCTIONS - 2; left > 0; left -= slice) expect(engine.run(Math.min(slice, left)).kind).toBe('budget');
    results.push(BigInt.asIntN(64, cpu.u64[REG.rax]!), cpu.u64[REG.rbx]! - cpu.u64[REG.rax]!);
    expect(engine.run(100)).toEqual({ kind: 'syscall' });
    expect(cpu.u64[CELL.retired]).toBe(BigInt(INSTRUCTIONS));
  }
  const { regions, loadedRegions, revivedRegions, regionInstructions, retiredHere, optimizedFunctions, keptFunctions, retranslations } = engine.stats() as Record<string, number>;
  return { results, image: engine.image(), report: engine.report(), code: { optimizedFunctions, keptFunctions }, retranslations, stats: { regions, loadedRegions, revivedRegions, regionInstructions, retiredHere } };
}
const SUMS = [500_500n, 0n, 500_500n, 0n];
const first = (): ReturnType<typeof run> => run(ADD);

describe('regions that an engine translated', () => {
  it('are not translated again by a later one, nor by one after that', () => {
    const one = first();
    expect(one.results).toEqual(SUMS);
    expect(one.stats.regions).toBeGreaterThan(1);
    let image = one.image!;
    for (let i = 0; i < 3; i++) {
      const later = run(ADD, { options: { image } });
      expect(later.results).toEqual(SUMS);
      expect([later.stats.regions, later.stats.loadedRegions]).toEqual([0, regionImage(decodeSections(image)!.regions!)!.addresses.length]);
      expect(later.stats.revivedRegions).toBeGreaterThan(1);
      expect(later.stats.retiredHere).toBeGreaterThan(one.stats.retiredHere!);
      image = later.image!;
    }
  });
  it('are kept by one that did not need them', () => {
    const { image } = first();
    const idle = run(ADD, { options: { image: image! }, times: 0 });
    expect(idle.stats).toMatchObject({ regions: 0, revivedRegions: 0 });
    expect(idle.image).toEqual(image);
  });
  it('go with new ones', () => {
    const { image } = run(ADD, { times: 1, options: { threshold: 900 } });
    const more = run(ADD, { options: { image: image! } });
    expect([more.results, more.stats.regions! > 0, more.stats.revivedRegions! > 0]).toEqual([SUMS, true, true]);
    const last = run(ADD, { options: { image: more.image! } });
    expect([last.results, last.stats.regions]).toEqual([SUMS, 0]);
  });
  it('go with what their exits taught', () => {
    const stubborn = { float: 20 };
    // 0 / 0 is what a way to divide does not do
    const one = run(ADD, { options: { stubborn } });
    expect(one.retranslations).toBeGreaterThan(0);
    const later = run(ADD, { options: { stubborn, image: one.image! } });
    expect([later.results, later.retranslations, later.stats.regions]).toEqual([SUMS, 0, 0]);
    // it learnt nothing itself, and leaves it to the next one
    const [{ taught, ways }, kept] = [one, later].map((each) => regionImage(decodeSections(each.image!)!.regions!)!) as [RegionImage, RegionImage];
    expect([taught.length, kept.taught, kept.ways]).toEqual([1, taught, ways]);
  });
  it('are left with the machine code that the host had of them', () => {
    const host = (calls: string[], accepts = true): MachineCode => ({
      restore(code, bytes) {
        calls.push(`restore ${code.join()}`);
        return accepts ? new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>) : null;
      },
      optimized: (functions) => functions.filter((f) => typeof f === 'function').length,
      save(module) {
        expect(module).toBeInstanceOf(WebAssembly.Module);
        calls.push('save');
        return Uint8Array.of(7, 86);
      },
    });
    const calls: string[] = [];
    const one = run(ADD, { options: { machineCode: host(calls) } });
    // of those that are not replaced: each has a module here
    const made = regionImage(decodeSections(one.image!)!.regions!)!.addresses.length;
    expect(made).toBeGreaterThan(1);
    expect([one.results, one.code]).toEqual([SUMS, { optimizedFunctions: made, keptFunctions: 0 }]);
    expect(calls).toEqual(Array.from({ length: made }, () => 'save'));

    // what is not needed stays as it is
    const idleCalls: string[] = [];
    const idle = run(ADD, { options: { image: one.image!, machineCode: host(idleCalls) }, times: 0 });
    expect([idle.image, idle.code, idleCalls]).toEqual([one.image, { optimizedFunctions: made, keptFunctions: made }, []]);
    const later = run(ADD, { options: { image: idle.image!, machineCode: host(calls) } });
    expect([later.results, later.code]).toEqual([SUMS, { optimizedFunctions: made, keptFunctions: made }]);
    expect(calls.filter((call) => call === 'restore 7,86')).toHaveLength(later.stats.revivedRegions!);

    // compiled anew where the host does not take it, or nobody keeps it
    const refused = run(ADD, { options: { image: one.image!, machineCode: host([], false) } });
    expect([refused.results, refused.code]).toEqual([SUMS, { optimizedFunctions: made, keptFunctions: 0 }]);
    const without = run(ADD, { options: { image: one.image! } });
    expect([without.results, without.code.keptFunctions]).toEqual([SUMS, undefined]);
    expect(regionImage(decodeSections(without.image!)!.regions!)!.machine).toHaveLength(0);
  });
  it('are left where the budget ends as those that were made here', () => {
    const { image } = first();
    const { results, stats, report } = run(ADD, { slice: 37, options: { image: image! } });
    expect([results, stats.revivedRegions! > 0]).toEqual([SUMS, true]);
    expect(report.exits.budget).toBeGreaterThan(100);
    expect(report.hottest.every(({ address }) => (address >= CODE && address < CODE + 32) || (address >= FUNCTION && address < FUNCTION + 32))).toBe(true);
  });
  it('mean nothing where other bytes are executed', () => {
    const { results, stats } = run(SUBTRACT, { options: { image: first().image! } });
    expect(results).toEqual([-500_500n, 0n, -500_500n, 0n]);
    expect(stats.regions).toBeGreaterThan(0);
  });
  it.each<readonly [string, Machine]>([
    ['of another processor', { model: 'x86-64' }], ['with other places', { tlbEntries: 16 }], ['that a plugin watches', { hooks: { translate: () => undefined } }],
    ['that tells of each region', { options: { observe: () => {} } }], ['without micro-operations', { options: { micro: false, threshold: 50 } }],
  ])('mean nothing to an engine %s', (_name, machine) => {
    const { image } = first();
    const { results, stats } = run(ADD, { ...machine, options: { ...machine.options, image: image! } });
    expect([results, stats.loadedRegions]).toEqual([SUMS, 0]);
  });
});

describe('their image', () => {
  const image = (): RegionImage => regionImage(decodeSections(first().image!)!.regions!)!;
  it.each<readonly [string, (image: RegionImage) => object]>([
    ['fewer exits than instructions of them', ({ exitRips }) => ({ exitRips: exitRips.slice(1) })], ['fewer ends of machine code than modules', ({ machineEnds }) => ({ machineEnds: machineEnds.slice(1) })],
    ['fewer modules than ends of imports', ({ moduleEnds }) => ({ moduleEnds: moduleEnds.slice(1) })],
    ['fewer words than regions', ({ live }) => ({ live: live.slice(1) })], ['pieces without an end', ({ to }) => ({ to: to.slice(1) })], ['no layout', () => ({ layout: undefined })],
    ['a lesson without a way', ({ taught }) => ({ taught: Float64Array.of(...taught, 1) })], ['no helpers', () => ({ helpers: 7 })], ['a column of another type', ({ live }) => ({ live: Float64Array.from(live) })],
  ])('with %s is none', (_name, change) => {
    const good = image();
    expect(regionImage(regionSection(good))).toEqual(good);
    expect(regionImage(regionSection({ ...good, ...change(good) } as RegionImage))).toBeNull();
  });
  it('with a helper that there is none of is not used', () => {
    const { results, stats } = run(ADD, { options: { image: joined(sectionPieces({ regions: regionSection({ ...image(), helpers: ['none'] }) })) } });
    expect([results, stats.loadedRegions]).toEqual([SUMS, 0]);
  });
});
