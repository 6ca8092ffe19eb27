import type { Mappable, MmapStrategy, Vma, VmaSet } from '@tally86/core';
import type { KernelArea, KernelCall } from './kernel.ts';

const PAGE = 4096;
/** Without ASLR and with a stack limit of 8 MiB: 128 MiB below the end of user space (arch/x86/mm/mmap.c, mmap_base). */
const MMAP_BASE = 0x7fff_f7ff_f000;

/** The calls of the program on our VMA set and strategy, as the kernel makes them. */
export function replay(set: VmaSet, strategy: MmapStrategy, before: readonly KernelArea[], program: string) {
  const files = new Map<string, Mappable>();
  const fileOf = (name: string): Mappable => {
    let file = files.get(name);
    if (file === undefined) files.set(name, (file = { size: () => 0, readPage: () => {}, writePage: () => {} }));
    return file;
  };
  const anonymous = { shared: false, source: null, offset: 0, name: '', growsDown: false, tag: 0 };
  for (const { name, ...area } of before) {
    set.insert({ ...anonymous, ...area, name, source: name === '' || name.startsWith('[') ? null : fileOf(name), growsDown: name === '[stack]' });
  }

  function place(length: number, hint: number): number | null {
    return strategy.findFreeArea(set.gaps, { length, hint, alignment: PAGE, mmapBase: MMAP_BASE });
  }
  function map(length: number, hint: number, more: Partial<Vma>): number | null {
    const start = place(length, hint);
    if (start === null) return null;
    set.insert({ ...anonymous, prot: 0, ...more, start, end: start + length });
    strategy.onMap(start, start + length, { length, hint, alignment: PAGE, mmapBase: MMAP_BASE });
    return start;
  }
  function unmap(start: number, length: number): number {
    set.remove(start, start + length);
    strategy.onUnmap(start, start + length);
    return 0;
  }
  function remap(at: number, old: number, length: number): number | null {
    if (length <= old) {
      if (length < old) unmap(at + length, old - length);
      return at;
    }
    const vma = set.find(at)!;
    const next = set.findFrom(at + old);
    const end = at + length;
    if (vma.end === at + old && (next === null || next.start >= end)) {
      set.insert({ ...vma, start: vma.end, end });
      return at;
    }
    const target = place(length, 0);
    if (target === null) return null;
    unmap(at, old);
    set.insert({ ...vma, start: target, end: target + length });
    return target;
  }

  return ({ op, args: [a, b, c] }: KernelCall): number | null => {
    switch (op) {
      case 'map':
        return map(b!, a!, { prot: c! });
      case 'file':
        return map(a!, 0, { prot: c!, source: fileOf(program), offset: b!, name: program });
      case 'fixed':
        unmap(a!, b!);
        set.insert({ ...anonymous, prot: c!, start: a!, end: a! + b! });
        strategy.onMap(a!, a! + b!, null);
        return a!;
      case 'unmap':
        return unmap(a!, b!);
      case 'protect':
        return set.update(a!, a! + b!, (vma) => ({ ...vma, prot: c! })) ? 0 : null;
      case 'remap':
        return remap(a!, b!, c!);
      default:
        throw new Error(`the program made an unknown call: ${op}`);
    }
  };
}
