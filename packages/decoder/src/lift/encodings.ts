import { measure, type Layout } from './layout.ts';
import type { Template } from './template.ts';

/** So many instructions at the most; then all starts anew. */
const MOST = 1 << 15;
/** Bytes of a key: those of an instruction, 15 at the most. */
const KEY = 16;
const EMPTY = 0;

/** Instructions by their bytes, but for displacements, which are no part of what tells them apart: a hash table with open addressing. */
export class Encodings {
  /** The parts of the instruction that was looked up last, as far as they can be told without decoding. */
  readonly layout: Layout = { length: 0, at: 0, size: 0, immediate: 0 };
  /** Immediate operands tell them apart, too. */
  readonly #exact: boolean;
  #hash = 0;
  /** Numbers of instructions. */
  #table = new Int32Array(1 << 12);
  #keys = new Uint8Array(KEY << 11);
  #hashes = new Int32Array(1 << 11);
  #templates: (Template | null)[] = [null];

  constructor(exact: boolean) {
    this.#exact = exact;
  }

  /** The instruction at `at` if it is known and ends at `end` at the latest. */
  find(bytes: Uint8Array, at: number, end: number): Template | null {
    const { layout } = this;
    measure(bytes, at, end, layout);
    const { length, size } = layout;
    if (length === 0) return null;
    const from = layout.at;
    const told = this.#told();
    let hash = length;
    for (let i = 0; i < told; i++) {
      if (i === from) i += size;
      if (i < told) hash = Math.imul(hash ^ bytes[at + i]!, 0x0100_0193);
    }
    hash ^= hash >>> 15;
    this.#hash = hash;
    const table = this.#table;
    const mask = table.length - 1;
    for (let h = hash & mask; ; h = (h + 1) & mask) {
      const n = table[h]!;
      if (n === EMPTY) return null;
      if (this.#hashes[n] === hash && this.#matches(n, bytes, at)) return this.#templates[n]!;
    }
  }
  /** Bytes that tell an instruction from others. */
  #told(): number {
    return this.#exact ? this.layout.length : this.layout.length - this.layout.immediate;
  }
  #matches(n: number, bytes: Uint8Array, at: number): boolean {
    const { length, at: from, size } = this.layout;
    const keys = this.#keys;
    const key = n * KEY;
    if (keys[key + KEY - 1] !== length) return false;
    const told = this.#told();
    for (let i = 0; i < told; i++) {
      if (i === from) i += size;
      if (i < told && keys[key + i] !== bytes[at + i]) return false;
    }
    return true;
  }

  /** Keeps the instruction looked up last, which is at `at`. */
  add(bytes: Uint8Array, at: number, template: Template): void {
    if (this.#templates.length === MOST) this.#clear();
    const n = this.#templates.length;
    this.#templates.push(template);
    if (n === this.#hashes.length) this.#grow();
    this.#hashes[n] = this.#hash;
    const { length, at: from, size } = this.layout;
    const key = n * KEY;
    for (let i = 0; i < length; i++) this.#keys[key + i] = i >= from && i < from + size ? 0 : bytes[at + i]!;
    this.#keys[key + KEY - 1] = length;
    this.#enter(n);
  }
  #enter(n: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let h = this.#hashes[n]! & mask;
    while (table[h] !== EMPTY) h = (h + 1) & mask;
    table[h] = n;
  }
  #grow(): void {
    const keys = new Uint8Array(this.#keys.length * 2);
    keys.set(this.#keys);
    const hashes = new Int32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    const known = this.#hashes.length;
    this.#keys = keys;
    this.#hashes = hashes;
    this.#table = new Int32Array(this.#table.length * 2);
    for (let n = 1; n < known; n++) this.#enter(n);
  }
  #clear(): void {
    this.#table.fill(EMPTY);
    this.#templates = [null];
  }
}

/** What is known of instructions. */
export interface Known {
  readonly exact: Encodings;
  /** Those with an immediate operand that is but a number, by the bytes in front of it: one of each serves as pattern for others. */
  readonly patterns: Encodings;
}
const bySettings = new Map<string, Known>();
/** The instructions known for CPUs with these features: the same for every lifter, so that one program's serve the next. */
export function encodingsFor(features: ReadonlySet<string>): Known {
  const settings = [...features].sort().join();
  let known = bySettings.get(settings);
  if (known === undefined) bySettings.set(settings, (known = { exact: new Encodings(true), patterns: new Encodings(false) }));
  return known;
}
