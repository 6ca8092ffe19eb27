import { VECTOR_SLOT } from '@tally86/core';
import type { Slot, VSlot } from '@tally86/decoder';
import { TYPE, type ValueType } from '../../wasm/opcodes.ts';
import type { RegionWriter } from '../writer.ts';

/** A comparison whose flags went to `cell`: locals that hold the operands, neither of them a NaN. */
export interface Compared {
  readonly cell: Slot;
  readonly wide: boolean;
  readonly x: number;
  readonly y: number;
}

interface SavedFacts {
  readonly plain: Uint8Array;
  readonly low: Int32Array;
  readonly compared: Compared | null;
}

/** What is known at the place being written, so that it need not be worked out or checked again. Nothing is known at the start of a block. */
export class VectorFacts {
  /** Bits 0 and 1: the 64-bit lane is a zero or normal number. Bits 4 to 7: the 32-bit lane is. */
  readonly #plain = new Uint8Array(VECTOR_SLOT.end);
  /** The i32 local that holds the low lane of a slot, whose other lanes are 0; −1: none. */
  readonly #low = new Int32Array(VECTOR_SLOT.end).fill(-1);
  /** MXCSR was found to be in the mode that the fast ways need. Holds until something changes its controls. */
  mode = false;
  /** The last comparison of scalars. */
  compared: Compared | null = null;
  #recorded = -1;
  readonly #operands = new Map<number, number>();

  /** To be called where paths meet. */
  reset(): void {
    this.#plain.fill(0);
    this.#low.fill(-1);
    this.mode = false;
    this.compared = null;
  }
  /** To be called for each write of a slot. */
  written(slot: VSlot, plain = 0): void {
    this.#plain[slot] = plain;
    this.#low[slot] = -1;
  }
  save(): SavedFacts {
    return { plain: this.#plain.slice(), low: this.#low.slice(), compared: this.compared };
  }
  restore({ plain, low, compared }: SavedFacts): void {
    this.#plain.set(plain);
    this.#low.set(low);
    this.compared = compared;
  }
  /** Keeps what holds on another path as well. */
  meet({ plain, low, compared }: SavedFacts): void {
    for (let slot = 0; slot < VECTOR_SLOT.end; slot++) {
      this.#plain[slot]! &= plain[slot]!;
      if (this.#low[slot] !== low[slot]) this.#low[slot] = -1;
    }
    if (this.compared !== compared) this.compared = null;
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
  /** An i32 local for the bit of MXCSR that records inexact results. */
  recorded(w: RegionWriter): number {
    if (this.#recorded < 0) this.#recorded = w.local(TYPE.i32);
    return this.#recorded;
  }
  /** Locals for the operands of a comparison, to live as long as `compared`. */
  operand(w: RegionWriter, type: ValueType, i: 0 | 1): number {
    const key = 2 * type + i;
    let local = this.#operands.get(key);
    if (local === undefined) this.#operands.set(key, (local = w.local(type)));
    return local;
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
