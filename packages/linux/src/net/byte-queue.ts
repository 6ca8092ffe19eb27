import type { Destination } from '../fs/open-file.ts';
import type { NetMemory } from './memory.ts';

interface Chunk {
  readonly bytes: Uint8Array;
  start: number;
  end: number;
}

const CHUNK = 4096;

/** Bytes in order, without boundaries: what a TCP connection has received. Short pieces share a chunk. */
export class ByteQueue {
  readonly #memory: NetMemory;
  readonly #chunks: Chunk[] = [];
  #length = 0;

  constructor(memory: NetMemory) {
    this.#memory = memory;
  }

  get length(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    this.#length += bytes.length;
    const last = this.#chunks.at(-1);
    let used = 0;
    if (last !== undefined && last.end < last.bytes.length) {
      used = Math.min(bytes.length, last.bytes.length - last.end);
      last.bytes.set(bytes.subarray(0, used), last.end);
      last.end += used;
    }
    if (used === bytes.length) return;
    const rest = bytes.subarray(used);
    const chunk = new Uint8Array(Math.max(CHUNK, rest.length));
    chunk.set(rest);
    this.#memory.take(chunk.length);
    this.#chunks.push({ bytes: chunk, start: 0, end: rest.length });
  }

  /** Copies from the `skip`-th byte on; takes nothing out. Bytes copied: fewer than asked for at a fault. */
  copy(to: Destination, skip = 0): number {
    let copied = 0;
    let left = skip;
    for (const { bytes, start, end } of this.#chunks) {
      if (to.remaining === 0) break;
      const from = start + Math.min(left, end - start);
      left -= from - start;
      const want = Math.min(end - from, to.remaining);
      if (want === 0) continue;
      const put = to.put(bytes.subarray(from, from + want));
      copied += put;
      if (put < want) break;
    }
    return copied;
  }

  drop(count: number): void {
    let left = Math.min(count, this.#length);
    this.#length -= left;
    while (left > 0) {
      const chunk = this.#chunks[0];
      const step = Math.min(left, chunk.end - chunk.start);
      chunk.start += step;
      left -= step;
      if (chunk.start === chunk.end) this.#forget();
    }
  }

  clear(): void {
    while (this.#chunks.length > 0) this.#forget();
    this.#length = 0;
  }

  #forget(): void {
    this.#memory.take(-this.#chunks.shift()!.bytes.length);
  }
}
