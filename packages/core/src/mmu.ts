import type { FaultReason } from './stop.ts';

export const PAGE_SIZE = 4096;
export const PAGE_SHIFT = 12;
/** First address behind user space (47 bits, one guard page less as Linux has it: TASK_SIZE_MAX). */
export const USER_END = 0x7fff_ffff_f000;

/** Access and protection bits; the values are those of PROT_READ, PROT_WRITE and PROT_EXEC. */
export const PROT = { NONE: 0, READ: 1, WRITE: 2, EXEC: 4 } as const;

/** Bytes behind its page that an access may reach if the TLB has the next page too and its frame follows. */
export const TLB_REACH = 512;

/**
 * The TLB as engines read it, in the machine's memory: two direct-mapped tables (loads, stores) of `entries` entries of 16 bytes:
 * u64 tag, i32 addend (host offset of the page minus the low 32 bits of its address), i32 high half of the page's address.
 * The tag is the page's address if the next page is in the table too and follows in the host's memory, else the address minus TLB_REACH; if empty, one that
 * no address of this index matches. Index: (address >> 12) & (entries - 1). An access hits if address - tag <= 4096 + TLB_REACH - size, unsigned.
 * host offset = (addend + low 32 bits of address) mod 2^32, valid for all bytes of that access, across the end of the page or not.
 */
export interface TlbLayout {
  readonly readBase: number;
  readonly writeBase: number;
  readonly entries: number;
}

/** A part of the machine's memory that belongs to the engine, in bytes; the host commits it as it is touched, and no budget counts it. */
export interface EngineArea {
  readonly base: number;
  readonly size: number;
}

/** A file (or other object) whose pages can be mapped. Identity is object identity: one Mappable per inode. */
export interface Mappable {
  /** Size in bytes now; a page wholly beyond it raises `bus`. */
  size(): number;
  /** Fills one page of 4096 bytes (zero beyond the end). */
  readPage(pageIndex: number, into: Uint8Array): void;
  /** Stores a dirty page of a shared mapping; only `length` bytes lie inside the file. */
  writePage(pageIndex: number, from: Uint8Array, length: number): void;
}

/** What backs a page, told by the owner of the VMAs at the first touch. */
export interface PageBacking {
  /** PROT bits of the VMA. */
  readonly prot: number;
  readonly shared: boolean;
  /** null: anonymous, zero-filled. A shared anonymous mapping has a Mappable of its own. */
  readonly source: Mappable | null;
  /** Page index in the source. */
  readonly pageIndex: number;
}

/** Told by the kernel layer; asked on a TLB and page-table miss. */
export interface Pager {
  /** The backing of the page that holds `address`, or null if nothing is mapped. May grow a stack VMA before it answers. */
  backing(address: number, access: number): PageBacking | null;
}

/** Told about changes to pages that hold translated code. */
export interface CodeListener {
  /** Bytes of a code frame were (or are about to be) overwritten by the kernel layer (a system call's copy out, a file write through the page cache). */
  frameWritten(frame: number, offset: number, length: number): void;
  /** Translations of [start, end) went away or changed (munmap, mprotect, mremap, copy-on-write). */
  unmapped(start: number, end: number): void;
}

/** Of the whole machine. */
export interface MemoryStats {
  /** Bytes held by page-table nodes now, and the most so far. */
  readonly pageTableBytes: number;
  readonly pageTablePeakBytes: number;
  readonly pageTableNodes: number;
  /** Page frames in use now, and the most so far (4096 bytes each). */
  readonly frames: number;
  readonly framesPeak: number;
  /** Frames of the page cache among them. */
  readonly cacheFrames: number;
  /** The most bytes that frames and page tables held at once: less than their peaks together, which come at different times. */
  readonly peakBytes: number;
  /** The budget in bytes, over frames and page tables together. */
  readonly budgetBytes: number;
  readonly tlbFills: number;
  /** Fills that took another page's place. */
  readonly tlbEvictions: number;
  readonly tlbFlushes: number;
}

/** Details of the last failed translation. */
export interface MmuFault {
  address: number;
  access: number;
  reason: FaultReason;
  /** True if a page was mapped there (error code bit 0). */
  present: boolean;
}

/** What a `WebAssembly.Memory` is to its users: stated here, so that our declarations need no DOM types. */
export interface LinearMemory {
  readonly buffer: ArrayBuffer;
  /** Grows by `pages` of 64 KiB and returns the old size in pages. */
  grow(pages: number): number;
}

/** Guest memory as one engine sees it: through the address space that is active. */
export interface EnginePort {
  readonly memory: LinearMemory;
  /** memory.buffer; never detached, the memory has its full size from the start. */
  readonly buffer: ArrayBuffer;
  readonly tlb: TlbLayout;
  /** The engine's own. */
  readonly engineArea: EngineArea;
  codeListener: CodeListener | null;

  /**
   * Host byte offset of `address` for `access` (one PROT bit), filling page table and TLB on the way; −1 if it faults, details in `fault`.
   * A write to a frame that holds translated code (see markCode) is translated but never enters the write TLB: the caller must check
   * `isCodeFrame(offset >>> 12)` and invalidate before it stores.
   */
  translate(address: number, access: number): number;
  readonly fault: MmuFault;
  /** Copies guest to host without permission checks; returns the bytes copied, fewer than asked if a page cannot be had. */
  peek(address: number, into: Uint8Array): number;

  /** The engine translated code from this frame (host offset >>> 12): stores to it leave the TLB. */
  markCode(frame: number): void;
  /** The engine holds no more code of this frame. */
  clearCode(frame: number): void;
  /** True if this engine, or another one on the same memory, holds code of the frame. */
  isCodeFrame(frame: number): boolean;
  /** The engine is about to store into a code frame: others that hold code of it are told. */
  storing(frame: number, offset: number, length: number): void;
  /** The engine is to execute another address space: all that it was shown is gone. */
  reset(): void;
}

/**
 * An address space: translation, page frames and copies between host and guest. All addresses are JS numbers below 2^47. Address spaces of one machine
 * share its memory: frames, page cache, budget and TLB; one of them is active, which is what engines see.
 */
export interface Mmu extends EnginePort {
  readonly pageTableName: string;
  pager: Pager;

  /** Another address space on the same memory, empty. */
  createSibling(): Mmu;
  /**
   * fork: an empty sibling gets the present pages of [start, end): private ones are copied on the first store, by whichever side. False if the budget does
   * not allow the page table; what was done stays.
   */
  share(child: Mmu, start: number, end: number): boolean;
  /** Engines see this address space from now on. */
  activate(): void;
  /** Gives everything back: the address space must not be used any more. */
  release(): void;
  /** Through which engine it is executed; at first one of its own kind, whose area is the machine's main one. */
  port: EnginePort;
  /** No engine executes it from now on, until a port is set: none hears of its mappings. */
  detach(): void;
  /** Another engine's view, with an area of its own; null: there are no more areas. */
  createPort(): EnginePort | null;
  /** True if all code that the engine of `port` was shown lies in this address space too, at the same addresses, in the same frames. */
  agrees(): boolean;
  /** Pages with a frame now, and the most so far. */
  readonly residentPages: number;
  readonly residentPeak: number;

  /** A new mapping [start, end), page-aligned: eager page tables fill themselves here. False if the budget does not allow it. */
  map(start: number, end: number, prot: number): boolean;
  /** Changes protection of present pages (and of eager tables). False if the budget does not allow it. */
  protect(start: number, end: number, prot: number): boolean;
  /** Drops all pages of the range, writing dirty shared file pages back. False if an eager page table ran out of budget (the pages are dropped all the same). */
  unmap(start: number, end: number): boolean;
  /** mremap: moves the pages of [from, from + length) to `to`. */
  move(from: number, to: number, length: number): boolean;
  /** madvise(MADV_DONTNEED): frees the frames, keeps the mapping; the next touch asks the pager again. */
  discard(start: number, end: number): void;
  /** msync: writes dirty shared file pages of the range back. */
  sync(start: number, end: number): void;
  /** True if the page of this address has a frame (mincore). */
  resident(address: number): boolean;

  /** Copies guest to host; returns the bytes copied, fewer than asked if a page faults (PROT_READ is checked). */
  copyIn(address: number, into: Uint8Array): number;
  /** Copies host to guest; returns the bytes copied, fewer than asked if a page faults (PROT_WRITE is checked). */
  copyOut(address: number, from: Uint8Array): number;
  /** As copyOut, without permission checks (loader, ptrace-like writes). */
  poke(address: number, from: Uint8Array): number;
  /** Fills with zero; returns the bytes done. */
  zero(address: number, length: number): number;

  /** The page cache: keeps read(2), write(2) and truncate(2) coherent with mappings of the same Mappable. */
  readonly cache: PageCache;

  /** Calls back for each present page in rising order of address, for hashes and dumps. clean: as the mapped file has it. */
  forEachPage(visit: (address: number, hostOffset: number, prot: number, clean: boolean) => void): void;
  stats(): MemoryStats;
  /** Empties the TLB. */
  flushTlb(): void;
}

/** Pages of files that are mapped somewhere. */
export interface PageCache {
  /** True if any page of the file is cached. */
  has(file: Mappable): boolean;
  /** write(2) changed these bytes: cached pages take them over. */
  update(file: Mappable, offset: number, bytes: Uint8Array): void;
  /** truncate(2): pages beyond the size are dropped, the tail of the last one is zeroed. */
  truncate(file: Mappable, size: number): void;
  /** Writes dirty pages back through Mappable.writePage (before read(2), at fsync, at exit). */
  flush(file: Mappable): void;
  flushAll(): void;
}

/** A page-table strategy: where PTEs are kept, and what that costs. A PTE is a u32: frame << 12 | flags (PTE), 0 = none. */
export interface PageTable {
  readonly name: string;
  /** PTE of the page number (address / 4096), 0 if none. */
  get(page: number): number;
  /** False if the allowance refused a new node. */
  set(page: number, pte: number): boolean;
  /** Eager tables fill here. False if the allowance refused. */
  onMap(startPage: number, endPage: number, prot: number): boolean;
  onProtect(startPage: number, endPage: number, prot: number): boolean;
  onUnmap(startPage: number, endPage: number): boolean;
  /** Visits present PTEs in rising order; the visitor may set the page it is visiting. Cost is in present nodes, not in the range. */
  forEach(startPage: number, endPage: number, visit: (page: number, pte: number) => void): void;
  /** After PTEs of the range were cleared: free what is empty (if this strategy ever does). */
  trim(startPage: number, endPage: number): void;
  stats(): { readonly nodes: number; readonly bytes: number; readonly peakBytes: number };
}

/** Asked by a page table before it allocates (positive) and told when it frees (negative), in bytes. False: over budget. */
export type PageTableAllowance = (bytes: number) => boolean;
export interface PageTableStrategy {
  readonly name: string;
  create(allow: PageTableAllowance): PageTable;
}

/** Flag bits of a PTE. */
export const PTE = {
  READ: 1, WRITE: 2, EXEC: 4,
  /** Has a frame. */
  PRESENT: 8,
  /** Private page shared with the page cache or another mapping: the first store copies it. */
  COW: 16,
  /** Shared file page that was made writable (to be written back). */
  DIRTY: 32,
  /** The frame belongs to the page cache. */
  CACHE: 64,
  /** Private copy of a file's page: goes when the file shrinks below it. */
  COPY: 128,
} as const;
