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
/** Magic, size of the whole, of the JSON, checksum of what follows: u32 each. Then JSON, then the arrays, each at a multiple of 8. */
const HEADER = 16;
const ARRAYS = {
  addresses: Float64Array, functions: Float64Array, places: Int32Array, offsets: Int32Array, bytes: Int32Array,
  lengths: Uint16Array, offsetPool: Uint16Array, counts: Uint8Array, calls: Uint8Array, bytePool: Uint8Array, records: Uint8Array,
} as const;
const NAMES = Object.keys(ARRAYS) as readonly (keyof typeof ARRAYS)[];
const PER_BLOCK = ['addresses', 'places', 'offsets', 'bytes', 'lengths', 'counts', 'calls'] as const;
const aligned = (n: number): number => (n + 7) & ~7;

type Head = Pick<MicroImage, 'code' | 'model' | 'helpers'> & { readonly lengths: readonly number[] };

/** The image as bytes. */
export function encodeImage(image: MicroImage): Uint8Array {
  const { code, model, helpers } = image;
  const head: Head = { code, model, helpers, lengths: NAMES.map((name) => image[name].length) };
  const json = new TextEncoder().encode(JSON.stringify(head));
  let at = aligned(HEADER + json.length);
  const out = new Uint8Array(at + NAMES.reduce((sum, name) => sum + aligned(image[name].byteLength), 0));
  out.set(json, HEADER);
  for (const name of NAMES) {
    const { buffer, byteOffset, byteLength } = image[name];
    out.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += aligned(byteLength);
  }
  const words = new Uint32Array(out.buffer);
  words.set([MAGIC, out.length, json.length, checksum(words.subarray(HEADER / 4))]);
  return out;
}

/** Null: it is none, or damaged. Its arrays are views. */
export function decodeImage(from: Uint8Array): MicroImage | null {
  if (from.length < HEADER || from.length % 8 !== 0) return null;
  // views need the alignment
  const whole = (from.buffer instanceof ArrayBuffer && from.byteOffset % 8 === 0 ? from : Uint8Array.from(from)) as Uint8Array<ArrayBuffer>;
  const words = new Uint32Array(whole.buffer, whole.byteOffset, whole.length / 4);
  const [magic, size, length, sum] = words;
  if (magic !== MAGIC || size !== whole.length || length! > size - HEADER || sum !== checksum(words.subarray(HEADER / 4))) return null;
  const head = parse(whole.subarray(HEADER, HEADER + length!));
  if (head === null) return null;
  const { lengths, ...rest } = head;
  let at = aligned(HEADER + length!);
  const arrays: Partial<Record<(typeof NAMES)[number], { readonly length: number }>> = {};
  for (const [i, name] of NAMES.entries()) {
    const bytes = lengths[i]! * ARRAYS[name].BYTES_PER_ELEMENT;
    if (!(bytes >= 0) || at + bytes > size) return null;
    arrays[name] = new ARRAYS[name](whole.buffer, whole.byteOffset + at, lengths[i]);
    at += aligned(bytes);
  }
  if (PER_BLOCK.some((name) => arrays[name]!.length !== arrays.addresses!.length)) return null;
  return { ...rest, ...arrays } as MicroImage;
}

/** Changes with any word that changes (FNV-1a over words): a file that was damaged must not change a count. */
function checksum(words: Uint32Array): number {
  let sum = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) sum = Math.imul(sum ^ words[i]!, 0x01000193);
  return sum >>> 0;
}

function parse(json: Uint8Array): Head | null {
  try {
    const head = JSON.parse(new TextDecoder().decode(json)) as Partial<Head> | null;
    return typeof head?.code === 'number' && typeof head.model === 'string' && Array.isArray(head.helpers) && Array.isArray(head.lengths) ? (head as Head) : null;
  } catch {
    return null;
  }
}
