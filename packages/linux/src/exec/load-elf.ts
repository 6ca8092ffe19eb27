import { ET, PF } from '@tally86/abi';
import { EmulatorError, PAGE_SIZE, PROT, USER_END } from '@tally86/core';
import type { ProgramHeader } from '@tally86/elf';
import { type AddressSpace, addVma, pageDown, pageUp, removeRange } from '../mm/address-space.ts';
import { placeArea } from '../mm/place.ts';
import type { LoadedFile } from './program.ts';

/** Where a file was mapped; addresses in the guest. */
export interface LoadedElf {
  readonly bias: number;
  /** Modulo 2^64: only the file that runs first is asked to have it in user space. */
  readonly entry: bigint;
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

/** Where what can move goes: programs with an interpreter at two thirds of user space, those without and interpreters below mmap_base; an interpreter's alignment counts for nothing. */
export type Placement = 'program' | 'static' | 'interpreter';

const noMemory = (): EmulatorError => new EmulatorError('E_HOST_MEMORY', 'the memory budget does not hold the program');
const refuse = (reason: string): EmulatorError => new EmulatorError('E_ELF', reason);

/** Maps the segments of a file (fs/binfmt_elf.c, load_elf_binary). Throws E_HOST_MEMORY, and E_ELF for segments that cannot be where they ask to be. */
export function mapElf(mm: AddressSpace, { file, elf }: LoadedFile, placement: Placement): LoadedElf {
  const { segments, header } = elf;
  const low = Math.min(...segments.map(({ vaddr }) => pageDown(vaddr)));
  const high = Math.max(...segments.map(({ vaddr, memsz }) => pageUp(vaddr + memsz)));
  const bias = header.type === ET.EXEC ? 0 : chooseBias(mm, segments, low, high, placement);
  if (bias === null || low + bias < mm.minAddress || high + bias > USER_END) throw refuse(`no room for the program at 0x${(low + (bias ?? 0)).toString(16)}, where its segments ask to be`);
  mm.remember(file.mappable, { device: file.device, inode: file.inode, path: file.path });
  for (const segment of segments) if (!mapSegment(mm, file, segment, bias)) throw noMemory();
  const holder = segments.find(({ offset, filesz }) => offset <= header.phoff && header.phoff < offset + filesz);
  const ends = (list: readonly ProgramHeader[]): number => Math.max(0, ...list.map(({ vaddr, filesz }) => vaddr + filesz));
  return {
    bias,
    entry: BigInt.asUintN(64, header.entry + BigInt(bias)),
    phdr: holder === undefined ? 0 : header.phoff - holder.offset + holder.vaddr + bias,
    startCode: Math.min(...segments.map(({ vaddr }) => vaddr)) + bias,
    endCode: ends(segments.filter(({ flags }) => (flags & PF.X) !== 0)) + bias,
    startData: Math.max(...segments.map(({ vaddr }) => vaddr)) + bias,
    endData: ends(segments) + bias,
    end: Math.max(...segments.map(({ vaddr, memsz }) => vaddr + memsz)) + bias,
  };
}

function chooseBias(mm: AddressSpace, segments: readonly ProgramHeader[], low: number, high: number, placement: Placement): number | null {
  const alignment = placement === 'interpreter' ? PAGE_SIZE : Math.max(PAGE_SIZE, ...segments.map(({ align }) => (isPowerOfTwo(align) ? align : 0)));
  const start = placement === 'program' ? DYN_BASE : placeArea(mm, 0, high - low, 0);
  if (start < 0) return null;
  // The first segment goes to the place, wherever it is linked to be.
  const bias = start - (start % alignment) - pageDown(segments[0].vaddr);
  // The first mapping is as long as the whole at first, even if the rest lies below it.
  const isFree = (from: number): boolean => from + high - low <= USER_END && mm.vmas.gaps.isFree(from, high - low);
  return isFree(low + bias) && isFree(pageDown(segments[0].vaddr) + bias) ? bias : null;
}

const isPowerOfTwo = (value: number): boolean => value > 0 && Number.isInteger(Math.log2(value));

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
    // As by brk: writable, whatever the segment is (elf_load, vm_brk_flags).
    if (!addVma(mm, { ...base, prot: PROT.READ | PROT.WRITE | (prot & PROT.EXEC), start: anonymousFrom, end: pageUp(end), source: null, offset: 0, name: '' })) return false;
  }
  // The rest of the last file page belongs to the bss; the kernel writes as the program would, and lets be what is read-only.
  if (segment.filesz > 0 && end > fileEnd && fileEnd % PAGE_SIZE !== 0 && (prot & PROT.WRITE) !== 0) {
    const tail = Math.min(pageUp(fileEnd), end) - fileEnd;
    if (mm.mmu.poke(fileEnd, new Uint8Array(pageUp(fileEnd) - fileEnd)) < tail) return false;
  }
  return true;
}
