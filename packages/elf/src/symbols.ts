import { ELF64, SHN, SHT, STB, STT } from '@tally86/abi';
import { type SectionHeader, sectionBytes, stringAt } from './sections.ts';
import { type ByteSource, u64 } from './source.ts';

/** A defined function symbol; addresses as linked (add the load bias). */
export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  /** Bytes; 0 if unknown. */
  readonly size: number;
}

export interface SymbolTable {
  readonly size: number;
  /** The function that holds `address` (as linked), or null. A symbol without size reaches to the next one. */
  find(address: number): ElfSymbol | null;
  /** The symbol of that name, or null. */
  byName(name: string): ElfSymbol | null;
  /** In rising order of address. */
  entries(): IterableIterator<ElfSymbol>;
}

/** Symbol and string tables beyond this many bytes are left out. */
const MAX_BYTES = 256 << 20;

/** Functions of .symtab, or of .dynsym if the program is stripped. Damaged tables give what can be read; it never throws. */
export function parseSymbols(source: ByteSource, sections: readonly SectionHeader[]): SymbolTable {
  const table = sections.find(({ type }) => type === SHT.SYMTAB) ?? sections.find(({ type }) => type === SHT.DYNSYM);
  const strings = table === undefined ? undefined : sections[table.link];
  const symbols = table && sectionBytes(source, table.offset, table.size, MAX_BYTES);
  const names = strings && sectionBytes(source, strings.offset, strings.size, MAX_BYTES);
  return symbols && names ? createTable(symbols, names) : createTable(new Uint8Array(), new Uint8Array());
}

function createTable(symbols: Uint8Array, names: Uint8Array): SymbolTable {
  const view = new DataView(symbols.buffer, symbols.byteOffset, symbols.byteLength);
  const indices: number[] = [];
  for (let at = 0; at + ELF64.SYM <= view.byteLength; at += ELF64.SYM) {
    const type = view.getUint8(at + 4) & 15;
    const section = view.getUint16(at + 6, true);
    const value = u64(view, at + 8);
    if ((type === STT.FUNC || type === STT.GNU_IFUNC || type === STT.NOTYPE) && section !== SHN.UNDEF && section < SHN.LORESERVE && value !== Infinity && view.getUint32(at, true) !== 0) indices.push(at);
  }
  const address = (at: number): number => u64(view, at + 8);
  const size = (at: number): number => u64(view, at + 16);
  // Of several names for one address the global one with a size wins; then the order of the table.
  const rank = (at: number): number => (size(at) > 0 ? 2 : 0) + (view.getUint8(at + 4) >> 4 === STB.LOCAL ? 0 : 1);
  indices.sort((a, b) => address(a) - address(b) || rank(b) - rank(a) || a - b);
  const symbol = (at: number): ElfSymbol => ({ name: stringAt(names, view.getUint32(at, true)), address: address(at), size: size(at) });
  let named: Map<string, number> | null = null;
  return {
    size: indices.length,
    find(wanted) {
      let low = 0;
      let high = indices.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (address(indices[middle]!) <= wanted) low = middle + 1;
        else high = middle;
      }
      if (low === 0) return null;
      const start = address(indices[low - 1]!);
      let first = low - 1;
      while (first > 0 && address(indices[first - 1]!) === start) first -= 1;
      const at = indices[first]!;
      return size(at) > 0 && wanted >= start + size(at) ? null : symbol(at);
    },
    byName(name) {
      if (named === null) {
        named = new Map();
        for (const at of indices) {
          const text = stringAt(names, view.getUint32(at, true));
          if (!named.has(text)) named.set(text, at);
        }
      }
      const at = named.get(name);
      return at === undefined ? null : symbol(at);
    },
    *entries() {
      for (const at of indices) yield symbol(at);
    },
  };
}
