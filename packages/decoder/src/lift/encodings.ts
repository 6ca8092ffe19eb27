import type { Template } from './template.ts';

/** So many nodes at the most; then all starts anew. */
const MOST = 1 << 17;
/** Fibonacci hashing. */
const GOLDEN = 0x9e37_79b1;
const ROOT = 1;

/**
 * Instructions by their bytes: a tree with an edge for each byte, the edges in one hash table. No instruction's bytes begin another's, so the
 * tree tells where an instruction ends. Displacements from rip are jumped over: they are no part of what tells instructions apart.
 */
export class Encodings {
  /** Pairs: an edge, node << 8 | byte, and the node that it leads to. */
  #edges = new Int32Array(2 << 12);
  #shift = 32 - 12;
  #nodes = ROOT;
  /** Bytes to jump over at a node, in front of its edges. */
  #jumps = new Uint8Array(1 << 12);
  #templates: (Template | null)[] = [null, null];

  /** The instruction at `at` if it is known and ends at `end` at the latest. */
  find(bytes: Uint8Array, at: number, end: number): Template | null {
    const edges = this.#edges;
    const shift = this.#shift;
    const mask = edges.length - 1;
    const jumps = this.#jumps;
    let node = ROOT;
    let i = at;
    do {
      const key = (node << 8) | bytes[i++]!;
      let h = (Math.imul(key, GOLDEN) >>> shift) << 1;
      let found = edges[h]!;
      while (found !== key) {
        if (found === 0) return null;
        h = (h + 2) & mask;
        found = edges[h]!;
      }
      node = edges[h + 1]!;
      i += jumps[node]!;
      const template = this.#templates[node]!;
      if (template !== null) return i <= end ? template : null;
    } while (i < end);
    return null;
  }

  /** Keeps an instruction, which has these bytes. */
  add(bytes: Uint8Array, template: Template): void {
    if (this.#nodes + bytes.length > MOST) this.#clear();
    const { at, size } = template.place ?? { at: 0, size: 0 };
    let node = ROOT;
    for (let i = 0; i < template.length; i++) {
      node = this.#follow(node, bytes[i]!);
      if (size > 0 && i + 1 === at) {
        this.#jumps[node] = size;
        i += size;
      }
    }
    this.#templates[node] = template;
  }

  #follow(node: number, byte: number): number {
    const key = (node << 8) | byte;
    const h = this.#slot(key);
    const known = this.#edges[h + 1]!;
    if (known !== 0) return known;
    const next = ++this.#nodes;
    this.#templates.push(null);
    this.#edges[h] = key;
    this.#edges[h + 1] = next;
    if (next + 1 >= this.#jumps.length) {
      const grown = new Uint8Array(this.#jumps.length * 2);
      grown.set(this.#jumps);
      this.#jumps = grown;
    }
    if (next * 4 > this.#edges.length) this.#grow();
    return next;
  }
  /** Where an edge is, or would be. */
  #slot(key: number): number {
    const edges = this.#edges;
    let h = (Math.imul(key, GOLDEN) >>> this.#shift) << 1;
    while (edges[h] !== key && edges[h] !== 0) h = (h + 2) & (edges.length - 1);
    return h;
  }
  #grow(): void {
    const old = this.#edges;
    this.#edges = new Int32Array(old.length * 2);
    this.#shift--;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] === 0) continue;
      const h = this.#slot(old[i]!);
      this.#edges[h] = old[i]!;
      this.#edges[h + 1] = old[i + 1]!;
    }
  }
  #clear(): void {
    this.#edges = new Int32Array(2 << 12);
    this.#shift = 32 - 12;
    this.#nodes = ROOT;
    this.#jumps = new Uint8Array(1 << 12);
    this.#templates = [null, null];
  }
}

const bySettings = new Map<string, Encodings>();
/** The instructions known for CPUs with these features: the same for every lifter, so that one program's serve the next. */
export function encodingsFor(features: ReadonlySet<string>): Encodings {
  const settings = [...features].sort().join();
  let encodings = bySettings.get(settings);
  if (encodings === undefined) bySettings.set(settings, (encodings = new Encodings()));
  return encodings;
}
