import { PAGE_SIZE } from '@tally86/core';
import type { Budget } from './budget.ts';
import type { Layout } from './layout.ts';

/** Frames of one cluster: 64 KiB that one aligned run of pages gets as long as there is room. */
export const CLUSTER = 16;
const FULL = 0xffff;

/** Page frames of the machine's memory, by number (host offset / 4096), counted by reference. */
export interface Frames {
  readonly bytes: Uint8Array;
  readonly used: number;
  readonly peak: number;
  /** How many engines hold translated code of each frame. */
  readonly code: Uint8Array;
  /** Told when a frame that holds translated code is given back. */
  onCodeFreed: (frame: number) => void;
  /**
   * A frame with one reference, or 0: out of budget. `near` is the frame liked best (0: none), else a new cluster is begun at the
   * slot of the page in its aligned run, so that neighbours follow each other. `clear`: the caller needs zeros.
   */
  allocate(near: number, page: number, clear: boolean): number;
  references(frame: number): number;
  retain(frame: number): void;
  /** Gives back a reference; true if it was the last. */
  release(frame: number): boolean;
}

/** Tables of all frames lie in the machine's memory: megabytes elsewhere have V8 collect garbage before a guest starts, though hardly any is touched. */
export function createFrames(buffer: ArrayBuffer, layout: Layout, budget: Budget): Frames {
  const bytes = new Uint8Array(buffer);
  const first = layout.frames / PAGE_SIZE;
  const end = buffer.byteLength / PAGE_SIZE;
  const clusters = Math.floor((end - first) / CLUSTER);
  const taken = new Uint16Array(clusters);
  /** Frames that held something once: they need clearing. */
  const soiled = new Uint16Array(clusters);
  const queued = new Uint8Array(clusters);
  const references = new Uint32Array(buffer, layout.references, end);
  const code = new Uint8Array(buffer, layout.code, end);
  const free: number[] = [];
  let fresh = 0;
  let rover = 0;
  let used = 0;
  let peak = 0;

  function wanted(near: number): number {
    const index = near - first;
    if (index < 0 || index >= clusters * CLUSTER) return -1;
    const cluster = index >>> 4;
    if ((taken[cluster] >>> (index & 15)) & 1) return -1;
    // the run goes on into the next cluster only if nobody has begun it
    const entering = (index & 15) === 0 || (index & 15) === 15;
    if (entering && taken[cluster] === 0 && cluster > fresh) return -1;
    if (entering && taken[cluster] !== 0 && !continues(index)) return -1;
    return index;
  }
  /** True if the neighbour inside the cluster is taken, so the run is the cluster's own. */
  function continues(index: number): boolean {
    const slot = index & 15;
    return ((taken[index >>> 4] >>> (slot === 0 ? 1 : 14)) & 1) === 1;
  }

  function begin(slot: number): number {
    while (free.length > 0) {
      const cluster = free.pop()!;
      queued[cluster] = 0;
      if (taken[cluster] === 0) return cluster * CLUSTER + slot;
    }
    while (fresh < clusters) {
      if (taken[fresh] === 0) return fresh * CLUSTER + slot;
      fresh++;
    }
    return -1;
  }

  function anywhere(): number {
    for (let tried = 0; tried < clusters; tried++) {
      if (taken[rover] !== FULL) return rover * CLUSTER + (31 - Math.clz32(~taken[rover] & FULL));
      rover = rover + 1 === clusters ? 0 : rover + 1;
    }
    return -1;
  }

  const all: Frames = {
    bytes,
    code,
    onCodeFreed: () => {},
    get used() {
      return used;
    },
    get peak() {
      return peak;
    },
    allocate(near, page, clear) {
      if (!budget.take(PAGE_SIZE)) return 0;
      let index = near === 0 ? -1 : wanted(near);
      if (index < 0) index = begin(page & 15);
      if (index < 0) index = anywhere();
      if (index < 0) {
        budget.give(PAGE_SIZE);
        return 0;
      }
      const cluster = index >>> 4;
      const bit = 1 << (index & 15);
      taken[cluster] |= bit;
      const frame = first + index;
      if ((soiled[cluster] & bit) === 0) soiled[cluster] |= bit;
      else if (clear) bytes.fill(0, frame * PAGE_SIZE, (frame + 1) * PAGE_SIZE);
      references[frame] = 1;
      used++;
      if (used > peak) peak = used;
      return frame;
    },
    references: (frame) => references[frame],
    retain(frame) {
      references[frame]++;
    },
    release(frame) {
      if (--references[frame] !== 0) return false;
      if (code[frame] !== 0) all.onCodeFreed(frame);
      const index = frame - first;
      const cluster = index >>> 4;
      taken[cluster] &= ~(1 << (index & 15));
      if (taken[cluster] === 0 && queued[cluster] === 0 && cluster < fresh) {
        queued[cluster] = 1;
        free.push(cluster);
      }
      used--;
      budget.give(PAGE_SIZE);
      return true;
    },
  };
  return all;
}
