/** What all sockets of a machine may hold in their queues, in bytes. */
const NET_MEMORY = 64 * 1024 * 1024;
/** What a queue may hold beyond that, so that traffic goes on in small steps, and how much all may. */
const UNDER_PRESSURE = 4096, RESERVE = 16 * 1024 * 1024;

/** The bytes in the queues of a machine's sockets (struct proto, memory_allocated). */
export class NetMemory {
  #used = 0;

  take(bytes: number): void {
    this.#used += bytes;
  }
  /** Room for one queue that holds `held` bytes and may hold `limit`. */
  room(held: number, limit: number): number {
    const left = NET_MEMORY - this.#used;
    const most = left > 0 ? left : left > -RESERVE ? UNDER_PRESSURE - held : 0;
    return Math.max(0, Math.min(limit - held, most));
  }
}

/** What the receive queue of one socket holds of it, in bytes (sk_rmem_alloc). */
export class QueueCharge {
  readonly #memory: NetMemory;
  #held = 0;

  constructor(memory: NetMemory) {
    this.#memory = memory;
  }
  /** False, and nothing is taken, where a queue that may hold `limit` has no room for `size`. */
  take(size: number, limit: number): boolean {
    if (this.#memory.room(this.#held, limit) < size) return false;
    this.#change(size);
    return true;
  }
  give(size: number): void {
    this.#change(-size);
  }
  giveAll(): void {
    this.#change(-this.#held);
  }
  #change(size: number): void {
    this.#held += size;
    this.#memory.take(size);
  }
}

/** struct sk_buff, and what lies behind its data (struct skb_shared_info), in bytes. */
const HEAD = 256, TAIL = 320;

/** What the kernel charges for a buffer of `linear` bytes in its head and `paged` bytes in pages (skb->truesize). */
export function trueSize(linear: number, paged = 0): number {
  let bucket = 512;
  while (bucket < ((linear + 63) & ~63) + TAIL) bucket *= 2;
  return HEAD + bucket + Math.ceil(paged / 4096) * 4096;
}

/** The most that the head of a buffer takes without asking for more than one page (SKB_MAX_HEAD). */
export const MAX_HEAD = 4096 - TAIL;
/** The same for four pages (SKB_MAX_ALLOC). */
export const MAX_ALLOC = 16_384 - TAIL;
