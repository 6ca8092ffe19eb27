export type { ElfHeader } from './header.ts';
export { type ElfImage, parseElf, type ParseOptions } from './image.ts';
export type { ElfNote } from './notes.ts';
export type { ProgramHeader } from './program-headers.ts';
export type { SectionHeader } from './sections.ts';
export { type ByteSource, bytesSource } from './source.ts';
export type { ElfSymbol, SymbolTable } from './symbols.ts';
