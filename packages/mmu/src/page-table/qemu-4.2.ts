import type { PageTable, PageTableAllowance, PageTableStrategy } from '@tally86/core';

/** Levels over the 35 bits of a page number: 5 bits (static, as QEMU's l1_map), 10, 10, and 10 in the leaf. */
const BITS = 10;
const SIZE = 1 << BITS;
const MASK = SIZE - 1;
const TOP_SIZE = 32;
/** An entry of a leaf is 16 bytes: here the PTE, the page's flags, and room that stays zero. */
const ENTRY_WORDS = 4;
const LEAF_BYTES = SIZE * ENTRY_WORDS * 4;
const INNER_BYTES = SIZE * 8;
/** Flag beside the PROT bits: the page is mapped. */
const VALID = 8;

interface Leaf {
  readonly words: Uint32Array;
  present: number;
}
interface Inner<T> {
  /** Memory of the size that the pointers would have. */
  readonly slots: Uint32Array;
  readonly children: Map<number, T>;
}
type Middle = Inner<Leaf>;
type Upper = Inner<Middle>;

/**
 * The eager radix tree of QEMU 4.2's user mode (accel/tcg/translate-all.c, page_set_flags): mmap, mprotect and munmap
 * fill it for their whole range, and nothing is ever freed. The nodes are really allocated and written, so that what leaks is real memory.
 */
export const qemu42: PageTableStrategy = { name: 'qemu-4.2', create: createEagerPageTable };

function createEagerPageTable(allow: PageTableAllowance): PageTable {
  const top: (Upper | undefined)[] = Array.from({ length: TOP_SIZE }, () => undefined);
  let leaves = 0;
  let inners = 0;
  let lastRun = -1;
  let lastLeaf: Leaf | undefined;

  const middleOf = (block: number): Middle | undefined => top[block >>> BITS]?.children.get(block & MASK);

  function leafOf(page: number): Leaf | undefined {
    const run = Math.floor(page / SIZE);
    if (run === lastRun) return lastLeaf;
    const leaf = middleOf(run >>> BITS)?.children.get(run & MASK);
    if (leaf === undefined) return undefined;
    lastRun = run;
    lastLeaf = leaf;
    return leaf;
  }

  /** Bytes of the nodes that [start, end) lacks. */
  function missing(start: number, end: number): number {
    let bytes = 0;
    const firstRun = Math.floor(start / SIZE);
    const endRun = Math.ceil(end / SIZE);
    let seenTop = -1;
    for (let run = firstRun; run < endRun; ) {
      const block = run >>> BITS;
      const next = Math.min(endRun, (block + 1) * SIZE);
      const upper = block >>> BITS;
      if (upper !== seenTop && top[upper] === undefined) bytes += INNER_BYTES;
      seenTop = upper;
      const middle = middleOf(block);
      if (middle === undefined) bytes += INNER_BYTES + (next - run) * LEAF_BYTES;
      else for (; run < next; run++) if (!middle.children.has(run & MASK)) bytes += LEAF_BYTES;
      run = next;
    }
    return bytes;
  }

  function inner<T>(): Inner<T> {
    // all ones: written, hence resident on the host as QEMU's nodes are
    const made = { slots: new Uint32Array(INNER_BYTES / 4).fill(0xffff_ffff), children: new Map<number, T>() };
    inners++;
    return made;
  }
  function makeLeaf(run: number): Leaf {
    const block = run >>> BITS;
    const upper = (top[block >>> BITS] ??= inner<Middle>());
    let middle = upper.children.get(block & MASK);
    if (middle === undefined) upper.children.set(block & MASK, (middle = inner<Leaf>()));
    let leaf = middle.children.get(run & MASK);
    if (leaf === undefined) {
      leaf = { words: new Uint32Array(LEAF_BYTES / 4), present: 0 };
      middle.children.set(run & MASK, leaf);
      middle.slots[2 * (run & MASK)] = leaves;
      leaves++;
    }
    return leaf;
  }
  const bytes = (): number => leaves * LEAF_BYTES + inners * INNER_BYTES;

  /** Makes the nodes of the range; false if the allowance or the host refuses. */
  function grow(start: number, end: number): boolean {
    const wanted = missing(start, end);
    if (wanted === 0) return true;
    if (!allow(wanted)) return false;
    const before = bytes();
    try {
      for (let run = Math.floor(start / SIZE); run < Math.ceil(end / SIZE); run++) makeLeaf(run);
      return true;
    } catch {
      // the host is short of memory: what was made stays, the rest is given back
      allow(bytes() - before - wanted);
      return false;
    }
  }

  function setFlags(start: number, end: number, flags: number): boolean {
    if (start >= end) return true;
    if (!grow(start, end)) return false;
    for (let page = start; page < end; ) {
      const next = Math.min(end, (Math.floor(page / SIZE) + 1) * SIZE);
      const { words } = leafOf(page)!;
      for (let at = (page & MASK) * ENTRY_WORDS + 1; page < next; page++, at += ENTRY_WORDS) words[at] = flags;
    }
    return true;
  }

  return {
    name: 'qemu-4.2',
    get(page) {
      const leaf = leafOf(page);
      return leaf === undefined ? 0 : leaf.words[(page & MASK) * ENTRY_WORDS];
    },
    set(page, pte) {
      let leaf = leafOf(page);
      if (leaf === undefined) {
        if (pte === 0) return true;
        if (!grow(page, page + 1)) return false;
        leaf = leafOf(page)!;
      }
      const at = (page & MASK) * ENTRY_WORDS;
      leaf.present += (pte === 0 ? 0 : 1) - (leaf.words[at] === 0 ? 0 : 1);
      leaf.words[at] = pte;
      return true;
    },
    onMap: (start, end, prot) => setFlags(start, end, prot | VALID),
    onProtect: (start, end, prot) => setFlags(start, end, prot | VALID),
    onUnmap: (start, end) => setFlags(start, end, 0),
    forEach(start, end, visit) {
      const endRun = Math.ceil(end / SIZE);
      for (let run = Math.floor(start / SIZE); run < endRun; ) {
        const upper = top[run >>> (2 * BITS)];
        if (upper === undefined) {
          run = ((run >>> (2 * BITS)) + 1) * SIZE * SIZE;
          continue;
        }
        const middle = middleOf(run >>> BITS);
        const next = Math.min(endRun, ((run >>> BITS) + 1) * SIZE);
        for (; middle !== undefined && run < next; run++) {
          const leaf = middle.children.get(run & MASK);
          if (leaf === undefined || leaf.present === 0) continue;
          const base = run * SIZE;
          const to = Math.min(SIZE, end - base);
          let left = leaf.present;
          for (let slot = Math.max(0, start - base); slot < to && left > 0; slot++) {
            const pte = leaf.words[slot * ENTRY_WORDS];
            if (pte === 0) continue;
            left--;
            visit(base + slot, pte);
          }
        }
        run = next;
      }
    },
    trim: () => {},
    stats: () => ({ nodes: leaves + inners, bytes: bytes(), peakBytes: bytes() }),
  };
}
