import type { CompiledModule, KeptCode } from './machine-code.ts';

/** A part of a region's bytes inside one page frame. */
export interface CodePiece {
  readonly frame: number;
  /** Byte offsets within the frame, [from, to). */
  readonly from: number;
  readonly to: number;
  /** Page number of the guest address. */
  readonly page: number;
}

/** The module that regions are functions of. */
export interface RegionModule {
  /** How many there were before. */
  readonly number: number;
  readonly bytes: Uint8Array;
  /** The regions that it calls; null: one that is gone for good. */
  readonly imported: readonly (Region | null)[];
  /** What an earlier process had of it, until it is compiled. */
  kept: KeptCode;
  /** Null: it is not compiled yet. Its functions by the names of their numbers. */
  linked: { readonly compiled: CompiledModule; readonly exports: Readonly<Record<string, unknown>>; /** Functions of which the host took machine code. */ readonly restored: number } | null;
}

/** A translated region. */
export interface Region {
  readonly address: number;
  /** Guest addresses of the entries, by number. */
  readonly entries: readonly number[];
  /** Its function by the name of its number, and where that is in the dispatcher's table; 0: it was never entered. */
  readonly module: RegionModule;
  readonly exported: number;
  functionIndex: number;
  pieces: readonly CodePiece[];
  /** Numbers of its exits, [first, end). */
  readonly firstExit: number;
  readonly endExit: number;
  readonly instructions: number;
  /** Bytes of WebAssembly code. */
  readonly size: number;
  /** How many regions there were before. */
  readonly born: number;
  /** How often its start had been translated before. */
  readonly before: number;
  /** The word that says that others may call it. */
  readonly live: number;
  valid: boolean;
}

/** The translated regions by page of addresses and by page frame. */
export class RegionSet {
  readonly #byPage = new Map<number, Set<Region>>();
  readonly #byFrame = new Map<number, Set<Region>>();
  readonly #all = new Set<Region>();

  get size(): number {
    return this.#all.size;
  }
  all(): Region[] {
    return [...this.#all];
  }
  add(region: Region): void {
    this.#all.add(region);
    for (const { page, frame } of region.pieces) {
      setOf(this.#byPage, page).add(region);
      setOf(this.#byFrame, frame).add(region);
    }
  }
  remove(region: Region): void {
    this.#all.delete(region);
    for (const { page, frame } of region.pieces) {
      removeFrom(this.#byPage, page, region);
      removeFrom(this.#byFrame, frame, region);
    }
  }
  /** The region that an exit belongs to. */
  find(exit: number): Region | undefined {
    for (const region of this.#all) if (region.firstExit <= exit && exit < region.endExit) return region;
    return undefined;
  }
  holds(frame: number): boolean {
    return this.#byFrame.has(frame);
  }
  /** Regions with bytes in the frame's [from, to). */
  inFrame(frame: number, from: number, to: number): Region[] {
    return [...(this.#byFrame.get(frame) ?? [])].filter((r) => r.pieces.some((p) => p.frame === frame && p.from < to && from < p.to));
  }
  /** Regions with bytes in the pages of [start, end). */
  inRange(start: number, end: number): Region[] {
    const first = Math.floor(start / 4096);
    const last = Math.ceil(end / 4096);
    const found = new Set<Region>();
    const collect = (regions: Set<Region> | undefined): void => {
      for (const r of regions ?? []) found.add(r);
    };
    if (last - first > this.#byPage.size) {
      for (const [page, regions] of this.#byPage) if (page >= first && page < last) collect(regions);
    } else for (let page = first; page < last; page++) collect(this.#byPage.get(page));
    return [...found];
  }
}

function setOf(map: Map<number, Set<Region>>, key: number): Set<Region> {
  let set = map.get(key);
  if (set === undefined) map.set(key, (set = new Set()));
  return set;
}
function removeFrom(map: Map<number, Set<Region>>, key: number, region: Region): void {
  const set = map.get(key);
  if (set === undefined) return;
  set.delete(region);
  if (set.size === 0) map.delete(key);
}
