import { ELF64, SHN } from '@tally86/abi';
import type { ElfHeader } from './header.ts';
import { type ByteSource, readView, u64 } from './source.ts';

/** A section header; quantities in bytes. */
export interface SectionHeader {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly entrySize: number;
}

const MAX_SECTIONS = 65_536;
const MAX_NAMES = 1 << 20;

/** The section headers; an absent, foreign or damaged table gives an empty list: programs run without. */
export function parseSections(source: ByteSource, header: ElfHeader): readonly SectionHeader[] {
  if (header.shoff === 0 || header.shentsize !== ELF64.SHDR) return [];
  const first = readView(source, header.shoff, ELF64.SHDR);
  if (first === null) return [];
  const count = header.shnum === 0 ? u64(first, 32) : header.shnum;
  if (count > MAX_SECTIONS) return [];
  const view = readView(source, header.shoff, count * ELF64.SHDR);
  if (view === null) return [];
  const namesIndex = header.shstrndx === SHN.XINDEX ? first.getUint32(40, true) : header.shstrndx;
  const names = namesIndex < count ? sectionBytes(source, u64(view, namesIndex * ELF64.SHDR + 24), u64(view, namesIndex * ELF64.SHDR + 32), MAX_NAMES) : null;
  return Array.from({ length: count }, (_, index) => {
    const at = index * ELF64.SHDR;
    return {
      name: names === null ? '' : stringAt(names, view.getUint32(at, true)),
      type: view.getUint32(at + 4, true),
      flags: u64(view, at + 8),
      address: u64(view, at + 16),
      offset: u64(view, at + 24),
      size: u64(view, at + 32),
      link: view.getUint32(at + 40, true),
      info: view.getUint32(at + 44, true),
      entrySize: u64(view, at + 56),
    };
  });
}

/** Content of a section, or null if it lies beyond the file or is larger than `limit` bytes. */
export function sectionBytes(source: ByteSource, offset: number, size: number, limit: number): Uint8Array | null {
  if (!(size <= limit)) return null;
  const view = readView(source, offset, size);
  return view === null ? null : new Uint8Array(view.buffer);
}

const decoder = new TextDecoder();

/** The NUL-terminated string at `offset`; empty if it starts beyond the table. */
export function stringAt(table: Uint8Array, offset: number): string {
  if (offset >= table.length) return '';
  const end = table.indexOf(0, offset);
  return decoder.decode(table.subarray(offset, end < 0 ? table.length : end));
}
