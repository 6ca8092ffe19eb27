import { E, IOCTL, PIPE_BUF, POLL } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { createWaitQueue } from '../sched/wait.ts';
import type { Destination, FileOperations, OpenFile, Source } from './open-file.ts';

const PAGE = 4096;
/** Bytes a new pipe holds, and the most that F_SETPIPE_SZ may ask for (/proc/sys/fs/pipe-max-size). */
export const PIPE_SIZE = 65_536;
export const PIPE_MAX_SIZE = 1_048_576;

/** What all pipes together may hold; from there on new ones get two pages (fs/pipe.c, pipe_user_pages_soft). */
const SOFT_LIMIT = 16_384 * PAGE;
let capacities = 0;

/** A pipe (struct pipe_inode_info): bytes on their way, and who is at its ends. */
export class Pipe {
  readers = 0;
  writers = 0;
  /** Ends that were ever opened: a FIFO's opener waits for the other side to have been there. */
  readerOpenings = 0;
  writerOpenings = 0;
  capacity = capacities + PIPE_SIZE > SOFT_LIMIT ? 2 * PAGE : PIPE_SIZE;
  /** Woken by every change of content or ends. */
  readonly queue = createWaitQueue();
  /** A ring that grows to the capacity. */
  #ring: Uint8Array = new Uint8Array(0);
  #start = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }
  get room(): number {
    return this.capacity - this.#length;
  }

  /** Takes bytes in; there must be room. */
  push(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#ring.length) this.#grow(this.#length + bytes.length);
    const at = (this.#start + this.#length) % this.#ring.length;
    const first = bytes.subarray(0, this.#ring.length - at);
    this.#ring.set(first, at);
    this.#ring.set(bytes.subarray(first.length), 0);
    this.#length += bytes.length;
  }

  /** Moves bytes out; those that `to` does not take stay. */
  drain(to: Destination): number {
    let moved = 0;
    while (this.#length > 0 && to.remaining > 0 && !to.faulted) {
      const put = to.put(this.#ring.subarray(this.#start, Math.min(this.#ring.length, this.#start + this.#length)));
      this.#start = (this.#start + put) % this.#ring.length;
      this.#length -= put;
      moved += put;
    }
    return moved;
  }

  /** Copies bytes without taking them out (tee). */
  peek(limit: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(limit, this.#length));
    const first = this.#ring.subarray(this.#start, this.#start + bytes.length);
    bytes.set(first);
    bytes.set(this.#ring.subarray(0, bytes.length - first.length), first.length);
    return bytes;
  }

  #grow(wanted: number): void {
    const ring = new Uint8Array(Math.min(this.capacity, Math.max(wanted, this.#ring.length * 2, PAGE)));
    ring.set(this.peek(this.#length));
    this.#ring = ring;
    this.#start = 0;
  }

  /** F_SETPIPE_SZ: the new capacity; −EBUSY if more is in it, −EPERM above the limit. */
  resize(bytes: number, privileged: boolean): number {
    let capacity = PAGE;
    while (capacity < Math.min(bytes, 2 ** 32)) capacity *= 2;
    if (bytes > 0x8000_0000) return -E.EINVAL;
    if (capacity > PIPE_MAX_SIZE && !privileged) return -E.EPERM;
    if (capacity > this.capacity && capacities + capacity - this.capacity > SOFT_LIMIT) return -E.EPERM;
    if (capacity < this.#length) return -E.EBUSY;
    const content = this.peek(this.#length);
    capacities += capacity - this.capacity;
    this.capacity = capacity;
    this.#ring = content;
    this.#start = 0;
    this.queue.wake();
    return capacity;
  }

  /** An end was opened or closed: what nobody holds open counts no more. */
  ends(readers: number, writers: number): void {
    if (this.readers + this.writers === 0) capacities += this.capacity;
    this.readers += readers;
    this.writers += writers;
    if (this.readers + this.writers === 0) {
      capacities -= this.capacity;
      this.#ring = new Uint8Array(0);
      this.#start = this.#length = 0;
    }
    if (readers > 0) this.readerOpenings += 1;
    if (writers > 0) this.writerOpenings += 1;
    this.queue.wake();
  }
}

/** One opening of a pipe. */
export class PipeEnd implements FileOperations {
  readonly pipe: Pipe;
  readonly seekable = false;
  readonly queues;
  readonly #reads: boolean;
  readonly #writes: boolean;

  constructor(pipe: Pipe, reads: boolean, writes: boolean) {
    this.pipe = pipe;
    this.queues = [pipe.queue];
    this.#reads = reads;
    this.#writes = writes;
    pipe.ends(reads ? 1 : 0, writes ? 1 : 0);
  }

  read(_file: OpenFile, to: Destination): number {
    const { pipe } = this;
    if (to.remaining === 0) return 0;
    if (pipe.length === 0) return pipe.writers === 0 ? 0 : -E.EAGAIN;
    const moved = pipe.drain(to);
    if (moved > 0) pipe.queue.wake();
    return moved;
  }

  write(_file: OpenFile, from: Source): number {
    const { pipe } = this;
    if (from.remaining === 0) return 0;
    if (pipe.readers === 0) return -E.EPIPE;
    // What fits into PIPE_BUF goes in one piece or waits.
    const least = from.remaining <= PIPE_BUF ? from.remaining : 1;
    if (pipe.room < least) return -E.EAGAIN;
    let moved = 0;
    while (from.remaining > 0 && pipe.room > 0) {
      const bytes = from.take(pipe.room);
      if (bytes.length === 0) break;
      pipe.push(bytes);
      moved += bytes.length;
    }
    if (moved > 0) pipe.queue.wake();
    return moved;
  }

  poll(): number {
    const { pipe } = this;
    let mask = 0;
    if (this.#reads) {
      if (pipe.length > 0) mask |= POLL.IN | POLL.RDNORM;
      if (pipe.writers === 0 && pipe.writerOpenings > 0) mask |= POLL.HUP;
    }
    if (this.#writes) {
      if (pipe.room >= PAGE) mask |= POLL.OUT | POLL.WRNORM;
      if (pipe.readers === 0) mask |= POLL.ERR;
    }
    return mask;
  }

  ioctl(_file: OpenFile, request: number, argument: number, task: Task): number {
    if (request !== IOCTL.FIONREAD) return -E.ENOTTY;
    return task.user.writeU32(argument, this.pipe.length) ? 0 : -E.EFAULT;
  }

  release(): void {
    this.pipe.ends(this.#reads ? -1 : 0, this.#writes ? -1 : 0);
  }
}
