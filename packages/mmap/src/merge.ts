import type { Vma } from '@tally86/core';

/** True if both areas have the same attributes, addresses and offset aside. */
export function sameAttributes(a: Vma, b: Vma): boolean {
  return (
    a.prot === b.prot && a.shared === b.shared && a.source === b.source && a.name === b.name && a.growsDown === b.growsDown && a.tag === b.tag
  );
}

/** True if `upper` continues `lower`, so that the two are one area (mm/vma.c, can_vma_merge_after). */
export function continues(lower: Vma, upper: Vma): boolean {
  if (lower.end !== upper.start || !sameAttributes(lower, upper)) return false;
  return lower.source === null || lower.offset + (lower.end - lower.start) === upper.offset;
}

/** The part of a VMA within [start, end). */
export function clip(vma: Vma, start: number, end: number): Vma {
  const from = Math.max(start, vma.start);
  const to = Math.min(end, vma.end);
  if (from === vma.start && to === vma.end) return vma;
  return { ...vma, start: from, end: to, offset: vma.source === null ? vma.offset : vma.offset + (from - vma.start) };
}
