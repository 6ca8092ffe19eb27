import { type Mappable, type MappingEvent, type MmapStrategy, type Mmu, PAGE_SIZE, PROT, type Vma, type VmaSet } from '@tally86/core';
import { RLIMIT } from '@tally86/abi';
import { type Limits, softLimit } from '../kernel/limits.ts';
import type { UserMemory } from './user-memory.ts';

/** An address space (mm_struct): VMAs, placement, break and stack, over the frames of an Mmu. */
export interface AddressSpace {
  /** Processes that share it (CLONE_VM). */
  users: number;
  readonly mmu: Mmu;
  readonly vmas: VmaSet;
  readonly strategy: MmapStrategy;
  readonly user: UserMemory;
  readonly limits: Limits;
  /** vm.max_map_count: VMAs allowed. */
  readonly maxMapCount: number;
  /** Path of the program that it is for; empty: none yet. */
  program: string;
  /** Heap: [brkStart, brk). */
  brkStart: number;
  brk: number;
  /** Data segment of the program, for RLIMIT_DATA of brk. */
  startData: number;
  endData: number;
  /** Top of the top-down area of mmap. */
  mmapBase: number;
  /** Lowest address a program may map (vm.mmap_min_addr). */
  readonly minAddress: number;
  /** Bytes of all VMAs; of private writable ones (RLIMIT_DATA); of locked ones. */
  mappedBytes: number;
  dataBytes: number;
  lockedBytes: number;
  /** VMA tag bits that new mappings get (mlockall(MCL_FUTURE)). */
  futureTag: number;
  /** membarrier(2): private expedited barriers were asked for. */
  expeditedBarriers: boolean;
  /** State of the strategy before the first placement: execve goes back to it. */
  readonly freshStrategy: unknown;
  /** Device, inode and path that /proc/self/maps shows for a source; the same for all processes. */
  readonly files: WeakMap<Mappable, MappedFile>;
  describe(source: Mappable): MappedFile | undefined;
  remember(source: Mappable, file: MappedFile): void;
  /** Plugins that watch mappings; null: none. */
  readonly onMapping: ((event: MappingEvent) => void) | null;
}

export interface MappedFile {
  readonly device: number;
  readonly inode: number;
  readonly path: string;
}

/** Bits of Vma.tag (vm_flags that do not show in prot). */
export const VMA_TAG = {
  LOCKED: 1, NORESERVE: 2, DONTFORK: 4, DONTDUMP: 8, WIPEONFORK: 0x10, HUGEPAGE: 0x20, NOHUGEPAGE: 0x40, RANDOM: 0x80, SEQUENTIAL: 0x100,
  MERGEABLE: 0x200,
  /** The absence of VM_MAYWRITE, VM_MAYEXEC: mprotect refuses. */
  DENY_WRITE: 0x400, DENY_EXEC: 0x800,
} as const;

export const pageDown = (address: number): number => address - (address % PAGE_SIZE);
export const pageUp = (address: number): number => pageDown(address + PAGE_SIZE - 1);
export const isPageAligned = (address: number): boolean => address % PAGE_SIZE === 0;

/** What the page table must allow for a VMA's prot: x86 pages that can be written or executed can be read. */
export function pageProt(prot: number): number {
  return (prot & (PROT.WRITE | PROT.EXEC)) !== 0 ? (prot & 7) | PROT.READ : prot & 7;
}

/** Counts for RLIMIT_DATA: private writable memory that is no stack (is_data_mapping). */
export function isData(vma: Vma): boolean {
  return (vma.prot & PROT.WRITE) !== 0 && !vma.shared && !vma.growsDown;
}

/**
 * may_expand_vm: RLIMIT_AS and RLIMIT_DATA. And what the memory budget could not fill any more is refused, so that a program that asks before it
 * writes is told: as by the kernel's overcommit heuristic, but that it looks at what is free, not at all there is. `reserved`: not MAP_NORESERVE.
 */
export function mayExpand(mm: AddressSpace, bytes: number, data: boolean, reserved = true): boolean {
  if (mm.mappedBytes + bytes > softLimit(mm.limits, RLIMIT.AS)) return false;
  if (!data) return true;
  return mm.dataBytes + bytes <= softLimit(mm.limits, RLIMIT.DATA) && (!reserved || bytes <= unusedBytes(mm));
}

/** What is left of the memory budget. */
function unusedBytes({ mmu }: AddressSpace): number {
  const { budgetBytes, frames, pageTableBytes } = mmu.stats();
  return budgetBytes - frames * PAGE_SIZE - pageTableBytes;
}

/** Keeps the byte counts in step with a piece that came (sign 1) or went (sign −1). */
export function account(mm: AddressSpace, vma: Vma, bytes: number, sign: 1 | -1): void {
  mm.mappedBytes += sign * bytes;
  if (isData(vma)) mm.dataBytes += sign * bytes;
  if ((vma.tag & VMA_TAG.LOCKED) !== 0) mm.lockedBytes += sign * bytes;
}

/** Adds a VMA into free space together with its page-table range; false if the memory budget does not allow it (nothing is changed). */
export function addVma(mm: AddressSpace, vma: Vma): boolean {
  if (!mm.mmu.map(vma.start, vma.end, pageProt(vma.prot))) {
    mm.mmu.unmap(vma.start, vma.end);
    return false;
  }
  mm.vmas.insert(vma);
  account(mm, vma, vma.end - vma.start, 1);
  mm.onMapping?.({ kind: 'map', start: vma.start, end: vma.end, prot: vma.prot });
  return true;
}

/** Removes everything in [start, end): VMAs, pages, translations. */
export function removeRange(mm: AddressSpace, start: number, end: number): void {
  const removed = mm.vmas.remove(start, end);
  for (const piece of removed) account(mm, piece, piece.end - piece.start, -1);
  if (removed.length === 0) return;
  mm.mmu.unmap(start, end);
  mm.strategy.onUnmap(start, end);
  mm.onMapping?.({ kind: 'unmap', start, end, prot: 0 });
}

/** True if nothing is mapped in [start, end); guard gaps do not count. */
export function isHole(mm: AddressSpace, start: number, end: number): boolean {
  const next = mm.vmas.findFrom(start);
  return next === null || next.start >= end;
}

/** True if cutting [start, end) would split a VMA in two. */
export function splitsOne(mm: AddressSpace, start: number, end: number): boolean {
  const vma = mm.vmas.find(start);
  return vma !== null && vma.start < start && vma.end > end;
}

/** Changes attributes of [start, end) as VmaSet.update does, keeping the byte counts. */
export function changeVmas(mm: AddressSpace, start: number, end: number, change: (vma: Vma) => Vma): boolean {
  return mm.vmas.update(start, end, (vma) => {
    const changed = change(vma);
    const bytes = Math.min(vma.end, end) - Math.max(vma.start, start);
    account(mm, vma, bytes, -1);
    account(mm, changed, bytes, 1);
    return changed;
  });
}
