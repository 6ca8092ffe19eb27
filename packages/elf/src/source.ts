/** Random access to a file: an ELF file is never read whole. */
export interface ByteSource {
  /** Bytes. */
  readonly size: number;
  /** Bytes read at `offset`, fewer at the end of the file. */
  read(offset: number, into: Uint8Array): number;
}

/** A source over bytes in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read(offset, into) {
      const part = bytes.subarray(offset, offset + into.length);
      into.set(part);
      return part.length;
    },
  };
}

/** Exactly `length` bytes as a view, or null if the file ends before. `length` must already be bounded. */
export function readView(source: ByteSource, offset: number, length: number): DataView | null {
  if (!(offset >= 0) || offset + length > source.size) return null;
  const bytes = new Uint8Array(length);
  return source.read(offset, bytes) === length ? new DataView(bytes.buffer) : null;
}

/** A 64-bit little-endian field; values above 2^53 come out as Infinity, so that every comparison against a bound refuses them. */
export function u64(view: DataView, offset: number): number {
  const value = view.getUint32(offset + 4, true) * 0x1_0000_0000 + view.getUint32(offset, true);
  return value > Number.MAX_SAFE_INTEGER ? Infinity : value;
}
