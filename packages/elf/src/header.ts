import { EI, ELF64, ELFCLASS, ELFDATA, EM_NAMES, EM_X86_64, ET } from '@tally86/abi';
import { reject } from './errors.ts';
import { type ByteSource, readView, u64 } from './source.ts';

/** The ELF header of a 64-bit little-endian x86-64 program. */
export interface ElfHeader {
  /** ET_EXEC or ET_DYN. */
  readonly type: number;
  readonly entry: number;
  readonly phoff: number;
  readonly phentsize: number;
  readonly phnum: number;
  readonly shoff: number;
  readonly shentsize: number;
  readonly shnum: number;
  readonly shstrndx: number;
}

const TYPE_NAMES: Readonly<Record<number, string>> = { 0: 'no type', 1: 'a relocatable object', 4: 'a core dump' };

/** Reads the header; throws EmulatorError E_ELF for anything but a program or shared object for x86-64. */
export function parseHeader(source: ByteSource): ElfHeader {
  const ident = readView(source, 0, Math.min(source.size, EI.NIDENT));
  if (ident === null || ident.byteLength < 4 || ident.getUint32(0, false) !== 0x7f454c46) reject('not an ELF file');
  if (ident.byteLength < EI.NIDENT) reject('truncated ELF file: no header');
  const elfClass = ident.getUint8(EI.CLASS);
  const data = ident.getUint8(EI.DATA);
  if (elfClass === ELFCLASS['32']) reject('a 32-bit program; only 64-bit x86-64 programs run here');
  if (elfClass !== ELFCLASS['64']) reject(`unknown ELF class ${elfClass}`);
  if (data === ELFDATA.MSB) reject('a big-endian program; only x86-64 programs run here');
  if (data !== ELFDATA.LSB) reject(`unknown ELF data encoding ${data}`);
  const view = readView(source, 0, ELF64.EHDR);
  if (view === null) reject('truncated ELF file: no header');
  const machine = view.getUint16(18, true);
  if (machine !== EM_X86_64) reject(`a program for ${EM_NAMES[machine] ?? `machine ${machine}`}; only x86-64 programs run here`, { machine });
  const type = view.getUint16(16, true);
  if (type !== ET.EXEC && type !== ET.DYN) reject(`${TYPE_NAMES[type] ?? `of unknown type ${type}`}, not a program`, { type });
  return {
    type,
    entry: u64(view, 24),
    phoff: u64(view, 32),
    shoff: u64(view, 40),
    phentsize: view.getUint16(54, true),
    phnum: view.getUint16(56, true),
    shentsize: view.getUint16(58, true),
    shnum: view.getUint16(60, true),
    shstrndx: view.getUint16(62, true),
  };
}
