import type { Block } from './block.ts';

/** The translated blocks: by address, by page of addresses, and by page frame. */
export class CodeCache {
  readonly #byAddress = new Map<number, Block>();
  readonly #byPage = new Map<number, Set<Block>>();
  readonly #byFrame = new Map<number, Set<Block>>();
  invalidated = 0;
  /** Sum of Block.cost. */
  cost = 0;

  get size(): number {
    return this.#byAddress.size;
  }

  get(address: number): Block | undefined {
    return this.#byAddress.get(address);
  }

  add(block: Block): void {
    this.#byAddress.set(block.address, block);
    this.cost += block.cost;
    for (const page of pagesOf(block)) setOf(this.#byPage, page).add(block);
    for (const piece of block.pieces) setOf(this.#byFrame, piece.frame).add(block);
  }

  /** True if no block lies in the frame any more. */
  isFrameEmpty(frame: number): boolean {
    return !this.#byFrame.has(frame);
  }

  drop(block: Block): void {
    if (!block.valid) return;
    block.valid = false;
    this.invalidated++;
    if (this.#byAddress.get(block.address) === block) {
      this.#byAddress.delete(block.address);
      this.cost -= block.cost;
    }
    for (const page of pagesOf(block)) removeFrom(this.#byPage, page, block);
    for (const piece of block.pieces) removeFrom(this.#byFrame, piece.frame, block);
  }

  all(): Block[] {
    return [...this.#byAddress.values()];
  }

  /** Blocks with bytes in the frame's [from, to). */
  inFrame(frame: number, from: number, to: number): Block[] {
    const found: Block[] = [];
    for (const block of this.#byFrame.get(frame) ?? []) {
      if (block.pieces.some((piece) => piece.frame === frame && piece.from < to && from < piece.to)) found.push(block);
    }
    return found;
  }

  /** Blocks with bytes at addresses in [start, end). */
  inRange(start: number, end: number): Block[] {
    const first = Math.floor(start / 4096);
    const last = Math.ceil(end / 4096);
    const found: Block[] = [];
    const collect = (blocks: Set<Block> | undefined): void => {
      for (const block of blocks ?? []) if (block.address < end && start < Math.max(block.end, block.address + 1)) found.push(block);
    };
    if (last - first > this.#byPage.size) {
      for (const [page, blocks] of this.#byPage) if (page >= first && page < last) collect(blocks);
    } else {
      for (let page = first; page < last; page++) collect(this.#byPage.get(page));
    }
    return found;
  }
}

function pagesOf(block: Block): number[] {
  const first = Math.floor(block.address / 4096);
  const last = Math.floor(Math.max(block.end - 1, block.address) / 4096);
  const pages = [first];
  for (let page = first + 1; page <= last; page++) pages.push(page);
  return pages;
}
function setOf(map: Map<number, Set<Block>>, key: number): Set<Block> {
  let set = map.get(key);
  if (set === undefined) map.set(key, (set = new Set()));
  return set;
}
function removeFrom(map: Map<number, Set<Block>>, key: number, block: Block): void {
  const set = map.get(key);
  if (set === undefined) return;
  set.delete(block);
  if (set.size === 0) map.delete(key);
}
