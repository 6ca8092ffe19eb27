import type { ByteString } from '@tally86/core';

const CHUNK = 8192;

/** The byte string of these bytes. */
export function byteString(bytes: Uint8Array): ByteString {
  if (bytes.length <= CHUNK) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  let text = '';
  for (let i = 0; i < bytes.length; i += CHUNK) text += String.fromCharCode.apply(null, bytes.subarray(i, i + CHUNK) as unknown as number[]);
  return text;
}

/** The bytes of a byte string; units above 255 are taken modulo 256. */
export function bytesOf(text: ByteString): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The byte string of a text in UTF-8. */
export function utf8(text: string): ByteString {
  return byteString(new TextEncoder().encode(text));
}

/** Rising order of bytes. */
export function compareBytes(a: ByteString, b: ByteString): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
