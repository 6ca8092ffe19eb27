import { NO_COUNTS, type Count } from '../runtime/instrumentation.ts';
import type { MicroImage } from './image.ts';

/** The number of a block written as micro-operations; no object stands for one, a program has up to some 100,000 of them. */
export type MicroBlock = number;
/** No block; lists end in it. */
export const NONE = -1;

/** What a new block is. */
export interface NewBlock {
  readonly address: number;
  readonly end: number;
  /** The place of its entry. */
  readonly place: number;
  /** Instructions done by micro-operations. */
  readonly count: number;
  readonly instructions: readonly { readonly address: number }[];
  /** It ends in a call. */
  readonly calls: boolean;
  /** It means the same whenever its bytes are the same. */
  readonly isLasting: boolean;
  /** What plugins count of the instructions done by micro-operations. */
  readonly counts: readonly Count[];
  /** All of it is the exact engine's, because plugins want to be called. */
  readonly isWatched: boolean;
}

/** Bits of what a block is. */
const IS = { valid: 1, watched: 2 } as const;
/** What is known of each block, and kept in images; `bytes`: −1 if the same bytes may mean something else the next time. */
const COLUMNS = { addresses: Float64Array, lengths: Uint16Array, places: Int32Array, counts: Uint8Array, offsets: Int32Array, bytes: Int32Array, calls: Uint8Array } as const;
type Columns = Pick<MicroImage, keyof typeof COLUMNS>;
const NAMES = Object.keys(COLUMNS) as (keyof Columns)[];
/** Room for so many blocks is made at once, and for so many instructions and bytes: none until there is one, as most engines load what is kept first. */
const FIRST_ROOM = 1 << 12;
const FIRST_POOL = 1 << 16;

/**
 * The blocks by address, by number (places rise with it), by page of addresses and by frame. One that was dropped stays, if its bytes tell what it means,
 * until another one has its address: it can be had again when the same bytes are there.
 */
export class MicroBlocks {
  #kept = columns(0);
  /** Bits of `IS`. */
  #is: Uint8Array = new Uint8Array();
  /** The frames of the page that it begins in and of the one that it goes on in, if it does; of what was dropped the last ones. */
  #frames: Int32Array = new Int32Array();
  /** The next one in the same list of `heads`. */
  #nextOf: Int32Array = new Int32Array();
  #used = 0;
  /** Lists of the blocks that are found by address, by hash of it. */
  #heads: Int32Array = new Int32Array(FIRST_ROOM).fill(NONE);
  readonly #byPage = new Map<number, MicroBlock[]>();
  /** The pages of addresses that blocks in a frame had. */
  readonly #pagesOf = new Map<number, Set<number>>();
  /** What plugins count, of blocks in which they do; a block that overwrites itself is asked once more after it was dropped. */
  readonly #countsOf = new Map<MicroBlock, readonly Count[]>();
  /** Offsets of instructions from the start of their block. */
  #offsets: Uint16Array = new Uint16Array();
  #offsetsUsed = 0;
  /** The bytes that blocks were made of. */
  #bytes: Uint8Array = new Uint8Array();
  #bytesUsed = 0;

  /** How many there were; the number of the next one. */
  get size(): number {
    return this.#used;
  }
  address(block: MicroBlock): number {
    return this.#kept.addresses[block]!;
  }
  end(block: MicroBlock): number {
    return this.#kept.addresses[block]! + this.#kept.lengths[block]!;
  }
  place(block: MicroBlock): number {
    return this.#kept.places[block]!;
  }
  count(block: MicroBlock): number {
    return this.#kept.counts[block]!;
  }
  counts(block: MicroBlock): readonly Count[] {
    return this.#countsOf.get(block) ?? NO_COUNTS;
  }
  isCall(block: MicroBlock): boolean {
    return this.#kept.calls[block] !== 0;
  }
  isWatched(block: MicroBlock): boolean {
    return (this.#is[block]! & IS.watched) !== 0;
  }
  /** False: it was dropped. */
  isValid(block: MicroBlock): boolean {
    return (this.#is[block]! & IS.valid) !== 0;
  }
  /** Address of an instruction. */
  instruction(block: MicroBlock, k: number): number {
    return this.#kept.addresses[block]! + this.#offsets[this.#kept.offsets[block]! + k]!;
  }

  /** The block at an address, valid or not. */
  #at(address: number): MicroBlock {
    let block = this.#heads[this.#hash(address)]!;
    while (block !== NONE && this.#kept.addresses[block] !== address) block = this.#nextOf[block]!;
    return block;
  }
  #hash(address: number): number {
    const mixed = Math.imul(address ^ Math.floor(address / 4294967296), 0x9e3779b1);
    return (mixed ^ (mixed >>> 15)) & (this.#heads.length - 1);
  }
  get(address: number): MicroBlock {
    const block = this.#at(address);
    return block !== NONE && this.isValid(block) ? block : NONE;
  }
  /** The block that was dropped last at an address, if it can be had again. */
  parked(address: number): MicroBlock {
    const block = this.#at(address);
    return block !== NONE && !this.isValid(block) ? block : NONE;
  }
  /** A new block whose bytes lie in two frames (the second: −1 if it ends in the first), in place of one that was dropped. */
  add({ address, end, place, count, instructions, calls, isLasting, counts, isWatched }: NewBlock, memory: Uint8Array, frame: number, next: number): MicroBlock {
    const before = this.#at(address);
    if (before !== NONE) this.#forget(before);
    const block = this.#used;
    this.#makeRoom(block + 1);
    this.#used++;
    this.#kept.addresses[block] = address;
    this.#kept.lengths[block] = end - address;
    this.#kept.places[block] = place;
    this.#kept.counts[block] = count;
    this.#kept.offsets[block] = this.#keepOffsets(address, instructions);
    this.#kept.calls[block] = Number(calls);
    this.#is[block] = isWatched ? IS.watched : 0;
    if (counts.length > 0) this.#countsOf.set(block, counts);
    this.#kept.bytes[block] = isLasting ? this.#keepBytes(block, memory, frame, next) : -1;
    this.#enter(block);
    this.revive(block, frame, next);
    return block;
  }
  #makeRoom(count: number): void {
    const { length } = this.#nextOf;
    if (count <= length) return;
    const room = Math.max(2 * length, count, FIRST_ROOM);
    this.#kept = filled(this.#kept, columns(room));
    this.#is = grown(this.#is, new Uint8Array(room));
    this.#frames = grown(this.#frames, new Int32Array(2 * room));
    this.#nextOf = grown(this.#nextOf, new Int32Array(room));
  }
  /** Lets a block be found by its address, and by page. */
  #enter(block: MicroBlock): void {
    if (block >= this.#heads.length) this.#spread();
    this.#link(block);
    for (let page = this.#firstPage(block), last = this.#lastPage(block); page <= last; page++) push(this.#byPage, page, block);
  }
  #link(block: MicroBlock): void {
    const at = this.#hash(this.#kept.addresses[block]!);
    this.#nextOf[block] = this.#heads[at]!;
    this.#heads[at] = block;
  }
  /** Twice as many lists. */
  #spread(): void {
    const heads = this.#heads;
    const nextOf = this.#nextOf.slice();
    this.#heads = new Int32Array(2 * heads.length).fill(NONE);
    for (const head of heads) for (let block = head; block !== NONE; block = nextOf[block]!) this.#link(block);
  }
  #keepOffsets(address: number, instructions: readonly { readonly address: number }[]): number {
    const first = this.#offsetsUsed;
    if (first + instructions.length > this.#offsets.length) this.#offsets = grown(this.#offsets, new Uint16Array(Math.max(2 * this.#offsets.length, FIRST_POOL)));
    for (let i = 0; i < instructions.length; i++) this.#offsets[first + i] = instructions[i]!.address - address;
    this.#offsetsUsed += instructions.length;
    return first;
  }
  #keepBytes(block: MicroBlock, memory: Uint8Array, frame: number, next: number): number {
    const first = this.#bytesUsed;
    const length = this.#kept.lengths[block]!;
    if (first + length > this.#bytes.length) this.#bytes = grown(this.#bytes, new Uint8Array(Math.max(2 * this.#bytes.length, FIRST_POOL)));
    const kept = this.#bytes;
    const from = this.#kept.addresses[block]! % 4096;
    for (let i = 0; i < length; i++) kept[first + i] = memory[hostByte(from + i, frame, next)]!;
    this.#bytesUsed += length;
    return first;
  }
  /** Whether frames hold just the bytes that a block was made of. */
  isMadeOf(block: MicroBlock, memory: Uint8Array, frame: number, next: number): boolean {
    const kept = this.#bytes;
    const first = this.#kept.bytes[block]!;
    const length = this.#kept.lengths[block]!;
    const from = this.#kept.addresses[block]! % 4096;
    for (let i = 0; i < length; i++) if (memory[hostByte(from + i, frame, next)] !== kept[first + i]) return false;
    return true;
  }
  /** A block that was dropped is there again, with its bytes in these frames. */
  revive(block: MicroBlock, frame: number, next: number): void {
    this.#frames[2 * block] = frame;
    this.#frames[2 * block + 1] = next;
    this.#is[block]! |= IS.valid;
    const page = this.#firstPage(block);
    this.#hasPage(frame, page);
    if (next >= 0) this.#hasPage(next, page + 1);
  }
  /** Remembers that a block in a frame had a page of addresses. */
  #hasPage(frame: number, page: number): void {
    const pages = this.#pagesOf.get(frame);
    if (pages === undefined) this.#pagesOf.set(frame, new Set([page]));
    else pages.add(page);
  }
  /** The blocks of a page that were dropped and can be had again, without those that go on in another page. */
  parkedIn(page: number): MicroBlock[] {
    return (this.#byPage.get(page) ?? []).filter((block) => !this.isValid(block) && !this.#isInTwo(block));
  }
  /** The block whose records are around a place. */
  around(place: number): MicroBlock {
    const { places } = this.#kept;
    let low = 0;
    let high = this.#used - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (places[middle]! <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }
  #isIn(block: MicroBlock, frame: number): boolean {
    return this.isValid(block) && (this.#frames[2 * block] === frame || this.#frames[2 * block + 1] === frame);
  }
  holds(frame: number): boolean {
    for (const page of this.#pagesOf.get(frame) ?? []) {
      if (this.#byPage.get(page)?.some((block) => this.#isIn(block, frame)) === true) return true;
    }
    return false;
  }
  /** Those with bytes in a part of a frame, [from, to) within it. */
  inFrame(frame: number, from: number, to: number): MicroBlock[] {
    const pages = this.#pagesOf.get(frame);
    if (pages === undefined) return [];
    const found = new Set<MicroBlock>();
    for (const page of pages) {
      let isThere = false;
      for (const block of this.#byPage.get(page) ?? []) {
        if (!this.#isIn(block, frame)) continue;
        isThere = true;
        const start = this.#kept.addresses[block]! % 4096;
        const end = start + this.#kept.lengths[block]!;
        // two pages of addresses may have one frame
        if (this.#frames[2 * block] === frame && start < to && from < end) found.add(block);
        if (this.#frames[2 * block + 1] === frame && from < end - 4096) found.add(block);
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
      for (const block of blocks ?? []) if (this.isValid(block) && this.#kept.addresses[block]! < end && start < this.end(block)) found.add(block);
    };
    if (last - first > this.#byPage.size) {
      for (const [page, blocks] of this.#byPage) if (page >= first && page < last) collect(blocks);
    } else for (let page = first; page < last; page++) collect(this.#byPage.get(page));
    return [...found];
  }
  /** Drops a block. */
  remove(block: MicroBlock): void {
    this.#is[block]! &= ~IS.valid;
    if (this.#kept.bytes[block]! < 0) this.#forget(block);
  }
  #forget(block: MicroBlock): void {
    const head = this.#hash(this.#kept.addresses[block]!);
    let at = this.#heads[head]!;
    if (at === block) this.#heads[head] = this.#nextOf[block]!;
    else {
      while (this.#nextOf[at] !== block) at = this.#nextOf[at]!;
      this.#nextOf[at] = this.#nextOf[block]!;
    }
    for (let page = this.#firstPage(block), last = this.#lastPage(block); page <= last; page++) take(this.#byPage, page, block);
  }
  /** All that can be had again by their bytes, valid or not. */
  save(): Omit<MicroImage, 'code' | 'model' | 'helpers' | 'records' | 'functions'> {
    const blocks = this.#numbers((block) => this.#kept.bytes[block]! >= 0 && this.#at(this.#kept.addresses[block]!) === block);
    const kept = columns(blocks.length);
    for (const name of NAMES) {
      const from = this.#kept[name];
      const to = kept[name];
      blocks.forEach((block, i) => (to[i] = from[block]!));
    }
    return {
      ...kept,
      offsetPool: this.#offsets.subarray(0, this.#offsetsUsed),
      bytePool: this.#bytes.subarray(0, this.#bytesUsed),
    };
  }
  /** What another one saved, as blocks that were dropped. */
  load(image: MicroImage): void {
    const { offsetPool, bytePool, addresses: { length } } = image;
    this.#offsets = grown(offsetPool, new Uint16Array(offsetPool.length + FIRST_POOL));
    this.#offsetsUsed = offsetPool.length;
    this.#bytes = grown(bytePool, new Uint8Array(bytePool.length + FIRST_POOL));
    this.#bytesUsed = bytePool.length;
    this.#makeRoom(length + FIRST_ROOM);
    filled(image, this.#kept);
    while (this.#heads.length < length) this.#heads = new Int32Array(2 * this.#heads.length);
    this.#heads.fill(NONE);
    this.#used = length;
    for (let block = 0; block < length; block++) this.#enter(block);
  }
  #numbers(wanted: (block: MicroBlock) => boolean): MicroBlock[] {
    const found: MicroBlock[] = [];
    for (let block = 0; block < this.#used; block++) if (wanted(block)) found.push(block);
    return found;
  }
  /** Those that are not dropped. */
  valid(): MicroBlock[] {
    return this.#numbers((block) => this.isValid(block));
  }
  clear(): void {
    this.#is.fill(0);
    this.#heads.fill(NONE);
    this.#byPage.clear();
    this.#pagesOf.clear();
    this.#countsOf.clear();
    this.#used = this.#offsetsUsed = this.#bytesUsed = 0;
  }

  /** The pages of addresses that a block lies in. */
  #firstPage(block: MicroBlock): number {
    return Math.floor(this.#kept.addresses[block]! / 4096);
  }
  #lastPage(block: MicroBlock): number {
    return Math.floor((this.#kept.addresses[block]! + this.#kept.lengths[block]! - 1) / 4096);
  }
  #isInTwo(block: MicroBlock): boolean {
    return (this.#kept.addresses[block]! % 4096) + this.#kept.lengths[block]! > 4096;
  }
}

/** A number for each block in each column. */
function columns(room: number): Columns {
  return Object.fromEntries(NAMES.map((name) => [name, new COLUMNS[name](room)])) as unknown as Columns;
}
function filled(from: Columns, to: Columns): Columns {
  for (const name of NAMES) to[name].set(from[name]);
  return to;
}
/** Where the byte at an offset from the start of a block's first page lies in memory. */
const hostByte = (offset: number, frame: number, next: number): number => (offset < 4096 ? frame * 4096 + offset : (next - 1) * 4096 + offset);

function grown<A extends Int32Array | Uint16Array | Uint8Array>(from: A, to: A): A {
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
