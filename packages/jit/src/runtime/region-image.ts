import { columnsOf, type ColumnsOf, type DraftSection, type Parts, type Section } from '../image/columns.ts';

const SHAPE = {
  // addresses of slots by number
  slots: 'f64',
  // of each lesson: the instruction's address, what it is, and how many regions were made after it, below 0
  taught: 'f64', ways: 'u8', taughtAt: 'i32',
  // of each exit, by number
  exitRips: 'f64', exitCharges: 'i32', exitKinds: 'u8',
  // of each module: where its WebAssembly, imports and machine code end in the pools, and of how many functions that is
  moduleEnds: 'i32', importEnds: 'i32', machineEnds: 'i32', optimized: 'i32',
  wasm: 'u8', machine: 'u8',
  // regions by index; −1: one that is gone
  imports: 'i32',
  // of each region, those it imports in front of it
  addresses: 'f64', modules: 'i32', functions: 'i32', firstExits: 'i32', endExits: 'i32', instructions: 'i32', sizes: 'i32', before: 'i32', live: 'i32', born: 'i32',
  // where its entries and pieces end in the next
  entryEnds: 'i32', pieceEnds: 'i32',
  entries: 'f64',
  pages: 'f64', from: 'u16', to: 'u16', code: 'u8',
} as const;
const PER_MODULE = ['importEnds', 'machineEnds', 'optimized'] as const;
const PER_REGION = ['modules', 'functions', 'firstExits', 'endExits', 'instructions', 'sizes', 'before', 'live', 'born', 'entryEnds', 'pieceEnds'] as const;

interface Head {
  /** What addresses are written into the code, as text. */
  readonly layout: string;
  readonly model: string;
  /** Names of the helpers by number. */
  readonly helpers: readonly string[];
  /** Words of LiveWords that are used. */
  readonly liveWords: number;
}

/** Translated regions with what their code refers to by number, for a later engine that has no numbers yet. */
export interface RegionImage extends Head, ColumnsOf<typeof SHAPE> {}

/** The same to be written: bytes may lie in parts. */
export type Pooled<T> = { readonly [K in keyof T]: T[K] extends Uint8Array ? T[K] | Parts : T[K] };

export function regionSection(image: RegionImage): Section;
export function regionSection(image: Pooled<RegionImage>): DraftSection;
export function regionSection({ layout, model, helpers, liveWords, ...columns }: Pooled<RegionImage>): DraftSection {
  return { head: { layout, model, helpers, liveWords } satisfies Head, columns };
}

/** Null: the section is none of these. */
export function regionImage(section: Section): RegionImage | null {
  const columns = columnsOf(section, SHAPE);
  const { layout, model, helpers, liveWords } = (section.head ?? {}) as Partial<Head>;
  if (columns === null || typeof layout !== 'string' || typeof model !== 'string' || typeof liveWords !== 'number' || !Array.isArray(helpers)) return null;
  const { addresses, exitRips, exitCharges, exitKinds, moduleEnds, pages, from, to } = columns;
  if (PER_REGION.some((name) => columns[name].length !== addresses.length)) return null;
  if (exitCharges.length !== exitRips.length || exitKinds.length !== exitRips.length) return null;
  if (PER_MODULE.some((name) => columns[name].length !== moduleEnds.length)) return null;
  if (columns.ways.length !== columns.taught.length || columns.taughtAt.length !== columns.taught.length) return null;
  if (from.length !== pages.length || to.length !== pages.length) return null;
  return { layout, model, helpers, liveWords, ...columns };
}
