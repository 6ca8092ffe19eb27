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

  function fill(at: number, page: number, hostPage: number): void {
    const low = (page << 12) | 0;
    words[at] = low;
    words[at + 1] = Math.floor(page / 1_048_576);
    words[at + 2] = (hostPage - low) | 0;
    fills++;
  }
  function dropAt(at: number, page: number): void {
    if (words[at] === ((page << 12) | 0) && words[at + 1] === Math.floor(page / 1_048_576)) words[at] = words[at + 1] = -1;
  }
  function dropFrameAt(at: number, frame: number): void {
    if (((words[at + 2] + words[at]) >>> 0) >>> 12 === frame) words[at] = words[at + 1] = -1;
  }
  function clear(): void {
    words.fill(-1, R, R + entries * 4);
    words.fill(-1, W, W + entries * 4);
  }
  clear();

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
      const slot = (page & mask) << 2;
      dropAt(R + slot, page);
      dropAt(W + slot, page);
    },
    dropWrites(frame) {
      const hint = writeSlot[frame];
      if (hint === 0) return;
      writeSlot[frame] = 0;
      if (hint !== SEVERAL) dropFrameAt(W + ((hint - 1) << 2), frame);
      else for (let slot = 0; slot < entries; slot++) dropFrameAt(W + (slot << 2), frame);
    },
    flush() {
      clear();
      flushes++;
    },
  };
}
