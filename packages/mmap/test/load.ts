import type { Vma } from '@tally86/core';
import { createPlacementStrategy, createVmaSet } from '../src/index.ts';

const PAGE = 4096;

/** Seconds for `operations` munmap + mmap pairs in an address space of `count` mappings that do not merge. */
export function timePairs(name: string, count: number, operations: number): number {
  const set = createVmaSet();
  const strategy = createPlacementStrategy(name);
  const starts: number[] = [];
  let state = 1;
  const next = (bound: number): number => (state = (state * 48_271) % 2_147_483_647) % bound;
  const map = (tag: number): number => {
    const length = PAGE * (1 + next(4));
    const request = { length, hint: 0, alignment: PAGE, mmapBase: 0x7fff_f7ff_f000 };
    const start = strategy.findFreeArea(set.gaps, request)!;
    const vma: Vma = { start, end: start + length, prot: 3, shared: false, source: null, offset: 0, name: '', growsDown: false, tag };
    set.insert(vma);
    strategy.onMap(start, vma.end, request);
    return start;
  };
  for (let i = 0; i < count; i++) starts.push(map(i));
  const begin = performance.now();
  for (let i = 0; i < operations; i++) {
    const slot = next(count);
    const vma = set.find(starts[slot])!;
    set.remove(vma.start, vma.end);
    strategy.onUnmap(vma.start, vma.end);
    starts[slot] = map(count + i);
  }
  return (performance.now() - begin) / 1000;
}
