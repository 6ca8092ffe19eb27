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
/** Magic, size of the whole, of the JSON, checksum of what follows: u32 each. Then JSON, then the columns, each at a multiple of 8. */
const HEADER = 16;
const aligned = (n: number): number => (n + 7) & ~7;
const isParts = (column: Column | Parts): column is Parts => Array.isArray(column);
const partsOf = (column: Column | Parts): readonly Column[] => (isParts(column) ? column : [column]);
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const typeOf = (column: Column): ColumnType =>
  column instanceof Float64Array ? 'f64' : column instanceof Int32Array ? 'i32' : column instanceof Uint16Array ? 'u16' : 'u8';

interface Contents {
  readonly name: string;
  readonly head: unknown;
  readonly columns: readonly (readonly [name: string, type: ColumnType, length: number])[];
}

/** Sections as bytes. */
export function encodeSections(sections: Readonly<Record<string, DraftSection>>): Uint8Array {
  const contents: Contents[] = Object.entries(sections).map(([name, { head, columns }]) => ({
    name, head, columns: Object.entries(columns).map(([key, column]) => [key, isParts(column) ? 'u8' : typeOf(column), sum(partsOf(column).map(({ length }) => length))] as const),
  }));
  const json = new TextEncoder().encode(JSON.stringify(contents));
  const all = Object.values(sections).flatMap(({ columns }) => Object.values(columns).map(partsOf));
  let at = aligned(HEADER + json.length);
  const out = new Uint8Array(at + sum(all.map((parts) => aligned(sum(parts.map(({ byteLength }) => byteLength))))));
  out.set(json, HEADER);
  for (const parts of all) {
    for (const { buffer, byteOffset, byteLength } of parts) {
      out.set(new Uint8Array(buffer, byteOffset, byteLength), at);
      at += byteLength;
    }
    at = aligned(at);
  }
  const words = new Uint32Array(out.buffer);
  words.set([MAGIC, out.length, json.length, checksum(words.subarray(HEADER / 4))]);
  return out;
}

/** Null: it is none, or damaged. The columns are views. */
export function decodeSections(from: Uint8Array): Readonly<Record<string, Section>> | null {
  if (from.length < HEADER || from.length % 8 !== 0) return null;
  // views need the alignment
  const whole = (from.buffer instanceof ArrayBuffer && from.byteOffset % 8 === 0 ? from : Uint8Array.from(from)) as Uint8Array<ArrayBuffer>;
  const words = new Uint32Array(whole.buffer, whole.byteOffset, whole.length / 4);
  const [magic, size, length, sum] = words;
  if (magic !== MAGIC || size !== whole.length || length! > size - HEADER || sum !== checksum(words.subarray(HEADER / 4))) return null;
  const contents = parse(whole.subarray(HEADER, HEADER + length!));
  if (contents === null) return null;
  let at = aligned(HEADER + length!);
  const sections: Record<string, Section> = {};
  for (const { name, head, columns } of contents) {
    const found: Record<string, Column> = {};
    for (const [key, type, count] of columns) {
      const array = TYPES[type];
      const bytes = count * array.BYTES_PER_ELEMENT;
      if (!(bytes >= 0) || at + bytes > size) return null;
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

/** Changes with any word that changes (FNV-1a over words): a file that was damaged must not change a count. */
function checksum(words: Uint32Array): number {
  let sum = 0x811c9dc5;
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
