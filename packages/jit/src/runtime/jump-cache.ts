import type { Code } from '../wasm/code.ts';
import { OP } from '../wasm/opcodes.ts';

/**
 * Jump caches: by a hash of an address a set of four entries, which share a line of the host's cache; the latest is first. An entry has four words: the
 * address, and two of the cache's own. With one entry for each hash, large programs (cc1) came to the host a hundred thousand times for what had been known.
 */
const SET_BITS = 14;
const WAYS = 4;
/** A set is the upper bits of the product with this. */
const HASH = 0x9e3779b1 | 0;
export const JUMP_ENTRY = 16;
const SET_SHIFT = Math.log2(WAYS * JUMP_ENTRY);
export const JUMP_CACHE_BYTES = 1 << (SET_BITS + SET_SHIFT);

/** Byte offset of the set of a key, which is the address's low half or has it mixed in. */
export function jumpSet(key: number): number {
  return (Math.imul(key, HASH) >>> (32 - SET_BITS)) << SET_SHIFT;
}

/** Pops a key (i32) and pushes the byte offset of its set. */
export function emitJumpSet(code: Code): void {
  code.i32(HASH).op(OP.i32_mul).i32(32 - SET_BITS).op(OP.i32_shr_u).i32(SET_SHIFT).op(OP.i32_shl);
}

/** Local `at` has a set: moves it on to the entry for which `isOther` pushes 0. `miss` leaves, from within `labels` more than there are around. */
export function emitJumpProbe(code: Code, at: number, isOther: () => void, miss: (labels: number) => void): void {
  for (let way = 1; way <= WAYS; way++) {
    isOther();
    code.if();
    if (way < WAYS) code.get(at).i32(JUMP_ENTRY).op(OP.i32_add).set(at);
    else miss(WAYS);
  }
  for (let way = 0; way < WAYS; way++) code.end();
}

/** Makes the first entry of the set at word `set` free for one that is not in it. */
export function makeRoom(words: Int32Array, set: number): void {
  words.copyWithin(set + JUMP_ENTRY / 4, set, set + (WAYS - 1) * (JUMP_ENTRY / 4));
}

/** Word of the entry of an address in the set at word `set`; −1: it has none. */
export function findInSet(words: Int32Array, set: number, lo: number, hi: number): number {
  for (let at = set; at < set + WAYS * (JUMP_ENTRY / 4); at += JUMP_ENTRY / 4) if (words[at] === lo && words[at + 1] === hi) return at;
  return -1;
}
