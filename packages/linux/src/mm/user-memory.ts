import type { ByteString } from '@tally86/core';

/**
 * The guest's memory as system calls see it (copy_from_user, copy_to_user). Faults are values; nothing here throws.
 * Any number is accepted as an address: negative, non-canonical and ≥ 2^47 ones fault.
 */
export interface UserMemory {
  /** True if [address, address + length) lies in user space (access_ok): says nothing about mappings. */
  inUserSpace(address: number, length: number): boolean;
  /** Copies guest to host; bytes copied, fewer than asked at a fault. */
  copyIn(address: number, into: Uint8Array): number;
  /** Copies host to guest; bytes copied, fewer than asked at a fault. */
  copyOut(address: number, from: Uint8Array): number;
  /** All of it or nothing told: false at a fault. */
  read(address: number, into: Uint8Array): boolean;
  write(address: number, from: Uint8Array): boolean;
  /** A copy of `length` bytes as a little-endian view, or null at a fault. Only for small fixed sizes: `length` is trusted. */
  view(address: number, length: number): DataView | null;
  /** Unsigned; −1 at a fault. */
  readU8(address: number): number;
  readU16(address: number): number;
  readU32(address: number): number;
  /** null at a fault. */
  readI32(address: number): number | null;
  readU64(address: number): bigint | null;
  /** A pointer or size_t as args.ptr / args.size read it; null at a fault. */
  readPtr(address: number): number | null;
  readSize(address: number): number | null;
  /** False at a fault. */
  writeU8(address: number, value: number): boolean;
  writeU16(address: number, value: number): boolean;
  writeU32(address: number, value: number): boolean;
  writeU64(address: number, value: bigint | number): boolean;
  /**
   * Bytes up to the terminating NUL (not included), at most `limit` bytes with it:
   * −EFAULT at a fault before the end, −ENAMETOOLONG without NUL within the limit.
   */
  readCString(address: number, limit: number): Uint8Array | number;
  /** The same as a byte string, as paths are kept: one UTF-16 unit (0 to 255) for each byte. */
  readString(address: number, limit: number): ByteString | number;
  /** An iovec array (at most UIO_MAXIOV = 1024): −EINVAL for a count or a sum out of range, −EFAULT at a fault. Sums beyond MAX_RW_COUNT are cut. */
  readIovecs(address: number, count: number): readonly Iovec[] | number;
}

export interface Iovec {
  readonly base: number;
  readonly length: number;
}
