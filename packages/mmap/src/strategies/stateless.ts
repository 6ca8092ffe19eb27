import type { GapView, MmapRequest, MmapStrategy } from '@tally86/core';
import { freeHint, lowestAligned, tightestAligned, topDown, UNMAPPED_BASE } from './hint.ts';

function stateless(name: string, place: (gaps: GapView, request: MmapRequest) => number | null): MmapStrategy {
  return {
    name,
    findFreeArea: (gaps, request) => freeHint(gaps, request) || place(gaps, request),
    onMap: () => {},
    onUnmap: () => {},
    snapshot: () => null,
    restore: () => {},
    clone: () => stateless(name, place),
  };
}

/** What the kernel does (arch/x86/kernel/sys_x86_64.c, arch_get_unmapped_area_topdown). */
export const linuxTopDown = (): MmapStrategy => stateless('linux-top-down', topDown);

/** First fit upwards from the kernel's legacy base, then from the bottom of the space. */
export const bottomUp = (): MmapStrategy =>
  stateless('bottom-up', (gaps, request) => lowestAligned(gaps, request, UNMAPPED_BASE, gaps.high) ?? lowestAligned(gaps, request, gaps.low, gaps.high));

/** The smallest gap that holds the request, between the legacy base and mmap_base if one is there (the heap and the stack keep their room). */
export const bestFit = (): MmapStrategy =>
  stateless(
    'best-fit',
    (gaps, request) => tightestAligned(gaps, request, UNMAPPED_BASE, request.mmapBase) ?? tightestAligned(gaps, request, gaps.low, gaps.high),
  );
