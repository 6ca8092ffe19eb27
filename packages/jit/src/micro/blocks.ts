import { NO_COUNTS, type Count } from '../runtime/instrumentation.ts';
import type { MicroImage } from './image.ts';

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
  /** Index of its first byte among those that are kept; −1: the same bytes may mean something else the next time. */
  readonly bytes: number;
  pieces: readonly Piece[];
  /** It ends in a call. */
  readonly calls: boolean;
  /** What plugins count of the instructions done by micro-operations. */
  readonly counts: readonly Count[];
  /** All of it is the exact engine's, because plugins want to be called. */
  readonly isWatched: boolean;
  /** False: it was dropped. */
  valid: boolean;
}

/**
 * The blocks by address, by number (places rise with it), by page of addresses and by frame. One that was dropped stays, if its bytes tell what it means,
 * until another one has its address: it can be had again when the same bytes are there.
 */
export class MicroBlocks {
  readonly #byAddress = new Map<number, MicroBlock>();
  readonly #byPage = new Map<number, MicroBlock[]>();
  /** The pages of addresses that blocks in a frame had. */
  readonly #pagesOf = new Map<number, Set<number>>();
  #all: MicroBlock[] = [];
  /** Their places: looked through often, by few reads of memory. */
  #places = new Int32Array(1 << 12);
  /** Offsets of instructions from the start of their block. */
  #offsets = new Uint16Array(1 << 16);
  #offsetsUsed = 0;
  /** The bytes that blocks were made of. */
  #bytes = new Uint8Array(1 << 16);
  #bytesUsed = 0;

  /** The number of the next block. */
  get next(): number {
    return this.#all.length;
  }
  get(address: number): MicroBlock | undefined {
    const block = this.#byAddress.get(address);
    return block?.valid === true ? block : undefined;
  }
  /** The block that was dropped last at an address, if it can be had again. */
  parked(address: number): MicroBlock | undefined {
    const block = this.#byAddress.get(address);
    return block?.valid === false ? block : undefined;
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
  /** Keeps the bytes that a block is made of, which lie in these pieces; returns the index of the first. */
  keepBytes(memory: Uint8Array, pieces: readonly Piece[]): number {
    const first = this.#bytesUsed;
    let used = first;
    for (const { frame, from, to } of pieces) {
      const { length } = this.#bytes;
      if (used + to - from > length) this.#bytes = grown(this.#bytes, new Uint8Array(length * 2));
      const kept = this.#bytes;
      const end = frame * 4096 + to;
      for (let at = frame * 4096 + from; at < end; at++) kept[used++] = memory[at]!;
    }
    this.#bytesUsed = used;
    return first;
  }
  /** Whether pieces hold just the bytes that a block was made of. */
  isMadeOf({ bytes }: MicroBlock, memory: Uint8Array, pieces: readonly Piece[]): boolean {
    const kept = this.#bytes;
    let i = bytes;
    for (const { frame, from, to } of pieces) {
      for (let at = frame * 4096 + from; at < frame * 4096 + to; at++) if (memory[at] !== kept[i++]) return false;
    }
    return true;
  }
  /** Address of an instruction. */
  instruction(block: MicroBlock, k: number): number {
    return block.address + this.#offsets[block.offsets + k]!;
  }
  /** A new block, in place of one that was dropped. */
  add(block: MicroBlock): void {
    const before = this.#byAddress.get(block.address);
    if (before !== undefined) this.#forget(before);
    this.#byAddress.set(block.address, block);
    const number = this.#all.push(block) - 1;
    if (number === this.#places.length) this.#places = grown(this.#places, new Int32Array(number * 2));
    this.#places[number] = block.place;
    for (let page = firstPage(block), last = lastPage(block); page <= last; page++) push(this.#byPage, page, block);
    this.#place(block);
  }
  /** Remembers which frames a block lies in. */
  #place(block: MicroBlock): void {
    let page = firstPage(block);
    for (const { frame } of block.pieces) {
      const pages = this.#pagesOf.get(frame);
      if (pages === undefined) this.#pagesOf.set(frame, new Set([page]));
      else pages.add(page);
      page++;
    }
  }
  /** A block that was dropped is there again, with its bytes in these pieces. */
  revive(block: MicroBlock, pieces: readonly Piece[]): void {
    block.pieces = pieces;
    block.valid = true;
    this.#place(block);
  }
  /** The blocks of a page that were dropped and can be had again, without those that go on in another page. */
  parkedIn(page: number): MicroBlock[] {
    return (this.#byPage.get(page) ?? []).filter(({ valid, pieces }) => !valid && pieces.length === 1);
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
    for (const page of this.#pagesOf.get(frame) ?? []) {
      if (this.#byPage.get(page)?.some(({ valid, pieces }) => valid && pieces.some((p) => p.frame === frame)) === true) return true;
    }
    return false;
  }
  inFrame(frame: number, from: number, to: number): MicroBlock[] {
    const pages = this.#pagesOf.get(frame);
    if (pages === undefined) return [];
    const found = new Set<MicroBlock>();
    for (const page of pages) {
      let isThere = false;
      for (const block of this.#byPage.get(page) ?? []) {
        const piece = block.valid ? block.pieces.find((p) => p.frame === frame) : undefined;
        if (piece === undefined) continue;
        isThere = true;
        if (piece.from < to && from < piece.to) found.add(block);
      }
      if (!isThere) pages.delete(page);
    }
    if (pages.size === 0) this.#pagesOf.delete(frame);
    return [...found];
  }
  inRange(start: number, end: number): MicroBlock[] {
    const first = Math.floor(start / 4096);
    const last = Math.ceil(end / 4096);
    const found = new Set<MicroBlock>();
    const collect = (blocks: readonly MicroBlock[] | undefined): void => {
      for (const block of blocks ?? []) if (block.valid && block.address < end && start < Math.max(block.end, block.address + 1)) found.add(block);
    };
    if (last - first > this.#byPage.size) {
      for (const [page, blocks] of this.#byPage) if (page >= first && page < last) collect(blocks);
    } else for (let page = first; page < last; page++) collect(this.#byPage.get(page));
    return [...found];
  }
  /** Drops a block. */
  remove(block: MicroBlock): void {
    block.valid = false;
    if (block.bytes < 0) this.#forget(block);
  }
  #forget(block: MicroBlock): void {
    this.#byAddress.delete(block.address);
    for (let page = firstPage(block), last = lastPage(block); page <= last; page++) take(this.#byPage, page, block);
  }
  /** All that can be had again by their bytes, valid or not. */
  save(): Omit<MicroImage, 'code' | 'model' | 'helpers' | 'records' | 'functions'> {
    const blocks = this.#all.filter((block) => block.bytes >= 0 && this.#byAddress.get(block.address) === block);
    return {
      addresses: Float64Array.from(blocks, ({ address }) => address),
      lengths: Uint16Array.from(blocks, ({ address, end }) => end - address),
      places: Int32Array.from(blocks, ({ place }) => place),
      counts: Uint8Array.from(blocks, ({ count }) => count),
      offsets: Int32Array.from(blocks, ({ offsets }) => offsets),
      bytes: Int32Array.from(blocks, ({ bytes }) => bytes),
      calls: Uint8Array.from(blocks, ({ calls }) => Number(calls)),
      offsetPool: this.#offsets.slice(0, this.#offsetsUsed),
      bytePool: this.#bytes.slice(0, this.#bytesUsed),
    };
  }
  /** What another one saved, as blocks that were dropped. */
  load({ addresses, lengths, places, counts, offsets, bytes, calls, offsetPool, bytePool }: MicroImage): void {
    this.#offsets = grown(offsetPool, new Uint16Array(Math.max(1 << 16, 2 * offsetPool.length)));
    this.#offsetsUsed = offsetPool.length;
    this.#bytes = grown(bytePool, new Uint8Array(Math.max(1 << 16, 2 * bytePool.length)));
    this.#bytesUsed = bytePool.length;
    this.#places = grown(places, new Int32Array(Math.max(1 << 12, 2 * places.length)));
    for (let i = 0; i < addresses.length; i++) {
      const address = addresses[i]!;
      const end = address + lengths[i]!;
      const from = address % 4096;
      const to = from + lengths[i]!;
      const block: MicroBlock = {
        address, end, index: i, place: places[i]!, count: counts[i]!, offsets: offsets[i]!, bytes: bytes[i]!, calls: calls[i] !== 0,
        pieces: to <= 4096 ? [{ frame: 0, from, to }] : [{ frame: 0, from, to: 4096 }, { frame: 0, from: 0, to: to - 4096 }],
        counts: NO_COUNTS, isWatched: false, valid: false,
      };
      this.#all.push(block);
      this.#byAddress.set(address, block);
      for (let page = firstPage(block), last = lastPage(block); page <= last; page++) push(this.#byPage, page, block);
    }
  }
  /** Those that are not dropped. */
  valid(): MicroBlock[] {
    return this.#all.filter(({ valid }) => valid);
  }
  clear(): void {
    for (const block of this.#all) block.valid = false;
    this.#byAddress.clear();
    this.#byPage.clear();
    this.#pagesOf.clear();
    this.#all = [];
    this.#offsetsUsed = this.#bytesUsed = 0;
  }
}

/** The pages of addresses that a block lies in. */
const firstPage = ({ address }: MicroBlock): number => Math.floor(address / 4096);
const lastPage = ({ address, end }: MicroBlock): number => Math.floor(Math.max(end - 1, address) / 4096);
function grown<A extends Int32Array | Uint16Array | Uint8Array>(from: ArrayLike<number>, to: A): A {
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
