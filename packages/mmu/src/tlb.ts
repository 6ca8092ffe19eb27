import type { TlbLayout } from '@tally86/core';

/** Writes the TLB that engines read (see TlbLayout). */
export interface Tlb extends TlbLayout {
  readonly fills: number;
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

export function createTlb(buffer: ArrayBuffer, readBase: number, writeBase: number, entries: number): Tlb {
  const words = new Int32Array(buffer);
  const mask = entries - 1;
  const R = readBase >> 2;
  const W = writeBase >> 2;
  /** For each frame a hint where it is in the store table: 0 nowhere, else slot + 1. */
  const writeSlot = new Int32Array(buffer.byteLength / 4096);
  let fills = 0;
  let flushes = 0;

  /** Empty: the tag is a page that belongs into another slot, so that no address that is looked up here can match it, at any distance from the tag. */
  function empty(table: number, slot: number): void {
    const at = table + (slot << 2);
    words[at] = slot === 0 ? 4096 : 0;
    words[at + 1] = 0;
  }
  function fill(at: number, page: number, hostPage: number): void {
    const low = (page << 12) | 0;
    words[at] = low;
    words[at + 1] = Math.floor(page / 1_048_576);
    words[at + 2] = (hostPage - low) | 0;
    fills++;
  }
  function dropAt(table: number, slot: number, page: number): void {
    const at = table + (slot << 2);
    if (words[at] === ((page << 12) | 0) && words[at + 1] === Math.floor(page / 1_048_576)) empty(table, slot);
  }
  function dropFrameAt(slot: number, frame: number): void {
    const at = W + (slot << 2);
    if (((words[at + 2] + words[at]) >>> 0) >>> 12 === frame) empty(W, slot);
  }
  function clear(): void {
    words.fill(0, R, R + entries * 4);
    words.fill(0, W, W + entries * 4);
    empty(R, 0);
    empty(W, 0);
  }
  // fresh memory is zero: only the slot of page 0 is not empty yet
  empty(R, 0);
  empty(W, 0);

  return {
    readBase,
    writeBase,
    entries,
    get fills() {
      return fills;
    },
    get flushes() {
      return flushes;
    },
    fillRead(page, hostPage) {
      fill(R + ((page & mask) << 2), page, hostPage);
    },
    fillWrite(page, hostPage) {
      const slot = page & mask;
      const frame = hostPage >>> 12;
      const hint = writeSlot[frame];
      writeSlot[frame] = hint === 0 || hint === slot + 1 ? slot + 1 : SEVERAL;
      fill(W + (slot << 2), page, hostPage);
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
      if (hint !== SEVERAL) dropFrameAt(hint - 1, frame);
      else for (let slot = 0; slot < entries; slot++) dropFrameAt(slot, frame);
    },
    flush() {
      clear();
      flushes++;
    },
  };
}
