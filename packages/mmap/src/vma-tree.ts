import type { Vma } from '@tally86/core';
import { avlTree, type AvlNode } from './avl.ts';

/** A VMA in the tree, with what its subtree tells about the free ranges between its VMAs. */
export interface VmaNode extends AvlNode<VmaNode> {
  readonly vma: Vma;
  /** Where the gap below ends: the start, less the stack guard of a VMA that grows down. */
  readonly fence: number;
  /** Fence of the first VMA and end of the last one in the subtree. */
  minFence: number;
  maxEnd: number;
  /** Largest gap between two VMAs of the subtree. */
  maxGap: number;
}

function summarise(node: VmaNode): void {
  const { left, right, vma, fence } = node;
  let gap = 0;
  node.minFence = fence;
  node.maxEnd = vma.end;
  if (left !== null) {
    node.minFence = left.minFence;
    gap = fence - left.maxEnd;
    if (left.maxGap > gap) gap = left.maxGap;
  }
  if (right !== null) {
    node.maxEnd = right.maxEnd;
    const between = right.minFence - vma.end;
    if (between > gap) gap = between;
    if (right.maxGap > gap) gap = right.maxGap;
  }
  node.maxGap = gap > 0 ? gap : 0;
}

export const vmaTree = avlTree<VmaNode>((a, b) => a.vma.start - b.vma.start, summarise);

export function vmaNode(vma: Vma, fence: number): VmaNode {
  return { vma, fence, minFence: fence, maxEnd: vma.end, maxGap: 0, left: null, right: null, height: 1 };
}

/** The VMA that holds `address`, or else the first above it. */
export function nodeFrom(root: VmaNode | null, address: number): VmaNode | null {
  let found: VmaNode | null = null;
  for (let node = root; node !== null; ) {
    if (node.vma.end > address) {
      found = node;
      if (node.vma.start <= address) break;
      node = node.left;
    } else node = node.right;
  }
  return found;
}

/** The last VMA that starts below `address`. */
export function nodeBefore(root: VmaNode | null, address: number): VmaNode | null {
  let found: VmaNode | null = null;
  for (let node = root; node !== null; ) {
    if (node.vma.start < address) {
      found = node;
      node = node.right;
    } else node = node.left;
  }
  return found;
}

/** Start of the lowest gap between VMAs that starts at or above `from` and has `length` bytes; −1 if none. */
export function gapAbove(node: VmaNode | null, from: number, length: number): number {
  if (node === null || node.maxGap < length || node.maxEnd <= from) return -1;
  const { left, right, vma } = node;
  if (left !== null) {
    const found = gapAbove(left, from, length);
    if (found >= 0) return found;
    if (left.maxEnd >= from && node.fence - left.maxEnd >= length) return left.maxEnd;
  }
  if (right === null) return -1;
  if (vma.end >= from && right.minFence - vma.end >= length) return vma.end;
  return gapAbove(right, from, length);
}

/** End of the highest gap between VMAs that ends at or below `to` and has `length` bytes; −1 if none. */
export function gapBelow(node: VmaNode | null, to: number, length: number): number {
  if (node === null || node.maxGap < length || node.minFence >= to) return -1;
  const { left, right, vma } = node;
  if (right !== null) {
    const found = gapBelow(right, to, length);
    if (found >= 0) return found;
    if (right.minFence <= to && right.minFence - vma.end >= length) return right.minFence;
  }
  if (left === null) return -1;
  if (node.fence <= to && node.fence - left.maxEnd >= length) return node.fence;
  return gapBelow(left, to, length);
}
