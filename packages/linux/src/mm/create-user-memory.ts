import { E, MAX_RW_COUNT, UIO_MAXIOV } from '@tally86/abi';
import { type Mmu, PAGE_SIZE, USER_END } from '@tally86/core';
import type { Iovec, UserMemory } from './user-memory.ts';

const TWO_32 = 0x1_0000_0000;
/** Pointers are user addresses only below this; others are told as −1. */
const CANONICAL_END_HIGH = 0x8000;

/** A 64-bit value in two halves as an address: −1 if it is none. */
export function toAddress(low: number, high: number): number {
  return high < CANONICAL_END_HIGH ? high * TWO_32 + low : -1;
}

/** A 64-bit unsigned value in two halves, clamped to 2^53 − 1. */
export function toSize(low: number, high: number): number {
  return high < 0x20_0000 ? high * TWO_32 + low : Number.MAX_SAFE_INTEGER;
}

const stringDecoder = new TextDecoder('latin1');
/** Bytes as a byte string. (The label latin1 means windows-1252 to TextDecoder: only ASCII may go through it.) */
export function toByteString(bytes: Uint8Array): string {
  for (let i = 0; i < bytes.length; i += 1) {
    if (bytes[i] >= 0x80) return slowByteString(bytes);
  }
  return stringDecoder.decode(bytes);
}

function slowByteString(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

/** User memory over an Mmu. */
export function createUserMemory(mmu: Mmu): UserMemory {
  const scratch = new Uint8Array(8);
  const word = new DataView(scratch.buffer);
  const parts = [1, 2, 4, 8].map((size) => scratch.subarray(0, size));
  const [byte1, byte2, byte4, byte8] = parts;
  const page = new Uint8Array(PAGE_SIZE);

  const inUserSpace = (address: number, length: number): boolean => address >= 0 && length >= 0 && address + length <= USER_END;
  const copyIn = (address: number, into: Uint8Array): number => {
    if (!(address >= 0 && address < USER_END)) return 0;
    const room = USER_END - address;
    return mmu.copyIn(address, into.length > room ? into.subarray(0, room) : into);
  };
  const copyOut = (address: number, from: Uint8Array): number => {
    if (!(address >= 0 && address < USER_END)) return 0;
    const room = USER_END - address;
    return mmu.copyOut(address, from.length > room ? from.subarray(0, room) : from);
  };
  const read = (address: number, into: Uint8Array): boolean => inUserSpace(address, into.length) && copyIn(address, into) === into.length;
  const write = (address: number, from: Uint8Array): boolean => inUserSpace(address, from.length) && copyOut(address, from) === from.length;

  const readCString = (address: number, limit: number): Uint8Array | number => {
    let text: Uint8Array = page.subarray(0, 0);
    for (let at = address; text.length < limit; ) {
      if (!(at >= 0 && at < USER_END)) return -E.EFAULT;
      const want = Math.min(PAGE_SIZE - (at % PAGE_SIZE), limit - text.length);
      const got = copyIn(at, page.subarray(0, want));
      const end = page.subarray(0, got).indexOf(0);
      const piece = page.subarray(0, end < 0 ? got : end);
      if (text.length === 0) text = piece.slice();
      else {
        const longer = new Uint8Array(text.length + piece.length);
        longer.set(text);
        longer.set(piece, text.length);
        text = longer;
      }
      if (end >= 0) return text;
      if (got < want) return -E.EFAULT;
      at += want;
    }
    return -E.ENAMETOOLONG;
  };

  return {
    inUserSpace,
    copyIn,
    copyOut,
    read,
    write,
    view(address, length) {
      const bytes = new Uint8Array(length);
      return read(address, bytes) ? new DataView(bytes.buffer) : null;
    },
    readU8: (address) => (read(address, byte1) ? scratch[0] : -1),
    readU16: (address) => (read(address, byte2) ? word.getUint16(0, true) : -1),
    readU32: (address) => (read(address, byte4) ? word.getUint32(0, true) : -1),
    readI32: (address) => (read(address, byte4) ? word.getInt32(0, true) : null),
    readU64: (address) => (read(address, byte8) ? word.getBigUint64(0, true) : null),
    readPtr: (address) => (read(address, byte8) ? toAddress(word.getUint32(0, true), word.getUint32(4, true)) : null),
    readSize: (address) => (read(address, byte8) ? toSize(word.getUint32(0, true), word.getUint32(4, true)) : null),
    writeU8(address, value) {
      scratch[0] = value;
      return write(address, byte1);
    },
    writeU16(address, value) {
      word.setUint16(0, value, true);
      return write(address, byte2);
    },
    writeU32(address, value) {
      word.setUint32(0, value, true);
      return write(address, byte4);
    },
    writeU64(address, value) {
      if (typeof value === 'bigint') word.setBigUint64(0, BigInt.asUintN(64, value), true);
      else {
        word.setUint32(0, value, true);
        word.setUint32(4, Math.floor(value / TWO_32), true);
      }
      return write(address, byte8);
    },
    readCString,
    readString(address, limit) {
      const bytes = readCString(address, limit);
      return typeof bytes === 'number' ? bytes : toByteString(bytes);
    },
    readIovecs(address, count) {
      if (count < 0 || count > UIO_MAXIOV) return -E.EINVAL;
      const raw = new DataView(new ArrayBuffer(count * 16));
      if (count > 0 && !read(address, new Uint8Array(raw.buffer))) return -E.EFAULT;
      const vectors: Iovec[] = [];
      let room = MAX_RW_COUNT;
      for (let at = 0; at < count * 16; at += 16) {
        if (raw.getInt32(at + 12, true) < 0) return -E.EINVAL;
        const base = toAddress(raw.getUint32(at, true), raw.getUint32(at + 4, true));
        const length = toSize(raw.getUint32(at + 8, true), raw.getUint32(at + 12, true));
        if (length > 0 && !inUserSpace(base, length)) return -E.EFAULT;
        vectors.push({ base, length: Math.min(length, room) });
        room -= Math.min(length, room);
      }
      return vectors;
    },
  };
}
