import { PROT, type EnginePort } from '@tally86/core';
import type { KeptRegion } from './kept-regions.ts';
import type { CodePiece, Region } from './regions.ts';

const PAGE = 4096;
/** Entries of regions that are kept: V8 keeps some kilobytes for each region, which has a handful. */
const MOST = 1 << 15;
/** So often a region is looked for in vain before it is given up: where other bytes are there, or while pages of it were not touched yet. */
const TRIES = { different: 3, absent: 12 } as const;

/**
 * Regions whose code went away: a process ended, or a library was unmapped, or what was overwritten may come back. Where the same bytes lie at the same
 * addresses again they are as good as new.
 */
export class ParkedRegions {
  readonly #byEntry = new Map<number, Region>();
  readonly #code = new WeakMap<Region, Uint8Array>();
  readonly #tries = new WeakMap<Region, number>();
  readonly #mmu: Pick<EnginePort, 'buffer' | 'peek' | 'translate'>;
  readonly #bytes: Uint8Array;
  readonly #discarded: (region: Region) => void;

  /** `discarded` is told of regions that cannot be had any more. */
  constructor(mmu: Pick<EnginePort, 'buffer' | 'peek' | 'translate'>, discarded: (region: Region) => void) {
    this.#mmu = mmu;
    this.#bytes = new Uint8Array(mmu.buffer);
    this.#discarded = discarded;
  }
  /** Keeps the bytes of a new region, in place of older ones that start there. */
  keep(region: Region): void {
    const older = this.#byEntry.get(region.address);
    if (older !== undefined) this.#discard(older);
    const code = new Uint8Array(region.pieces.reduce((sum, { from, to }) => sum + to - from, 0));
    let i = 0;
    for (const { frame, from, to } of region.pieces) {
      code.set(this.#bytes.subarray(frame * PAGE + from, frame * PAGE + to), i);
      i += to - from;
    }
    this.#code.set(region, code);
  }
  /** A region that was kept was dropped. */
  park(region: Region): void {
    for (const entry of region.entries) {
      const older = this.#byEntry.get(entry);
      if (older !== undefined) this.#discard(older);
      this.#byEntry.set(entry, region);
    }
    this.#tries.delete(region);
    for (const oldest of this.#byEntry.values()) {
      if (this.#byEntry.size <= MOST) break;
      this.#discard(oldest);
    }
  }
  /** Whether there may be a region with an entry at an address. */
  has(entry: number): boolean {
    return this.#byEntry.has(entry);
  }
  /** The region with an entry at an address if its code is there, in the pieces that it has now. */
  take(entry: number): Region | null {
    const region = this.#byEntry.get(entry);
    if (region === undefined) return null;
    const pieces = this.#find(region);
    if (typeof pieces === 'string') {
      const tries = (this.#tries.get(region) ?? 0) + 1;
      this.#tries.set(region, tries);
      if (tries >= TRIES[pieces]) this.#discard(region);
      return null;
    }
    this.#unlist(region);
    region.pieces = pieces;
    return region;
  }
  /** One that an earlier engine kept, with its bytes. */
  load({ region, code }: KeptRegion): void {
    this.#code.set(region, code);
    this.park(region);
  }
  /** Regions that were kept, whether they are parked or not, with their bytes. */
  withCode(regions: Iterable<Region>): KeptRegion[] {
    return [...new Set([...regions, ...this.#byEntry.values()])].map((region) => ({ region, code: this.#code.get(region)! }));
  }
  clear(): void {
    for (const region of new Set(this.#byEntry.values())) this.#discard(region);
  }

  /** Where a region's code is now. */
  #find(region: Region): CodePiece[] | keyof typeof TRIES {
    const code = this.#code.get(region)!;
    const now = new Uint8Array(PAGE);
    let i = 0;
    // nothing is paged in for this: what is resident shows in the guest
    for (const { page, from, to } of region.pieces) {
      const length = to - from;
      if (this.#mmu.peek(page * PAGE + from, now.subarray(0, length)) !== length) return 'absent';
      for (let k = 0; k < length; k++) if (now[k] !== code[i++]) return 'different';
    }
    const pieces: CodePiece[] = [];
    for (const { page, from, to } of region.pieces) {
      const host = this.#mmu.translate(page * PAGE + from, PROT.EXEC);
      if (host < 0) return 'absent';
      pieces.push({ page, frame: host >>> 12, from, to });
    }
    return pieces;
  }
  #unlist(region: Region): void {
    for (const entry of region.entries) if (this.#byEntry.get(entry) === region) this.#byEntry.delete(entry);
  }
  #discard(region: Region): void {
    this.#unlist(region);
    this.#discarded(region);
  }
}
