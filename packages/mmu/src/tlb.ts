import { TLB_REACH, type TlbLayout } from '@tally86/core';
import type { Layout } from './layout.ts';

/** Writes the TLB that engines read (see TlbLayout). */
export interface Tlb extends TlbLayout {
  readonly fills: number;
  /** Fills that took the place of another page. */
  readonly evictions: number;
  readonly flushes: number;
  fillRead(page: number, hostPage: number): void;
  fillWrite(page: number, hostPage: number): void;
  /** Forgets one page. */
  drop(page: number): void;
  /** Takes a frame out of the store table, at whatever pages it is. */
  dropWrites(frame: number): void;
  flush(): void;
}

/** The frame is in the store table at several pages. */
const SEVERAL = -1;
/** Entries that are cleared or searched together, as a power of two: a table is large, and most of it is never touched. */
const CHUNK_BITS = 8;
const PAGES_OF_4_GIB = 1_048_576;

export function createTlb(buffer: ArrayBuffer, layout: Layout, entries: number): Tlb {
  const words = new Int32Array(buffer);
  const mask = entries - 1;
  const R = layout.tlbRead >> 2;
  const W = layout.tlbWrite >> 2;
  /** For each frame a hint where it is in the store table: 0 nowhere, else slot + 1. */
  const writeSlot = new Int32Array(buffer, layout.storeSlots, buffer.byteLength / 4096);
  const chunks = Math.ceil(entries / (1 << CHUNK_BITS));
  /** Chunks that had an entry since the last flush, of loads and then of stores. */
  const touched = new Uint8Array(2 * chunks);
  let fills = 0;
  let evictions = 0;
  let flushes = 0;

  /**
   * Empty: the tag is a page that belongs into another slot, as does the one behind it, so that no address that is looked up here can match it, at any
   * distance that an extended entry allows.
   */
  function empty(table: number, slot: number): void {
    const at = table + (slot << 2);
    words[at] = slot < 2 ? (slot + 1) << 12 : 0;
    words[at + 1] = words[at + 2] = words[at + 3] = 0;
  }
  /** True if a slot is not empty. */
  const holds = (at: number, slot: number): boolean => (((words[at] + TLB_REACH) >>> 12) & mask) === slot;
  const isAt = (at: number, page: number): boolean => ((words[at] + TLB_REACH) & -4096) === ((page << 12) | 0) && words[at + 3] === Math.floor(page / PAGES_OF_4_GIB);

  /** Extends the entry of a slot into the page behind if that is the next slot's, and lies behind it in the host's memory too; else it ends with its page. */
  function link(table: number, slot: number): void {
    const at = table + (slot << 2);
    if (!holds(at, slot)) return;
    const behind = (slot + 1) & mask;
    const next = table + (behind << 2);
    const low = (words[at] + TLB_REACH) & -4096;
    const high = words[at + 3];
    const lowBehind = (low + 4096) | 0;
    const extended = holds(next, behind) && ((words[next] + TLB_REACH) & -4096) === lowBehind
      && words[next + 3] === (lowBehind === 0 ? high + 1 : high) && words[next + 2] === words[at + 2];
    words[at] = extended ? low : (low - TLB_REACH) | 0;
    words[at + 1] = extended || low !== 0 ? high : high - 1;
  }
  function fill(table: number, slot: number, page: number, hostPage: number): void {
    const at = table + (slot << 2);
    const low = (page << 12) | 0;
    const high = Math.floor(page / PAGES_OF_4_GIB);
    const addend = (hostPage - low) | 0;
    if (isAt(at, page)) {
      // whoever asks without having looked here first
      if (words[at + 2] === addend) return;
    } else if (holds(at, slot)) evictions++;
    fills++;
    words[at] = low;
    words[at + 2] = addend;
    words[at + 3] = high;
    touched[(table === R ? 0 : chunks) + (slot >> CHUNK_BITS)] = 1;
    link(table, slot);
    link(table, (slot - 1) & mask);
  }
  function clearAt(table: number, slot: number): void {
    empty(table, slot);
    link(table, (slot - 1) & mask);
  }
  function dropAt(table: number, slot: number, page: number): void {
    if (isAt(table + (slot << 2), page)) clearAt(table, slot);
  }
  function dropFrameAt(slot: number, frame: number): void {
    const at = W + (slot << 2);
    if (((words[at + 2] + words[at] + TLB_REACH) >>> 0) >>> 12 === frame) clearAt(W, slot);
  }
  function clear(): void {
    for (let i = 0; i < touched.length; i++) {
      if (touched[i] === 0) continue;
      const from = i < chunks ? R + (i << (CHUNK_BITS + 2)) : W + ((i - chunks) << (CHUNK_BITS + 2));
      words.fill(0, from, from + (Math.min(entries, 1 << CHUNK_BITS) << 2));
    }
    touched.fill(0);
    emptyFirst();
  }
  /** Memory of zeros is an empty table, but for the slots of pages 0 and 1. */
  function emptyFirst(): void {
    for (const table of [R, W]) for (const slot of [0, 1]) empty(table, slot);
  }
  emptyFirst();

  return {
    readBase: layout.tlbRead,
    writeBase: layout.tlbWrite,
    entries,
    get fills() {
      return fills;
    },
    get evictions() {
      return evictions;
    },
    get flushes() {
      return flushes;
    },
    fillRead(page, hostPage) {
      fill(R, page & mask, page, hostPage);
    },
    fillWrite(page, hostPage) {
      const slot = page & mask;
      const frame = hostPage >>> 12;
      const hint = writeSlot[frame];
      writeSlot[frame] = hint === 0 || hint === slot + 1 ? slot + 1 : SEVERAL;
      fill(W, slot, page, hostPage);
    },
    drop(page) {
      const slot = page & mask;
      dropAt(R, slot, page);
      dropAt(W, slot, page);
    },
    dropWrites(frame) {
      const hint = writeSlot[frame];
      if (hint === 0) return;
      writeSlot[frame] = 0;
      if (hint !== SEVERAL) {
        dropFrameAt(hint - 1, frame);
        return;
      }
      for (let i = 0; i < chunks; i++) {
        if (touched[chunks + i] === 0) continue;
        for (let slot = i << CHUNK_BITS, end = Math.min(entries, slot + (1 << CHUNK_BITS)); slot < end; slot++) dropFrameAt(slot, frame);
      }
    },
    flush() {
      clear();
      flushes++;
    },
  };
}
