/** A part of an image: what is written as JSON, and arrays of numbers. */
export interface Section {
  readonly head: unknown;
  readonly columns: Readonly<Record<string, Column>>;
}
interface Columns {
  readonly f64: Float64Array;
  readonly i32: Int32Array;
  readonly u16: Uint16Array;
  readonly u8: Uint8Array;
}
/** Bytes that lie in several places and are one column once they are written: putting them together before takes as much memory again. */
export type Parts = readonly Uint8Array[];
/** A part of an image that is to be written. */
export interface DraftSection {
  readonly head: unknown;
  readonly columns: Readonly<Record<string, Column | Parts>>;
}
export type ColumnType = keyof Columns;
export type Column = Columns[ColumnType];

const TYPES = { f64: Float64Array, i32: Int32Array, u16: Uint16Array, u8: Uint8Array } as const;
/** The columns that a section has to have. */
export type Shape = Readonly<Record<string, ColumnType>>;
export type ColumnsOf<S extends Shape> = { readonly [K in keyof S]: Columns[S[K]] };

const MAGIC = 0x6a363874;
/** Magic, size of the whole, of the JSON, 0: u32 each. Then JSON, then the columns, each at a multiple of 8; at the end the checksum of all that, and 0. */
const HEADER = 16;
const TRAILER = 8;
/** Bytes that are handed out at a time: an image of many MiB is not put together for being written. */
const PIECE = 1 << 16;
const aligned = (n: number): number => (n + 7) & ~7;
const isParts = (column: Column | Parts): column is Parts => Array.isArray(column);
const partsOf = (column: Column | Parts): readonly Column[] => (isParts(column) ? column : [column]);
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const bytesOf = (parts: readonly Column[]): number => sum(parts.map(({ byteLength }) => byteLength));
const typeOf = (column: Column): ColumnType =>
  column instanceof Float64Array ? 'f64' : column instanceof Int32Array ? 'i32' : column instanceof Uint16Array ? 'u16' : 'u8';

const padded = (parts: readonly Column[]): readonly Column[] => [...parts, new Uint8Array(-bytesOf(parts) & 7)];

interface Contents {
  readonly name: string;
  readonly head: unknown;
  readonly columns: readonly (readonly [name: string, type: ColumnType, length: number])[];
}

/** Bytes one piece behind the other. A piece is only good until the next is asked for, and all of them until what they are of changes. */
export interface Pieces extends Iterable<Uint8Array> {
  /** Bytes of all of them. */
  readonly length: number;
}

/** Sections as bytes. */
export function sectionPieces(sections: Readonly<Record<string, DraftSection>>): Pieces {
  const contents: Contents[] = Object.entries(sections).map(([name, { head, columns }]) => ({
    name, head, columns: Object.entries(columns).map(([key, column]) => [key, isParts(column) ? 'u8' : typeOf(column), sum(partsOf(column).map(({ length }) => length))] as const),
  }));
  const json = new TextEncoder().encode(JSON.stringify(contents));
  const columns = Object.values(sections).flatMap((section) => Object.values(section.columns).map(partsOf));
  const length = aligned(HEADER + json.length) + sum(columns.map((parts) => aligned(bytesOf(parts)))) + TRAILER;
  const header = new Uint8Array(Uint32Array.of(MAGIC, length, json.length, 0).buffer);
  return { length, [Symbol.iterator]: () => pieces([[header, json], ...columns].flatMap(padded)) };
}

/** Parts one behind the other, then their checksum. */
function* pieces(parts: readonly Column[]): Generator<Uint8Array> {
  const piece = new Uint8Array(PIECE);
  const words = new Uint32Array(piece.buffer);
  let used = 0;
  let sum = FIRST_SUM;
  for (const { buffer, byteOffset, byteLength } of parts) {
    for (let at = 0; at < byteLength;) {
      const part = new Uint8Array(buffer, byteOffset + at, Math.min(byteLength - at, PIECE - used));
      piece.set(part, used);
      at += part.length;
      used += part.length;
      if (used < PIECE) continue;
      sum = checksum(words, sum);
      yield piece;
      used = 0;
    }
  }
  // there is room for them: less than a piece, and a multiple of 8, is used
  words.set([checksum(words.subarray(0, used / 4), sum), 0], used / 4);
  yield piece.subarray(0, used + TRAILER);
}

/** All pieces in one. */
export function joined(from: Pieces): Uint8Array {
  const out = new Uint8Array(from.length);
  let at = 0;
  for (const piece of from) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** Null: it is none, or damaged. The columns are views. */
export function decodeSections(from: Uint8Array): Readonly<Record<string, Section>> | null {
  if (from.length < HEADER + TRAILER || from.length % 8 !== 0) return null;
  // views need the alignment
  const whole = (from.buffer instanceof ArrayBuffer && from.byteOffset % 8 === 0 ? from : Uint8Array.from(from)) as Uint8Array<ArrayBuffer>;
  const words = new Uint32Array(whole.buffer, whole.byteOffset, whole.length / 4);
  const [magic, size, length] = words;
  const end = whole.length - TRAILER;
  if (magic !== MAGIC || size !== whole.length || length! > end - HEADER || words[end / 4] !== checksum(words.subarray(0, end / 4))) return null;
  const contents = parse(whole.subarray(HEADER, HEADER + length!));
  if (contents === null) return null;
  let at = aligned(HEADER + length!);
  const sections: Record<string, Section> = {};
  for (const { name, head, columns } of contents) {
    const found: Record<string, Column> = {};
    for (const [key, type, count] of columns) {
      const array = TYPES[type];
      const bytes = count * array.BYTES_PER_ELEMENT;
      if (!(bytes >= 0) || at + bytes > end) return null;
      found[key] = new array(whole.buffer, whole.byteOffset + at, count);
      at += aligned(bytes);
    }
    sections[name] = { head, columns: found };
  }
  return sections;
}

/** The columns of a section; null: one is missing or is another type. */
export function columnsOf<S extends Shape>({ columns }: Section, shape: S): ColumnsOf<S> | null {
  for (const [name, type] of Object.entries(shape)) {
    const column = columns[name];
    if (column === undefined || typeOf(column) !== type) return null;
  }
  return columns as ColumnsOf<S>;
}

const FIRST_SUM = 0x811c9dc5;
/** Changes with any word that changes (FNV-1a over words): a file that was damaged must not change a count. */
export function checksum(words: Uint32Array, from = FIRST_SUM): number {
  let sum = from;
  for (let i = 0; i < words.length; i++) sum = Math.imul(sum ^ words[i]!, 0x01000193);
  return sum >>> 0;
}

function parse(json: Uint8Array): readonly Contents[] | null {
  try {
    const contents: unknown = JSON.parse(new TextDecoder().decode(json));
    return Array.isArray(contents) && contents.every(isContents) ? contents : null;
  } catch {
    return null;
  }
}
function isContents(value: unknown): value is Contents {
  const { name, columns } = (value ?? {}) as Partial<Contents>;
  return typeof name === 'string' && Array.isArray(columns)
    && columns.every((column: unknown) => Array.isArray(column) && typeof column[0] === 'string' && Object.hasOwn(TYPES, column[1] as string) && Number.isSafeInteger(column[2]));
}
