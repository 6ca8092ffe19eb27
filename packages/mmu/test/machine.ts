import { PAGE_SIZE, PROT, TLB_REACH, type Mappable, type Mmu, type PageBacking } from '@tally86/core';

/** A file in memory that notes what is written back. */
export interface TestFile extends Mappable {
  bytes: Uint8Array;
  readonly writes: number[];
}
export function testFile(length: number, seed = 1): TestFile {
  const file: TestFile = {
    bytes: Uint8Array.from({ length }, (_, i) => (i * 7 + seed * 31 + (i >>> 12)) & 255),
    writes: [],
    size: () => file.bytes.length,
    readPage(index, into) {
      const part = file.bytes.subarray(index * PAGE_SIZE, (index + 1) * PAGE_SIZE);
      into.set(part);
      into.fill(0, part.length);
    },
    writePage(index, from, size) {
      file.bytes.set(from.subarray(0, size), index * PAGE_SIZE);
      file.writes.push(index);
    },
  };
  return file;
}

/** Mappings page by page, as the kernel layer would tell them. */
export function testPager(mmu: Mmu): Map<number, PageBacking> {
  const pages = new Map<number, PageBacking>();
  mmu.pager = { backing: (address) => pages.get(Math.floor(address / PAGE_SIZE)) ?? null };
  return pages;
}
export const anonymous = (prot: number): PageBacking => ({ prot, shared: false, source: null, pageIndex: 0 });

/** Maps [start, start + pages) as an owner of VMAs would. */
export function mapPages(mmu: Mmu, pages: Map<number, PageBacking>, start: number, count: number, backing: PageBacking): boolean {
  if (!mmu.map(start, start + count * PAGE_SIZE, backing.prot)) return false;
  for (let i = 0; i < count; i++) pages.set(start / PAGE_SIZE + i, { ...backing, pageIndex: backing.pageIndex + i });
  return true;
}

/** Host offset of `size` bytes as the TLB has them; −1: it does not. */
export function tlbLookup(mmu: Mmu, address: number, access: number, size = 1): number {
  const { readBase, writeBase, entries } = mmu.tlb;
  const view = new DataView(mmu.buffer);
  const at = (access === PROT.WRITE ? writeBase : readBase) + (Math.floor(address / PAGE_SIZE) & (entries - 1)) * 16;
  const hit = BigInt.asUintN(64, BigInt(address) - view.getBigUint64(at, true)) <= BigInt(PAGE_SIZE + TLB_REACH - size);
  return hit && access !== PROT.EXEC ? (view.getInt32(at + 8, true) + (address % 0x1_0000_0000)) >>> 0 : -1;
}

/** Host offset of an access as an engine finds it: the TLB first, then `translate`; −1 if it faults. */
export function engineLookup(mmu: Mmu, address: number, access: number): number {
  const host = tlbLookup(mmu, address, access);
  return host >= 0 ? host : mmu.translate(address, access);
}
