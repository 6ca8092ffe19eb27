import type { Mappable } from './mmu.ts';

/** A virtual memory area: [start, end) with one protection and one backing (mm_types.h, vm_area_struct). */
export interface Vma {
  readonly start: number;
  readonly end: number;
  /** PROT bits. */
  readonly prot: number;
  readonly shared: boolean;
  /** What shows the pages; null: anonymous. */
  readonly source: Mappable | null;
  /** Byte offset of `start` in the source. */
  readonly offset: number;
  /** Name in /proc/self/maps: a path, `[heap]`, `[stack]`, or empty. */
  readonly name: string;
  /** MAP_GROWSDOWN: a touch below extends it, as the stack does. */
  readonly growsDown: boolean;
  /** MAP_NORESERVE, MAP_LOCKED and advice that split VMAs: compared for merging, otherwise opaque. */
  readonly tag: number;
}

/** Read-only view of the free ranges; every query is logarithmic in the number of VMAs. */
export interface GapView {
  /** Bounds of the space that may be handed out. */
  readonly low: number;
  readonly high: number;
  isFree(start: number, length: number): boolean;
  /** Lowest start ≥ `from` of a free range of `length` bytes that ends at or below `high`. */
  firstFit(length: number, from: number, high: number): number | null;
  /** Highest start of a free range of `length` bytes within [low, below). */
  lastFit(length: number, low: number, below: number): number | null;
  /** Start of the smallest gap that holds `length` bytes within [low, high); the lowest of equals. */
  bestFit(length: number, low: number, high: number): number | null;
}

export interface MmapRequest {
  /** Bytes, a multiple of the page size. */
  readonly length: number;
  /** Page-aligned address that the guest asked for without MAP_FIXED; 0: none. */
  readonly hint: number;
  /** Bytes; a power of two, at least the page size. */
  readonly alignment: number;
  /** Where the kernel starts its top-down search (mmap_base). */
  readonly mmapBase: number;
}

/** Chooses addresses; owns no memory and no VMA. Free of side effects but on its own cursor. */
export interface MmapStrategy {
  readonly name: string;
  /** Start of a free area, or null: ENOMEM. */
  findFreeArea(gaps: GapView, request: MmapRequest): number | null;
  /** A request was placed at [start, end) (also by MAP_FIXED: then request is null). */
  onMap(start: number, end: number, request: MmapRequest | null): void;
  onUnmap(start: number, end: number): void;
  /** State as JSON-able data, for snapshots and fork. */
  snapshot(): unknown;
  restore(state: unknown): void;
  /** Another of its kind, in the same state: the strategy of a forked process. */
  clone(): MmapStrategy;
}

/** The VMAs of an address space, kept in order, split and merged. */
export interface VmaSet {
  readonly size: number;
  readonly gaps: GapView;
  /** An empty set of the same kind, for another address space. */
  create(): VmaSet;
  /** The VMA that holds `address`. */
  find(address: number): Vma | null;
  /** The VMA that holds `address`, or else the first above it. */
  findFrom(address: number): Vma | null;
  /** The last VMA that ends at or below `address`. */
  findBelow(address: number): Vma | null;
  /** Adds a VMA into free space (throws EmulatorError E_INTERNAL on overlap), merging equal neighbours; returns the resulting VMA. */
  insert(vma: Vma): Vma;
  /** Cuts [start, end) out, splitting at the borders; returns the removed pieces in rising order. */
  remove(start: number, end: number): Vma[];
  /** Replaces attributes of the parts within [start, end); false if the range has holes (the parts before the first hole are changed, as mprotect(2) does). */
  update(start: number, end: number, change: (vma: Vma) => Vma): boolean;
  /** VMAs that meet [start, end), in rising order, unclipped. */
  range(start: number, end: number): IterableIterator<Vma>;
  /** True if [start, end) is wholly mapped. */
  covers(start: number, end: number): boolean;
}
