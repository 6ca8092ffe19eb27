import { EmulatorError, USER_END, type Vma, type VmaSet } from '@tally86/core';
import { createGapSizes, type GapSizes } from './gap-sizes.ts';
import { createGapView } from './gap-view.ts';
import { clip, continues, sameAttributes } from './merge.ts';
import { nodeFrom, vmaNode, vmaTree, type VmaNode } from './vma-tree.ts';

export interface VmaSetOptions {
  /** Lowest address that may be handed out (vm.mmap_min_addr); 65536 unless told. */
  readonly low?: number;
  /** First address that may not; the end of user space unless told. */
  readonly high?: number;
  /** Bytes kept free below a VMA that grows down (stack_guard_gap); 256 pages unless told. */
  readonly stackGuard?: number;
}

/** An empty set of VMAs: a balanced tree whose nodes know the largest gap below them. */
export function createVmaSet(options: VmaSetOptions = {}): VmaSet {
  const { low = 65_536, high = USER_END, stackGuard = 256 * 4096 } = options;
  let root: VmaNode | null = null;
  let size = 0;
  let sizes: GapSizes | null = null;

  const fenceOf = (vma: Vma): number => (vma.growsDown ? Math.max(0, vma.start - stackGuard) : vma.start);
  const find = (address: number): Vma | null => {
    const node = nodeFrom(root, address);
    return node !== null && node.vma.start <= address ? node.vma : null;
  };
  const findFrom = (address: number): Vma | null => nodeFrom(root, address)?.vma ?? null;
  function findBelow(address: number): Vma | null {
    let found: Vma | null = null;
    for (let node = root; node !== null; ) {
      if (node.vma.end <= address) {
        found = node.vma;
        node = node.right;
      } else node = node.left;
    }
    return found;
  }

  /** Ends of the gap that [start, end) lies in once it is free, and of the VMA below. */
  function neighbours(start: number, end: number): { below: number; above: number } {
    return { below: findBelow(start)?.end ?? 0, above: nodeFrom(root, end)?.fence ?? Infinity };
  }
  function add(vma: Vma): void {
    const fence = fenceOf(vma);
    if (sizes !== null) {
      const { below, above } = neighbours(vma.start, vma.end);
      sizes.delete(below, above);
      sizes.add(below, fence);
      sizes.add(vma.end, above);
    }
    root = vmaTree.insert(root, vmaNode(vma, fence));
    size++;
  }
  function take(vma: Vma): void {
    const fence = fenceOf(vma);
    root = vmaTree.remove(root!, vmaNode(vma, fence));
    size--;
    if (sizes === null) return;
    const { below, above } = neighbours(vma.start, vma.end);
    sizes.delete(below, fence);
    sizes.delete(vma.end, above);
    sizes.add(below, above);
  }
  /** Gaps by size cost as much to keep as the tree: kept only once somebody asks. */
  function gapSizes(): GapSizes {
    if (sizes !== null) return sizes;
    sizes = createGapSizes();
    let end = 0;
    for (const vma of range(0, Infinity)) {
      sizes.add(end, fenceOf(vma));
      end = vma.end;
    }
    sizes.add(end, Infinity);
    return sizes;
  }

  function insert(vma: Vma): Vma {
    if (!(vma.start >= 0 && vma.start < vma.end)) throw new EmulatorError('E_INTERNAL', 'a VMA must have bytes', { details: { start: vma.start, end: vma.end } });
    const next = findFrom(vma.start);
    if (next !== null && next.start < vma.end) {
      throw new EmulatorError('E_INTERNAL', 'a VMA overlaps another', { details: { start: vma.start, end: vma.end, other: next.start } });
    }
    const below = findBelow(vma.start);
    let merged = vma;
    if (below !== null && continues(below, merged)) {
      take(below);
      merged = { ...below, end: merged.end };
    }
    if (next !== null && continues(merged, next)) {
      take(next);
      merged = { ...merged, end: next.end };
    }
    add(merged);
    return merged;
  }
  function remove(start: number, end: number): Vma[] {
    const removed: Vma[] = [];
    for (let vma = findFrom(start); vma !== null && vma.start < end; vma = findFrom(start)) {
      take(vma);
      if (vma.start < start) add(clip(vma, vma.start, start));
      if (vma.end > end) add(clip(vma, end, vma.end));
      removed.push(clip(vma, start, end));
    }
    return removed;
  }
  function update(start: number, end: number, change: (vma: Vma) => Vma): boolean {
    for (let at = start; at < end; ) {
      const vma = find(at);
      if (vma === null) return false;
      const part = clip(vma, at, end);
      const changed: Vma = { ...change(part), start: part.start, end: part.end };
      at = part.end;
      if (sameAttributes(part, changed) && part.offset === changed.offset) continue;
      remove(part.start, part.end);
      insert(changed);
    }
    return true;
  }
  /** Looks up each next VMA anew: the set may change while a caller walks it. */
  function* range(start: number, end: number): IterableIterator<Vma> {
    for (let vma = findFrom(start); vma !== null && vma.start < end; vma = findFrom(vma.end)) yield vma;
  }

  return {
    get size() {
      return size;
    },
    create: () => createVmaSet(options),
    gaps: createGapView({ root: () => root, sizes: gapSizes }, low, high),
    find,
    findFrom,
    findBelow,
    insert,
    remove,
    update,
    range,
    covers(start, end) {
      let at = start;
      while (at < end) {
        const vma = find(at);
        if (vma === null) return false;
        at = vma.end;
      }
      return true;
    },
  };
}
