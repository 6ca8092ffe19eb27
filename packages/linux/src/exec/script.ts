import { E } from '@tally86/abi';
import type { ByteString } from '@tally86/core';
import { toByteString } from '../mm/create-user-memory.ts';

export interface Shebang {
  readonly interpreter: ByteString;
  /** Everything behind the interpreter, as one argument; null: none. */
  readonly argument: ByteString | null;
}

const isBlank = (char: string): boolean => char === ' ' || char === '\t';

/** The first line of a script from the first bytes of the file (fs/binfmt_script.c); null: no script; −ENOEXEC: a bad one. */
export function parseShebang(head: Uint8Array): Shebang | number | null {
  const text = toByteString(head);
  if (!text.startsWith('#!')) return null;
  const newline = text.indexOf('\n');
  let line = newline < 0 ? text : text.slice(0, newline);
  if (newline < 0) {
    const end = text.indexOf('\0');
    if (end >= 0) line = text.slice(0, end);
    // A path that does not end within the buffer may be cut: not taken.
    else if (!/^#![ \t]*[^ \t]+[ \t]/.test(text) && head.length >= 256) return -E.ENOEXEC;
  }
  let at = 2;
  while (at < line.length && isBlank(line[at])) at += 1;
  let end = line.length;
  while (end > at && isBlank(line[end - 1])) end -= 1;
  const rest = line.slice(at, end);
  if (rest === '') return -E.ENOEXEC;
  const split = rest.search(/[ \t]/);
  if (split < 0) return { interpreter: rest, argument: null };
  return { interpreter: rest.slice(0, split), argument: rest.slice(split).replace(/^[ \t]+/, '') };
}
