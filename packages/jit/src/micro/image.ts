import { columnsOf, type ColumnsOf, type Section } from '../image/columns.ts';

const SHAPE = {
  // of each block, by rising place: address, its bytes, place, instructions done by micro-operations, index of its first offset and byte, whether it ends in a call
  addresses: 'f64', lengths: 'u16', places: 'i32', counts: 'u8', offsets: 'i32', bytes: 'i32', calls: 'u8',
  // what those indices are of
  offsetPool: 'u16', bytePool: 'u8',
  // starts of functions
  functions: 'f64',
  records: 'u8',
} as const;
const PER_BLOCK = ['lengths', 'places', 'counts', 'offsets', 'bytes', 'calls'] as const;

interface Head {
  /** Where the records begin in the machine's memory. */
  readonly code: number;
  readonly model: string;
  /** Names of the helpers by number. */
  readonly helpers: readonly string[];
}

/** What micro-operations of an engine came to, for a later engine whose area begins at the same place. */
export interface MicroImage extends Head, ColumnsOf<typeof SHAPE> {}

export function microSection({ code, model, helpers, ...columns }: MicroImage): Section {
  return { head: { code, model, helpers } satisfies Head, columns };
}

/** Null: the section is none of these. */
export function microImage(section: Section): MicroImage | null {
  const columns = columnsOf(section, SHAPE);
  const { code, model, helpers } = (section.head ?? {}) as Partial<Head>;
  if (columns === null || typeof code !== 'number' || typeof model !== 'string' || !Array.isArray(helpers)) return null;
  if (PER_BLOCK.some((name) => columns[name].length !== columns.addresses.length)) return null;
  return { code, model, helpers, ...columns };
}
