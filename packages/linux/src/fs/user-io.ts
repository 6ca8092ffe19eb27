import type { Iovec, UserMemory } from '../mm/user-memory.ts';
import type { Destination, Source } from './open-file.ts';

/** Bytes copied at a time: the host's memory for a transfer does not grow with what the guest asks for. */
export const CHUNK = 65_536;
const ZEROS = new Uint8Array(CHUNK);

/** Buffers of the guest that a read fills. */
export function userDestination(user: UserMemory, vectors: readonly Iovec[]): Destination {
  let index = 0;
  let within = 0;
  const state = { remaining: total(vectors), done: 0, faulted: false };
  return Object.assign(state, {
    put(bytes: Uint8Array): number {
      let used = 0;
      while (used < bytes.length && state.remaining > 0 && !state.faulted) {
        const vector = vectors[index];
        const want = Math.min(vector.length - within, bytes.length - used);
        if (want === 0) {
          index += 1;
          within = 0;
          continue;
        }
        const copied = user.copyOut(vector.base + within, bytes.subarray(used, used + want));
        used += copied;
        within += copied;
        state.remaining -= copied;
        state.done += copied;
        if (copied < want) state.faulted = true;
      }
      return used;
    },
    putZeros(count: number): number {
      let put = 0;
      while (put < count) {
        const want = Math.min(CHUNK, count - put);
        const copied = this.put(ZEROS.subarray(0, want));
        put += copied;
        if (copied < want) break;
      }
      return put;
    },
  });
}

/** Buffers of the guest that a write empties. */
export function userSource(user: UserMemory, vectors: readonly Iovec[]): Source {
  const state = { remaining: total(vectors), done: 0, faulted: false };
  const scratch = new Uint8Array(Math.min(CHUNK, state.remaining));
  let index = 0;
  let within = 0;
  return Object.assign(state, {
    take(limit: number): Uint8Array {
      let filled = 0;
      const want = Math.min(limit, scratch.length, state.remaining);
      while (filled < want && !state.faulted) {
        const vector = vectors[index];
        const count = Math.min(vector.length - within, want - filled);
        if (count === 0) {
          index += 1;
          within = 0;
          continue;
        }
        const copied = user.copyIn(vector.base + within, scratch.subarray(filled, filled + count));
        filled += copied;
        within += copied;
        if (copied < count) state.faulted = true;
      }
      state.remaining -= filled;
      state.done += filled;
      return scratch.subarray(0, filled);
    },
    giveBack(count: number): void {
      state.remaining += count;
      state.done -= count;
      state.faulted = false;
      for (let left = count; left > 0; ) {
        if (within === 0) {
          index -= 1;
          within = vectors[index].length;
          continue;
        }
        const step = Math.min(within, left);
        within -= step;
        left -= step;
      }
    },
  });
}

function total(vectors: readonly Iovec[]): number {
  let sum = 0;
  for (const { length } of vectors) sum += length;
  return sum;
}

/** Host bytes as a destination: for transfers inside the kernel (sendfile, splice). */
export function bytesDestination(into: Uint8Array): Destination {
  const state = { remaining: into.length, done: 0, faulted: false };
  return Object.assign(state, {
    put(bytes: Uint8Array): number {
      const count = Math.min(bytes.length, state.remaining);
      into.set(bytes.subarray(0, count), state.done);
      state.done += count;
      state.remaining -= count;
      return count;
    },
    putZeros(count: number): number {
      const put = Math.min(count, state.remaining);
      into.fill(0, state.done, state.done + put);
      state.done += put;
      state.remaining -= put;
      return put;
    },
  });
}

/** Host bytes as a source. */
export function bytesSource(from: Uint8Array): Source {
  const state = { remaining: from.length, done: 0, faulted: false };
  return Object.assign(state, {
    take(limit: number): Uint8Array {
      const count = Math.min(limit, state.remaining);
      const piece = from.subarray(state.done, state.done + count);
      state.done += count;
      state.remaining -= count;
      return piece;
    },
    giveBack(count: number): void {
      state.done -= count;
      state.remaining += count;
    },
  });
}
