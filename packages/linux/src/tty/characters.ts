import { TERMIOS } from '@tally86/abi';

/** Control characters of ASCII; bytes above are none. */
export const isControl = (byte: number): boolean => byte < 0x20 || byte === 0x7f;

/** Inside of a UTF-8 character, with IUTF8. */
export const isContinuation = (byte: number, inputFlags: number): boolean => (inputFlags & TERMIOS.IUTF8) !== 0 && (byte & 0xc0) === 0x80;

/** Part of a word for VWERASE: letters of Latin-1 too (lib/ctype.c). */
export function isWord(byte: number): boolean {
  if (byte >= 0xc0) return byte !== 0xd7 && byte !== 0xf7;
  return /\w/.test(String.fromCharCode(byte));
}
