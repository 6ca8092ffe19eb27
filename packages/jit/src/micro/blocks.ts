import type { Count } from '../runtime/instrumentation.ts';

/** A part of a block's bytes inside one page frame, [from, to) within it. */
export interface Piece {
  readonly frame: number;
  readonly from: number;
  readonly to: number;
}

/** A block written as micro-operations. */
export interface MicroBlock {
  readonly address: number;
  readonly end: number;
  /** Its number, and the place of its entry. */
  readonly index: number;
  readonly place: number;
  /** Instructions done by micro-operations. */
  readonly count: number;
  /** Index of its first instruction's offset. */
  readonly offsets: number;
  readonly pieces: readonly Piece[];
  /** It ends in a call. */
  readonly calls: boolean;
  /** What plugins count of the instructions done by micro-operations. */
  readonly counts: readonly Count[];
  /** All of it is the exact engine's, because plugins want to be called. */
  readonly isWatched: boolean;
  valid: boolean;
}

/** The blocks by address, by number (places rise with it), by page of addresses and by frame. */
export class MicroBlocks {
  readonly #byAddress = new Map<number, MicroBlock>();
  readonly #byPage = new Map<number, MicroBlock[]>();
  readonly #byFrame = new Map<number, MicroBlock[]>();
  #all: MicroBlock[] = [];
  /** Their places: looked through often, by few reads of memory. */
  #places = new Int32Array(1 << 12);
  /** Offsets of instructions from the start of their block. */
  #offsets = new Uint16Array(1 << 16);
  #offsetsUsed = 0;

  get size(): number {
    return this.#byAddress.size;
  }
  /** The number of the next block. */
  get next(): number {
    return this.#all.length;
  }
  get(address: number): MicroBlock | undefined {
    return this.#byAddress.get(address);
  }
  numbered(index: number): MicroBlock {
    return this.#all[index]!;
  }
  /** Keeps the offsets of a block's instructions; returns the index of the first. */
  keepOffsets(address: number, instructions: readonly { readonly address: number }[]): number {
    const first = this.#offsetsUsed;
    if (first + instructions.length > this.#offsets.length) this.#offsets = grown(this.#offsets, new Uint16Array(this.#offsets.length * 2));
    for (let i = 0; i < instructions.length; i++) this.#offsets[first + i] = instructions[i]!.address - address;
    this.#offsetsUsed += instructions.length;
    return first;
  }
  /** Address of an instruction. */
  instruction(block: MicroBlock, k: number): number {
    return block.address + this.#offsets[block.offsets + k]!;
  }
  add(block: MicroBlock): void {
    this.#byAddress.set(block.address, block);
    const number = this.#all.push(block) - 1;
    if (number === this.#places.length) this.#places = grown(this.#places, new Int32Array(number * 2));
    this.#places[number] = block.place;
    const first = Math.floor(block.address / 4096);
    const last = Math.floor(Math.max(block.end - 1, block.address) / 4096);
    for (let page = first; page <= last; page++) push(this.#byPage, page, block);
    for (const { frame } of block.pieces) push(this.#byFrame, frame, block);
  }
  /** The block whose records are around a place. */
  around(place: number): MicroBlock {
    const places = this.#places;
    let low = 0;
    let high = this.#all.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (places[middle]! <= place) low = middle;
      else high = middle - 1;
    }
    return this.#all[low]!;
  }
  holds(frame: number): boolean {
    return this.#byFrame.has(frame);
  }
  inFrame(frame: number, from: number, to: number): MicroBlock[] {
    return (this.#byFrame.get(frame) ?? []).filter(({ pieces }) => pieces.some((p) => p.frame === frame && p.from < to && from < p.to));
  }
  inRange(start: number, end: number): MicroBlock[] {
    const first = Math.floor(start / 4096);
    const last = Math.ceil(end / 4096);
    const found: MicroBlock[] = [];
    const collect = (blocks: readonly MicroBlock[] | undefined): void => {
      for (const block of blocks ?? []) if (block.address < end && start < Math.max(block.end, block.address + 1) && !found.includes(block)) found.push(block);
    };
    if (last - first > this.#byPage.size) {
      for (const [page, blocks] of this.#byPage) if (page >= first && page < last) collect(blocks);
    } else for (let page = first; page < last; page++) collect(this.#byPage.get(page));
    return found;
  }
  remove(block: MicroBlock): void {
    block.valid = false;
    if (this.#byAddress.get(block.address) === block) this.#byAddress.delete(block.address);
    const first = Math.floor(block.address / 4096);
    const last = Math.floor(Math.max(block.end - 1, block.address) / 4096);
    for (let page = first; page <= last; page++) take(this.#byPage, page, block);
    for (const { frame } of block.pieces) take(this.#byFrame, frame, block);
  }
  clear(): void {
    for (const block of this.#all) block.valid = false;
    this.#byAddress.clear();
    this.#byPage.clear();
    this.#byFrame.clear();
    this.#all = [];
    this.#offsetsUsed = 0;
  }
}

function grown<A extends Int32Array | Uint16Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
function push(map: Map<number, MicroBlock[]>, key: number, block: MicroBlock): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [block]);
  else list.push(block);
}
function take(map: Map<number, MicroBlock[]>, key: number, block: MicroBlock): void {
  const list = map.get(key);
  const at = list?.indexOf(block) ?? -1;
  if (at < 0) return;
  list!.splice(at, 1);
  if (list!.length === 0) map.delete(key);
}
