import { ET, PF } from '@tally86/abi';
import { PAGE_SIZE, PROT } from '@tally86/core';
import type { ProgramHeader } from '@tally86/elf';
import { type AddressSpace, addVma, pageDown, pageUp, removeRange } from '../mm/address-space.ts';
import { placeArea } from '../mm/place.ts';
import type { LoadedFile } from './program.ts';

/** Where a file was mapped; addresses in the guest. */
export interface LoadedElf {
  readonly bias: number;
  readonly entry: number;
  /** Address of the program headers; 0 if no segment holds them. */
  readonly phdr: number;
  readonly startCode: number;
  readonly endCode: number;
  readonly startData: number;
  readonly endData: number;
  /** End of the last segment in memory, not rounded. */
  readonly end: number;
}

/** ELF_ET_DYN_BASE: two thirds of user space. */
const DYN_BASE = 0x5555_5555_4aaa;

/** Where the program goes: programs with an interpreter at two thirds of user space, everything else that can move below mmap_base. */
export type Placement = 'program' | 'mmap';

/** Maps the segments of a file; null: no room or no memory (fs/binfmt_elf.c, load_elf_binary). */
export function mapElf(mm: AddressSpace, { file, elf }: LoadedFile, placement: Placement): LoadedElf | null {
  const { segments, header } = elf;
  const low = Math.min(...segments.map(({ vaddr }) => pageDown(vaddr)));
  const high = Math.max(...segments.map(({ vaddr, memsz }) => pageUp(vaddr + memsz)));
  const bias = header.type === ET.EXEC ? 0 : chooseBias(mm, segments, low, high, placement);
  if (bias === null) return null;
  mm.remember(file.mappable, { device: file.device, inode: file.inode, path: file.path });
  for (const segment of segments) if (!mapSegment(mm, file, segment, bias)) return null;
  const holder = segments.find(({ offset, filesz }) => offset <= header.phoff && header.phoff < offset + filesz);
  const ends = (list: readonly ProgramHeader[]): number => Math.max(0, ...list.map(({ vaddr, filesz }) => vaddr + filesz));
  return {
    bias,
    entry: header.entry + bias,
    phdr: holder === undefined ? 0 : header.phoff - holder.offset + holder.vaddr + bias,
    startCode: Math.min(...segments.map(({ vaddr }) => vaddr)) + bias,
    endCode: ends(segments.filter(({ flags }) => (flags & PF.X) !== 0)) + bias,
    startData: Math.max(...segments.map(({ vaddr }) => vaddr)) + bias,
    endData: ends(segments) + bias,
    end: Math.max(...segments.map(({ vaddr, memsz }) => vaddr + memsz)) + bias,
  };
}

function chooseBias(mm: AddressSpace, segments: readonly ProgramHeader[], low: number, high: number, placement: Placement): number | null {
  const alignment = Math.max(PAGE_SIZE, ...segments.map(({ align }) => (isPowerOfTwo(align) ? align : 0)));
  if (placement === 'program') {
    const base = DYN_BASE - (DYN_BASE % alignment);
    const start = base - (base % PAGE_SIZE);
    if (mm.vmas.gaps.isFree(start + low, high - low)) return start;
  }
  const slack = alignment > PAGE_SIZE ? alignment : 0;
  const start = placeArea(mm, 0, high - low + slack, 0);
  if (start < 0) return null;
  return Math.ceil(start / alignment) * alignment - low;
}

/** Alignments beyond 1 GiB are not worth honouring. */
const isPowerOfTwo = (value: number): boolean => value > 0 && value <= 0x4000_0000 && Number.isInteger(Math.log2(value));

function mapSegment(mm: AddressSpace, file: LoadedFile['file'], segment: ProgramHeader, bias: number): boolean {
  const prot = ((segment.flags & PF.R) !== 0 ? PROT.READ : 0) | ((segment.flags & PF.W) !== 0 ? PROT.WRITE : 0) | ((segment.flags & PF.X) !== 0 ? PROT.EXEC : 0);
  const start = segment.vaddr + bias;
  const fileEnd = start + segment.filesz;
  const end = start + segment.memsz;
  const base = { prot, shared: false, growsDown: false, tag: 0 };
  let anonymousFrom = pageDown(start);
  if (segment.filesz > 0) {
    const from = pageDown(start);
    anonymousFrom = pageUp(fileEnd);
    removeRange(mm, from, anonymousFrom);
    if (!addVma(mm, { ...base, start: from, end: anonymousFrom, source: file.mappable, offset: pageDown(segment.offset), name: file.path })) return false;
  }
  if (pageUp(end) > anonymousFrom) {
    removeRange(mm, anonymousFrom, pageUp(end));
    if (!addVma(mm, { ...base, start: anonymousFrom, end: pageUp(end), source: null, offset: 0, name: '' })) return false;
  }
  // The rest of the last file page belongs to the bss.
  if (segment.filesz > 0 && end > fileEnd && fileEnd % PAGE_SIZE !== 0) {
    const tail = Math.min(pageUp(fileEnd), end) - fileEnd;
    if (mm.mmu.poke(fileEnd, new Uint8Array(pageUp(fileEnd) - fileEnd)) < tail) return false;
  }
  return true;
}
