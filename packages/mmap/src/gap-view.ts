import type { GapView } from '@tally86/core';
import type { GapSizes } from './gap-sizes.ts';
import { gapAbove, gapBelow, nodeBefore, nodeFrom, type VmaNode } from './vma-tree.ts';

/** What the view looks at: the tree as it is now, and the gaps by size, made when first asked for. */
export interface GapSource {
  root(): VmaNode | null;
  sizes(): GapSizes;
}

/** The free ranges within [low, high), from the summaries in the tree. */
export function createGapView(source: GapSource, low: number, high: number): GapView {
  /** Start of the lowest free `length` bytes at or above `from`, whatever the upper bound. */
  function lowest(length: number, from: number): number {
    const root = source.root();
    const next = nodeFrom(root, from);
    if (next === null || next.fence - from >= length) return from;
    const gap = gapAbove(root, from, length);
    return gap >= 0 ? gap : Math.max(from, root!.maxEnd);
  }
  /** End of the highest free `length` bytes below `to`, whatever the lower bound. */
  function highest(length: number, to: number): number {
    const root = source.root();
    // a guard may reach below `to`
    const next = nodeFrom(root, to);
    const end = next === null || next.vma.start < to ? to : Math.min(to, next.fence);
    const last = nodeBefore(root, to);
    if (last === null || last.vma.end <= end - length) return end;
    const gap = gapBelow(root, to, length);
    return gap >= 0 ? gap : Math.min(to, root!.minFence);
  }
  function firstFit(length: number, from: number, top: number): number | null {
    const start = lowest(length, Math.max(from, low));
    return start + length <= Math.min(top, high) ? start : null;
  }
  /** Gap that holds `address`, as far as it lies within the bounds. */
  function gapAround(address: number, from: number, to: number): { start: number; end: number } | null {
    const root = source.root();
    const above = nodeFrom(root, address);
    if (above !== null && above.fence <= address) return null;
    const below = nodeBefore(root, address);
    return { start: Math.max(from, below === null ? 0 : below.vma.end), end: Math.min(to, above === null ? Infinity : above.fence) };
  }

  return {
    low,
    high,
    isFree(start, length) {
      if (!(start >= low && length > 0 && start + length <= high)) return false;
      const next = nodeFrom(source.root(), start);
      return next === null || next.fence >= start + length;
    },
    firstFit,
    lastFit(length, bottom, below) {
      const start = highest(length, Math.min(below, high)) - length;
      return start >= Math.max(bottom, low) ? start : null;
    },
    bestFit(length, bottom, top) {
      const from = Math.max(bottom, low);
      const to = Math.min(top, high);
      if (from >= to) return null;
      let best: { start: number; size: number } | null = null;
      const consider = (start: number, size: number): void => {
        if (size >= length && (best === null || size < best.size || (size === best.size && start < best.start))) best = { start, size };
      };
      const inside = source.sizes().smallest(length, from, to);
      for (const gap of [gapAround(from, from, to), inside < 0 ? null : gapAround(inside, from, to), gapAround(to - 1, from, to)]) {
        if (gap !== null) consider(gap.start, gap.end - gap.start);
      }
      return best === null ? null : (best as { start: number }).start;
    },
  };
}
