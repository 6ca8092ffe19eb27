import { PF, PT } from '@tally86/abi';
import { type ElfHeader, parseHeader } from './header.ts';
import { parseInterpreter } from './interp.ts';
import { buildId, type ElfNote, parseNotes } from './notes.ts';
import { loadSegments, parseProgramHeaders, type ProgramHeader } from './program-headers.ts';
import { parseSections, type SectionHeader } from './sections.ts';
import type { ByteSource } from './source.ts';
import { parseSymbols, type SymbolTable } from './symbols.ts';

/** A parsed ELF program. What loading needs is checked at once; sections, symbols and notes are read when first asked for. */
export interface ElfImage {
  readonly header: ElfHeader;
  readonly programHeaders: readonly ProgramHeader[];
  /** PT_LOAD headers with memsz > 0, in file order, checked. */
  readonly segments: readonly ProgramHeader[];
  /** Path in PT_INTERP as bytes, or null. */
  readonly interpreter: Uint8Array | null;
  /** PT_GNU_STACK asks for an executable stack; null: no such header. */
  readonly executableStack: boolean | null;
  sections(): readonly SectionHeader[];
  symbols(): SymbolTable;
  notes(): readonly ElfNote[];
  /** In hex, or null. */
  buildId(): string | null;
}

export interface ParseOptions {
  /** The file is to load another program: its own PT_INTERP, good or bad, means nothing. */
  readonly asLoader?: boolean;
}

/** Parses an x86-64 program or shared object; throws EmulatorError E_ELF with a reason. Allocations stay bounded whatever the file says. */
export function parseElf(source: ByteSource, { asLoader = false }: ParseOptions = {}): ElfImage {
  const header = parseHeader(source);
  const programHeaders = parseProgramHeaders(source, header);
  const segments = loadSegments(source, programHeaders);
  const interpreter = asLoader ? null : parseInterpreter(source, programHeaders);
  const stack = programHeaders.findLast(({ type }) => type === PT.GNU_STACK);
  let sections: readonly SectionHeader[] | undefined;
  let symbols: SymbolTable | undefined;
  let notes: readonly ElfNote[] | undefined;
  const image: ElfImage = {
    header,
    programHeaders,
    segments,
    interpreter,
    executableStack: stack === undefined ? null : (stack.flags & PF.X) !== 0,
    sections: () => (sections ??= parseSections(source, header)),
    symbols: () => (symbols ??= parseSymbols(source, image.sections())),
    notes: () => (notes ??= parseNotes(source, programHeaders)),
    buildId: () => buildId(image.notes()),
  };
  return image;
}
