import { ELF64, PT } from '@tally86/abi';
import { PAGE_SIZE, USER_END } from '@tally86/core';
import { hex, reject } from './errors.ts';
import type { ElfHeader } from './header.ts';
import { type ByteSource, readView, u64 } from './source.ts';

/** A program header; quantities in bytes. */
export interface ProgramHeader {
  readonly type: number;
  /** PF bits. */
  readonly flags: number;
  readonly offset: number;
  readonly vaddr: number;
  readonly filesz: number;
  readonly memsz: number;
  readonly align: number;
}

/** The kernel takes at most 64 KiB of program headers (fs/binfmt_elf.c, load_elf_phdrs). */
const MAX_TABLE = 65_536;

/** Reads the program headers; throws E_ELF if the table is absent, foreign or beyond the file. */
export function parseProgramHeaders(source: ByteSource, header: ElfHeader): readonly ProgramHeader[] {
  const { phoff, phnum, phentsize } = header;
  if (phnum === 0) reject('no program headers: nothing to load');
  if (phentsize !== ELF64.PHDR) reject(`program headers of ${phentsize} bytes; they have ${ELF64.PHDR}`);
  if (phnum * ELF64.PHDR > MAX_TABLE) reject(`${phnum} program headers; Linux takes at most ${Math.floor(MAX_TABLE / ELF64.PHDR)}`);
  const view = readView(source, phoff, phnum * ELF64.PHDR);
  if (view === null) reject(`truncated ELF file: the program headers lie at ${hex(phoff)}, the file has ${source.size} bytes`);
  return Array.from({ length: phnum }, (_, index) => {
    const at = index * ELF64.PHDR;
    return {
      type: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      offset: u64(view, at + 8),
      vaddr: u64(view, at + 16),
      filesz: u64(view, at + 32),
      memsz: u64(view, at + 40),
      align: u64(view, at + 48),
    };
  });
}

/**
 * The PT_LOAD headers, checked so that mapping them cannot surprise: throws E_ELF with the segment and what is wrong with it. Where Linux kills a
 * program while it maps it, we refuse it; and a file that ends within a segment, which Linux runs up to the first access behind the end.
 */
export function loadSegments(source: ByteSource, headers: readonly ProgramHeader[]): readonly ProgramHeader[] {
  const segments: ProgramHeader[] = [];
  headers.forEach((segment, index) => {
    if (segment.type !== PT.LOAD) return;
    const { offset, vaddr, filesz, memsz } = segment;
    const name = `segment ${index}`;
    if (filesz > memsz) reject(`${name} has ${hex(filesz)} bytes in the file but only ${hex(memsz)} in memory`);
    if (vaddr > USER_END || memsz > USER_END || vaddr + memsz > USER_END) reject(`${name} (${hex(vaddr)}, ${hex(memsz)} bytes) lies outside of user space`);
    if (filesz > 0 && offset + filesz > source.size) reject(`truncated ELF file: ${name} ends at ${hex(offset + filesz)}, the file has ${hex(source.size)} bytes`);
    if (filesz > 0 && offset % PAGE_SIZE !== vaddr % PAGE_SIZE) reject(`${name} cannot be mapped: offset ${hex(offset)} and address ${hex(vaddr)} differ modulo the page size`);
    if (memsz > 0) segments.push(segment);
  });
  if (segments.length === 0) reject('no loadable segment: nothing to run');
  return segments;
}
