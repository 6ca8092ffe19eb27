import { type Engine, type EnginePort, type Mmu, PAGE_SIZE, PROT } from '@tally86/core';
import { createVmaSet, linuxTopDown } from '@tally86/mmap';
import { createMmu, lazy } from '@tally86/mmu';
import { describe, expect, it } from 'vitest';
import { type AddressSpace, addVma } from '../mm/address-space.ts';
import { createAddressSpace, createSiblingSpace } from '../mm/create-address-space.ts';
import { forkAddressSpace } from '../mm/fork.ts';
import { createEngines } from './engines.ts';
import { defaultLimits } from './limits.ts';

const CODE = 0x40_0000;

/** Engines that note what they are told, on a memory with room for some. */
function machine(moreEngines: number) {
  const limits = defaultLimits();
  const mmu = createMmu({ budgetBytes: 1 << 20, pageTable: lazy, moreEngines });
  const first = createAddressSpace({ parts: { mmu, vmas: createVmaSet(), strategy: linuxTopDown() }, limits, maxMapCount: 100, minAddress: 65_536, onMapping: null });
  const told: string[] = [];
  const ports: EnginePort[] = [];
  const engines = createEngines(mmu.port, (port): Engine => {
    const name = `engine ${ports.length}`;
    ports.push(port);
    port.codeListener = { frameWritten() {}, unmapped: (start) => void told.push(`${name} unmapped ${start}`) };
    return { name, run: () => ({ kind: 'budget' }), invalidate() {}, stats: () => ({ runs: 1 }) };
  });
  return { limits, first, told, ports, engines };
}
const withCode = (mm: AddressSpace): AddressSpace => {
  addVma(mm, { start: CODE, end: CODE + PAGE_SIZE, prot: 7, shared: false, source: null, offset: 0, name: '', growsDown: false, tag: 0 });
  mm.user.writeU8(CODE, 0x90);
  return mm;
};
/** Executes the page of code, as an engine that translates it. */
function execute(port: EnginePort): void {
  port.markCode(port.translate(CODE, PROT.EXEC) >>> 12);
}

describe('engines', () => {
  it('forked processes share one while their code is the same', () => {
    const { engines, first, limits, ports } = machine(3);
    engines.enter(withCode(first));
    execute(ports[0]);
    const child = forkAddressSpace(first, limits)!;
    engines.share(first, child);
    engines.enter(child);
    expect(engines.current.name).toBe('engine 0');
    child.user.writeU8(CODE, 0xc3);
    execute(ports[0]);
    engines.enter(first);
    expect(engines.current.name).toBe('engine 1');
    engines.enter(child);
    expect([engines.current.name, engines.all.length, engines.stats()]).toEqual(['engine 0', 2, { engines: 2, runs: 2 }]);
  });
  it('another program gets another one, and the one that nobody needs any more', () => {
    const { engines, first, limits, told } = machine(3);
    engines.enter(first);
    const second = createSiblingSpace(first, limits);
    engines.enter(second);
    expect(engines.current.name).toBe('engine 1');
    engines.leave(second);
    engines.enter(createSiblingSpace(first, limits));
    expect([engines.current.name, engines.all.length, told]).toEqual(['engine 1', 2, ['engine 1 unmapped 0']]);
  });
  it('a program gets the one that executed it before', () => {
    const { engines, first, limits, told } = machine(7);
    engines.enter(first);
    const start = (program: string): AddressSpace => {
      const mm = createSiblingSpace(first, limits);
      mm.program = program;
      engines.enter(mm);
      return mm;
    };
    const names = ['/bin/a', '/bin/b', '/bin/c', '/bin/b', '/bin/a', '/bin/a'].map((program) => {
      const mm = start(program);
      const { name } = engines.current;
      engines.leave(mm);
      return name;
    });
    expect(names).toEqual(['engine 1', 'engine 2', 'engine 3', 'engine 2', 'engine 1', 'engine 1']);
    expect(told).toEqual(['engine 2 unmapped 0', 'engine 1 unmapped 0', 'engine 1 unmapped 0']);
    // two at once, and more programs than engines are kept for
    start('/bin/a');
    start('/bin/a');
    expect([engines.current.name, engines.all.length]).toEqual(['engine 4', 5]);
    for (const program of 'defghi') engines.leave(start(`/bin/${program}`));
    expect(engines.all.length).toBe(8);
  });
  it('when there are no more, the one is taken that rests for the longest time', () => {
    const { engines, first, limits, told } = machine(1);
    const [second, third] = [createSiblingSpace(first, limits), createSiblingSpace(first, limits)];
    const names = [first, second, third, first, second].map((mm) => {
      engines.enter(mm);
      return engines.current.name;
    });
    expect(names).toEqual(['engine 0', 'engine 1', 'engine 0', 'engine 1', 'engine 0']);
    expect(told).toEqual(['engine 0 unmapped 0', 'engine 1 unmapped 0', 'engine 0 unmapped 0']);
  });
  it('who has left is unheard', () => {
    const { engines, first, limits, told, ports } = machine(3);
    engines.enter(withCode(first));
    execute(ports[0]);
    const child = forkAddressSpace(first, limits)!;
    engines.share(first, child);
    engines.leave(child);
    const { mmu }: { readonly mmu: Mmu } = child;
    mmu.release();
    expect([told, ports[0].isCodeFrame(first.mmu.translate(CODE, PROT.EXEC) >>> 12)]).toEqual([[], true]);
  });
});
