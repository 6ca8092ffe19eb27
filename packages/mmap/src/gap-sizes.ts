import { avlTree, type AvlNode } from './avl.ts';

interface SizedGap extends AvlNode<SizedGap> {
  readonly size: number;
  readonly start: number;
  /** Bounds over the subtree, to prune by. */
  maxStart: number;
  minEnd: number;
}

const tree = avlTree<SizedGap>(
  (a, b) => a.size - b.size || a.start - b.start,
  (node) => {
    const end = node.start + node.size;
    node.maxStart = node.start;
    node.minEnd = end;
    for (const child of [node.left, node.right]) {
      if (child === null) continue;
      if (child.maxStart > node.maxStart) node.maxStart = child.maxStart;
      if (child.minEnd < node.minEnd) node.minEnd = child.minEnd;
    }
  },
);

/** Gaps in order of size, then of address. */
export interface GapSizes {
  add(start: number, end: number): void;
  delete(start: number, end: number): void;
  /**
   * Start of the smallest gap of at least `length` bytes wholly within [low, high), the lowest of equals; −1 if none.
   * Logarithmic if few gaps lie outside of the bounds, as is the rule.
   */
  smallest(length: number, low: number, high: number): number;
}

export function createGapSizes(): GapSizes {
  let root: SizedGap | null = null;
  const gap = (start: number, end: number): SizedGap => ({
    size: end - start, start, maxStart: start, minEnd: end, left: null, right: null, height: 1,
  });
  function search(node: SizedGap | null, length: number, low: number, high: number): number {
    if (node === null || node.maxStart < low || node.minEnd > high) return -1;
    if (node.size < length) return search(node.right, length, low, high);
    const smaller = search(node.left, length, low, high);
    if (smaller >= 0) return smaller;
    if (node.start >= low && node.start + node.size <= high) return node.start;
    return search(node.right, length, low, high);
  }
  return {
    add(start, end) {
      if (end > start) root = tree.insert(root, gap(start, end));
    },
    delete(start, end) {
      if (end > start) root = tree.remove(root!, gap(start, end));
    },
    smallest: (length, low, high) => search(root, length, low, high),
  };
}
