import type { GapView, MmapRequest } from '@tally86/core';

const PAGE = 4096;

/** Where the kernel's bottom-up layout begins: a third of user space (arch/x86/include/asm/processor.h, TASK_UNMAPPED_BASE). */
export const UNMAPPED_BASE = 0x2aaa_aaaa_b000;

/** The hint as the kernel takes it: page-aligned, raised to the lowest address allowed, to the alignment; 0: none. */
export function roundedHint(gaps: GapView, request: MmapRequest): number {
  const hint = request.hint - (request.hint % PAGE);
  if (hint <= 0) return 0;
  return Math.ceil(Math.max(hint, gaps.low) / request.alignment) * request.alignment;
}

/** The hint if its range is free, else 0 (mm/mmap.c, generic_get_unmapped_area). */
export function freeHint(gaps: GapView, request: MmapRequest): number {
  const hint = roundedHint(gaps, request);
  return hint !== 0 && gaps.isFree(hint, request.length) ? hint : 0;
}

/** Bytes to look for so that an aligned range fits wherever the gap lies. */
const padded = (request: MmapRequest): number => request.length + Math.max(0, request.alignment - PAGE);

export function highestAligned(gaps: GapView, request: MmapRequest, low: number, below: number): number | null {
  const found = gaps.lastFit(padded(request), low, below);
  if (found === null) return null;
  const start = found + padded(request) - request.length;
  return start - (start % request.alignment);
}

export function lowestAligned(gaps: GapView, request: MmapRequest, from: number, high: number): number | null {
  return raise(gaps.firstFit(padded(request), from, high), request.alignment);
}

export function tightestAligned(gaps: GapView, request: MmapRequest, low: number, high: number): number | null {
  return raise(gaps.bestFit(padded(request), low, high), request.alignment);
}

function raise(found: number | null, alignment: number): number | null {
  return found === null ? null : Math.ceil(found / alignment) * alignment;
}

/** What the kernel does without a usable hint: the highest place below mmap_base, else the lowest above the bottom-up base. */
export function topDown(gaps: GapView, request: MmapRequest): number | null {
  return highestAligned(gaps, request, gaps.low, request.mmapBase) ?? lowestAligned(gaps, request, UNMAPPED_BASE, gaps.high);
}
