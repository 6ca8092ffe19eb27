import type { VSlot } from '@tally86/decoder';
import type { RegionWriter } from '../writer.ts';

/** What is known at the place being written, so that it need not be worked out or checked again. Nothing is known at the start of a block. */
export class VectorFacts {
  /** Bits 0 and 1: the 64-bit lane is a zero or normal number. Bits 4 to 7: the 32-bit lane is. */
  readonly #plain = new Uint8Array(32);
  /** The i32 local that holds the low lane of a slot, whose other lanes are 0; −1: none. */
  readonly #low = new Int32Array(32).fill(-1);
  /** MXCSR was found to be in the mode that the fast ways need. Holds until something changes its controls. */
  mode = false;

  /** To be called where paths meet. */
  reset(): void {
    this.#plain.fill(0);
    this.#low.fill(-1);
    this.mode = false;
  }
  /** To be called for each write of a slot. */
  written(slot: VSlot, plain = 0): void {
    this.#plain[slot] = plain;
    this.#low[slot] = -1;
  }
  plain(slot: VSlot): number {
    return this.#plain[slot]!;
  }
  addPlain(slot: VSlot, bits: number): void {
    this.#plain[slot]! |= bits;
  }
  low(slot: VSlot): number {
    return this.#low[slot]!;
  }
  setLow(slot: VSlot, local: number): void {
    this.#low[slot] = local;
  }
}

const all = new WeakMap<RegionWriter, VectorFacts>();
/** The facts of the region being written. */
export function vectorFacts(w: RegionWriter): VectorFacts {
  let facts = all.get(w);
  if (facts === undefined) all.set(w, (facts = new VectorFacts()));
  return facts;
}
