import { EI, ELF64, ELFCLASS, ELFDATA, EM_NAMES, EM_X86_64, ET } from '@tally86/abi';
import { reject } from './errors.ts';
import { type ByteSource, readView, u64 } from './source.ts';

/** The ELF header of a 64-bit little-endian x86-64 program. */
export interface ElfHeader {
  /** ET_EXEC or ET_DYN. */
  readonly type: number;
  /** Any 64 bits: with the load bias, modulo 2^64. */
  readonly entry: bigint;
  readonly phoff: number;
  readonly phentsize: number;
  readonly phnum: number;
  readonly shoff: number;
  readonly shentsize: number;
  readonly shnum: number;
  readonly shstrndx: number;
}

/** Bytes of a program header of a 32-bit file, and where its header says so: as x32 programs do. */
const PHDR_32 = 32;

const TYPE_NAMES: Readonly<Record<number, string>> = { 0: 'no type', 1: 'a relocatable object', 4: 'a core dump' };

/** Reads the header; throws EmulatorError E_ELF for anything but a program or shared object for x86-64. */
export function parseHeader(source: ByteSource): ElfHeader {
  const ident = readView(source, 0, Math.min(source.size, EI.NIDENT));
  if (ident === null || ident.byteLength < 4 || ident.getUint32(0, false) !== 0x7f454c46) reject('not an ELF file');
  if (ident.byteLength < EI.NIDENT) reject('truncated ELF file: no header');
  const view = readView(source, 0, ELF64.EHDR);
  if (view === null) reject('truncated ELF file: no header');
  const machine = view.getUint16(18, true);
  const is32 = ident.getUint8(EI.CLASS) === ELFCLASS['32'];
  // Class and byte order only say why: the kernel asks for the machine alone (arch/x86/include/asm/elf.h, elf_check_arch).
  if (machine !== EM_X86_64) {
    if (is32) reject('a 32-bit program; only 64-bit x86-64 programs run here');
    if (ident.getUint8(EI.DATA) === ELFDATA.MSB) reject('a big-endian program; only x86-64 programs run here');
    reject(`a program for ${EM_NAMES[machine] ?? `machine ${machine}`}; only x86-64 programs run here`, { machine });
  }
  if (is32 && view.getUint16(42, true) === PHDR_32) reject('an x32 program; only 64-bit x86-64 programs run here');
  const type = view.getUint16(16, true);
  if (type !== ET.EXEC && type !== ET.DYN) reject(`${TYPE_NAMES[type] ?? `of unknown type ${type}`}, not a program`, { type });
  return {
    type,
    entry: view.getBigUint64(24, true),
    phoff: u64(view, 32),
    shoff: u64(view, 40),
    phentsize: view.getUint16(54, true),
    phnum: view.getUint16(56, true),
    shentsize: view.getUint16(58, true),
    shnum: view.getUint16(60, true),
    shstrndx: view.getUint16(62, true),
  };
}
