import type { PageTable, PageTableAllowance, PageTableStrategy } from '@tally86/core';

/** Four levels of 9 bits, as the hardware's (SDM vol. 3, 4.5), over the 35 bits of a page number. */
const BITS = 9;
const SIZE = 1 << BITS;
const MASK = SIZE - 1;
const LEVELS = 4;
const NODE_BYTES = SIZE * 4;

/**
 * A PTE exists once its page is touched; nodes without entries are freed. A reservation costs nothing, however large.
 * A node is 512 words of 32 bits: PTEs in a leaf, node numbers above.
 */
export const lazy: PageTableStrategy = { name: 'lazy', create: createLazyPageTable };

function createLazyPageTable(allow: PageTableAllowance): PageTable {
  /** Nodes by number; 0 means none. */
  const nodes: Uint32Array[] = [new Uint32Array(0)];
  /** Entries in use, by node number. */
  const live: number[] = [0];
  const spare: number[] = [];
  let count = 0;
  let peak = 0;
  let root = 0;
  /** The leaf used last: faults and copies come in runs. */
  let lastRun = -1;
  let lastLeaf = 0;

  function add(): number {
    if (!allow(NODE_BYTES)) return 0;
    let node: Uint32Array;
    try {
      node = new Uint32Array(SIZE);
    } catch {
      // the host is short of memory: the guest's problem, as a full budget is
      allow(-NODE_BYTES);
      return 0;
    }
    const id = spare.pop() ?? nodes.length;
    nodes[id] = node;
    live[id] = 0;
    count++;
    if (count > peak) peak = count;
    return id;
  }
  function remove(id: number): void {
    nodes[id] = nodes[0];
    spare.push(id);
    count--;
    allow(-NODE_BYTES);
  }

  /** Number of the leaf that holds `page`, 0 if none. */
  function leafOf(page: number): number {
    const run = Math.floor(page / SIZE);
    if (run === lastRun) return lastLeaf;
    if (root === 0) return 0;
    let id = nodes[root][(run >>> 18) & MASK];
    if (id === 0) return 0;
    id = nodes[id][(run >>> 9) & MASK];
    if (id === 0) return 0;
    id = nodes[id][run & MASK];
    if (id === 0) return 0;
    lastRun = run;
    lastLeaf = id;
    return id;
  }

  /** The same, made on the way; 0 if refused (what was made stays empty until the next trim). */
  function makeLeaf(page: number): number {
    const run = Math.floor(page / SIZE);
    if (root === 0) root = add();
    let id = root;
    for (let shift = (LEVELS - 2) * BITS; shift >= 0 && id !== 0; shift -= BITS) {
      const slot = (run >>> shift) & MASK;
      let child = nodes[id][slot];
      if (child === 0) {
        child = add();
        if (child !== 0) {
          nodes[id][slot] = child;
          live[id]++;
        }
      }
      id = child;
    }
    if (id !== 0) {
      lastRun = run;
      lastLeaf = id;
    }
    return id;
  }

  /** Frees the empty nodes below `id` in the range; true if `id` itself is empty now. */
  function prune(id: number, height: number, base: number, start: number, end: number): boolean {
    if (height > 0 && live[id] > 0) {
      const span = SIZE ** height;
      const node = nodes[id];
      const from = Math.max(0, Math.floor((start - base) / span));
      const to = Math.min(SIZE, Math.ceil((end - base) / span));
      for (let slot = from; slot < to && live[id] > 0; slot++) {
        const child = node[slot];
        if (child === 0 || !prune(child, height - 1, base + slot * span, start, end)) continue;
        remove(child);
        node[slot] = 0;
        live[id]--;
      }
    }
    return live[id] === 0;
  }

  function walk(id: number, height: number, base: number, start: number, end: number, visit: (page: number, pte: number) => void): void {
    const span = SIZE ** height;
    const node = nodes[id];
    const from = Math.max(0, Math.floor((start - base) / span));
    const to = Math.min(SIZE, Math.ceil((end - base) / span));
    // entries can go while we look, none come: what is left to see tells when to stop
    let left = live[id];
    for (let slot = from; slot < to && left > 0; slot++) {
      const entry = node[slot];
      if (entry === 0) continue;
      left--;
      if (height === 0) visit(base + slot, entry);
      else walk(entry, height - 1, base + slot * span, start, end, visit);
    }
  }

  const table: PageTable = {
    name: 'lazy',
    get(page) {
      const leaf = leafOf(page);
      return leaf === 0 ? 0 : nodes[leaf][page & MASK];
    },
    set(page, pte) {
      let leaf = leafOf(page);
      if (leaf === 0) {
        if (pte === 0) return true;
        leaf = makeLeaf(page);
        if (leaf === 0) {
          table.trim(page, page + 1);
          return false;
        }
      }
      const node = nodes[leaf];
      const slot = page & MASK;
      live[leaf] += (pte === 0 ? 0 : 1) - (node[slot] === 0 ? 0 : 1);
      node[slot] = pte;
      return true;
    },
    onMap: () => true,
    onProtect: () => true,
    onUnmap: () => true,
    forEach(start, end, visit) {
      if (root !== 0) walk(root, LEVELS - 1, 0, start, end, visit);
    },
    trim(start, end) {
      if (root === 0) return;
      lastRun = -1;
      if (!prune(root, LEVELS - 1, 0, start, end)) return;
      remove(root);
      root = 0;
    },
    stats: () => ({ nodes: count, bytes: count * NODE_BYTES, peakBytes: peak * NODE_BYTES }),
  };
  return table;
}
