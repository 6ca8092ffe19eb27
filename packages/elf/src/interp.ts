import { PATH_MAX, PT } from '@tally86/abi';
import { reject } from './errors.ts';
import type { ProgramHeader } from './program-headers.ts';
import { type ByteSource, readView } from './source.ts';

/** The path in PT_INTERP as bytes, or null for a program without one; throws E_ELF as the kernel refuses it (load_elf_binary). */
export function parseInterpreter(source: ByteSource, headers: readonly ProgramHeader[]): Uint8Array | null {
  const header = headers.find(({ type }) => type === PT.INTERP);
  if (header === undefined) return null;
  if (header.filesz < 2 || header.filesz > PATH_MAX) reject(`the interpreter's path has ${header.filesz} bytes`);
  const view = readView(source, header.offset, header.filesz);
  if (view === null) reject('truncated ELF file: the interpreter path lies beyond the end');
  const bytes = new Uint8Array(view.buffer);
  if (bytes[bytes.length - 1] !== 0) reject("the interpreter's path is not terminated");
  return bytes.subarray(0, bytes.indexOf(0));
}
