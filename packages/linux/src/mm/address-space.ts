import type { Mappable, MmapStrategy, Mmu, Vma, VmaSet } from '@tally86/core';
import type { UserMemory } from './user-memory.ts';

/** An address space (mm_struct): VMAs, placement, break and stack, over the frames of an Mmu. */
export interface AddressSpace {
  readonly mmu: Mmu;
  readonly vmas: VmaSet;
  readonly strategy: MmapStrategy;
  readonly user: UserMemory;
  /** Heap: [brkStart, brk). */
  brkStart: number;
  brk: number;
  /** Top of the top-down area of mmap. */
  mmapBase: number;
  /** Bytes of all VMAs, and those that count for RLIMIT_DATA. */
  readonly mappedBytes: number;
  readonly dataBytes: number;
  /** Device and inode that /proc/self/maps shows for a source, and its path. */
  describe(source: Mappable): MappedFile | undefined;
  /** Lines of /proc/self/maps, in order. */
  areas(): IterableIterator<Vma>;
}

export interface MappedFile {
  readonly device: number;
  readonly inode: number;
  readonly path: string;
}
