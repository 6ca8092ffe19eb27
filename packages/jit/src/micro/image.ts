/** What micro-operations of an engine came to, for a later engine whose area begins at the same place. */
export interface MicroImage {
  /** Where the records begin in the machine's memory. */
  readonly code: number;
  readonly model: string;
  /** Names of the helpers by number. */
  readonly helpers: readonly string[];
  readonly records: Uint8Array;
  /** Of each block, by rising place: address, its bytes, place, instructions done by micro-operations, index of its first offset and byte, whether it ends in a call. */
  readonly addresses: Float64Array;
  readonly places: Int32Array;
  readonly offsets: Int32Array;
  readonly bytes: Int32Array;
  readonly lengths: Uint16Array;
  readonly counts: Uint8Array;
  readonly calls: Uint8Array;
  /** What those indices are of. */
  readonly offsetPool: Uint16Array;
  readonly bytePool: Uint8Array;
  /** Starts of functions. */
  readonly functions: Float64Array;
}

const MAGIC = 0x6d363874;
const ARRAYS = {
  addresses: Float64Array, functions: Float64Array, places: Int32Array, offsets: Int32Array, bytes: Int32Array,
  lengths: Uint16Array, offsetPool: Uint16Array, counts: Uint8Array, calls: Uint8Array, bytePool: Uint8Array, records: Uint8Array,
} as const;
const NAMES = Object.keys(ARRAYS) as readonly (keyof typeof ARRAYS)[];
const aligned = (n: number): number => (n + 7) & ~7;

/** The image as bytes. */
export function encodeImage(image: MicroImage): Uint8Array {
  const { code, model, helpers } = image;
  const header = new TextEncoder().encode(JSON.stringify({ code, model, helpers, lengths: NAMES.map((name) => image[name].length) }));
  let at = aligned(12 + header.length);
  const out = new Uint8Array(at + NAMES.reduce((sum, name) => sum + aligned(image[name].byteLength), 0));
  new Uint32Array(out.buffer, 0, 3).set([MAGIC, out.length, header.length]);
  out.set(header, 12);
  for (const name of NAMES) {
    const { buffer, byteOffset, byteLength } = image[name];
    out.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += aligned(byteLength);
  }
  return out;
}

/** Null: it is none, or cut off. Its arrays are views. */
export function decodeImage(from: Uint8Array): MicroImage | null {
  if (!(from.buffer instanceof ArrayBuffer)) return null;
  if (from.length < 12) return null;
  const whole = (from.byteOffset % 8 === 0 ? from : from.slice()) as Uint8Array<ArrayBuffer>;
  const [magic, size, length] = new Uint32Array(whole.buffer, whole.byteOffset, 3);
  if (magic !== MAGIC || size !== whole.length || length! > size - 12) return null;
  const header = parse(whole.subarray(12, 12 + length!));
  if (header === null) return null;
  const { lengths, ...rest } = header;
  let at = aligned(12 + length!);
  const arrays: [string, (typeof ARRAYS)[keyof typeof ARRAYS]['prototype']][] = [];
  for (const [i, name] of NAMES.entries()) {
    const bytes = lengths[i]! * ARRAYS[name].BYTES_PER_ELEMENT;
    if (!(bytes >= 0) || at + bytes > size) return null;
    arrays.push([name, new ARRAYS[name](whole.buffer, whole.byteOffset + at, lengths[i])]);
    at += aligned(bytes);
  }
  return { ...rest, ...Object.fromEntries(arrays) } as unknown as MicroImage;
}

function parse(text: Uint8Array): (Pick<MicroImage, 'code' | 'model' | 'helpers'> & { readonly lengths: readonly number[] }) | null {
  try {
    return JSON.parse(new TextDecoder().decode(text)) as ReturnType<typeof parse>;
  } catch {
    return null;
  }
}
