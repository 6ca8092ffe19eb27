import { E, IOCTL, O, POLL } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { createWaitQueue, type WaitQueue } from '../sched/wait.ts';
import type { Destination, FileOperations, OpenFile, Source } from './open-file.ts';

const PAGE = 4096;
const READABLE = POLL.IN | POLL.RDNORM;
const WRITABLE = POLL.OUT | POLL.WRNORM;
/** Bytes a new pipe holds, and the most that F_SETPIPE_SZ may ask for (/proc/sys/fs/pipe-max-size). */
const PIPE_SIZE = 65_536;
export const PIPE_MAX_SIZE = 1_048_576;

/** What all pipes of a machine together may hold; from there on new ones get two pages (fs/pipe.c, pipe_user_pages_soft). */
const SOFT_LIMIT = 16_384 * PAGE;

/** The capacities of a machine's open pipes, in bytes. */
export class PipeSpace {
  #used = 0;

  has(bytes: number): boolean {
    return this.#used + bytes <= SOFT_LIMIT;
  }
  take(bytes: number): void {
    this.#used += bytes;
  }
}

/** A page on its way through a pipe (struct pipe_buffer): its bytes are [start, end). */
interface PipeBuffer {
  readonly page: Uint8Array;
  start: number;
  end: number;
  /** Written with O_DIRECT: stays apart, and a read takes no more than it. */
  readonly packet: boolean;
}

/** A pipe (struct pipe_inode_info): pages on their way, and who is at its ends. */
export class Pipe {
  readers = 0;
  writers = 0;
  /** Ends that were ever opened: a FIFO's opener waits for the other side to have been there. */
  readerOpenings = 0;
  writerOpenings = 0;
  capacity: number;
  /** Woken when there may be more to read, and when there may be more room; ends that come and go wake both. */
  readonly dataQueue = createWaitQueue();
  readonly roomQueue = createWaitQueue();
  readonly #space: PipeSpace;
  #buffers: PipeBuffer[] = [];

  constructor(space: PipeSpace) {
    this.#space = space;
    this.capacity = space.has(PIPE_SIZE) ? PIPE_SIZE : 2 * PAGE;
  }

  get length(): number {
    return this.#buffers.reduce((sum, { start, end }) => sum + end - start, 0);
  }
  get isEmpty(): boolean {
    return this.#buffers.length === 0;
  }
  get isFull(): boolean {
    return this.#buffers.length * PAGE >= this.capacity;
  }
  /** Bytes that certainly fit. */
  get room(): number {
    return this.capacity - this.#buffers.length * PAGE;
  }

  /** Takes in what there is room for (fs/pipe.c, pipe_write): a rest that fits goes into the last page, all else into pages of its own. */
  fill(from: Source, packet: boolean): number {
    let moved = 0;
    const rest = from.remaining % PAGE;
    const last = this.#buffers.at(-1);
    if (rest > 0 && last !== undefined && !last.packet && last.end + rest <= PAGE) {
      const bytes = takeWhole(from, rest);
      if (bytes === null) return -E.EFAULT;
      last.page.set(bytes, last.end);
      last.end += rest;
      moved = rest;
    }
    while (from.remaining > 0 && !this.isFull) {
      const bytes = takeWhole(from, Math.min(PAGE, from.remaining));
      if (bytes === null) return moved > 0 ? moved : -E.EFAULT;
      const page = new Uint8Array(PAGE);
      page.set(bytes);
      this.#buffers.push({ page, start: 0, end: bytes.length, packet });
      moved += bytes.length;
    }
    return moved;
  }

  /** Moves bytes out; a page that the guest cannot take whole stays as it was. */
  drain(to: Destination): number {
    let moved = 0;
    while (this.#buffers.length > 0 && to.remaining > 0) {
      const buffer = this.#buffers[0]!;
      const want = Math.min(buffer.end - buffer.start, to.remaining);
      if (to.put(buffer.page.subarray(buffer.start, buffer.start + want)) < want) return moved > 0 ? moved : -E.EFAULT;
      moved += want;
      buffer.start += want;
      if (buffer.start === buffer.end || buffer.packet) this.#buffers.shift();
      if (buffer.packet) break;
    }
    return moved;
  }

  /** Pages that tee(2) links into another pipe: at most `limit` bytes. */
  copyTo(other: Pipe, limit: number): number {
    let moved = 0;
    for (const { page, start, end, packet } of this.#buffers) {
      if (moved >= limit || other.isFull) break;
      const count = Math.min(end - start, limit - moved);
      other.#buffers.push({ page: page.slice(), start, end: start + count, packet });
      moved += count;
    }
    return moved;
  }

  /** F_SETPIPE_SZ: the new capacity; −EBUSY if more is in it, −EPERM above the limit. */
  resize(bytes: number, privileged: boolean): number {
    if (bytes > 0x8000_0000) return -E.EINVAL;
    let capacity = PAGE;
    while (capacity < bytes) capacity *= 2;
    if (capacity > PIPE_MAX_SIZE && capacity > this.capacity && !privileged) return -E.EPERM;
    if (capacity > this.capacity && !this.#space.has(capacity - this.capacity)) return -E.EPERM;
    if (capacity < this.#buffers.length * PAGE) return -E.EBUSY;
    this.#space.take(capacity - this.capacity);
    this.capacity = capacity;
    this.roomQueue.wake(Infinity, WRITABLE);
    return capacity;
  }

  /** An end was opened or closed: what nobody holds open counts no more. */
  ends(readers: number, writers: number): void {
    if (this.readers + this.writers === 0) this.#space.take(this.capacity);
    this.readers += readers;
    this.writers += writers;
    if (this.readers + this.writers === 0) {
      this.#space.take(-this.capacity);
      this.#buffers = [];
    }
    if (readers > 0) this.readerOpenings += 1;
    if (writers > 0) this.writerOpenings += 1;
    this.dataQueue.wake();
    this.roomQueue.wake();
  }

  /** Bytes came, or went. */
  filled(): void {
    this.dataQueue.wake(Infinity, READABLE);
  }
  drained(): void {
    this.roomQueue.wake(Infinity, WRITABLE);
  }
}

/** So many bytes, or null at a fault, and then none is taken. */
function takeWhole(from: Source, count: number): Uint8Array | null {
  const bytes = from.take(count);
  if (bytes.length === count) return bytes;
  from.giveBack(bytes.length);
  return null;
}

/** One opening of a pipe. */
export class PipeEnd implements FileOperations {
  readonly pipe: Pipe;
  readonly seekable = false;
  readonly asynchronous = true;
  readonly queues: readonly WaitQueue[];
  readonly #reads: boolean;
  readonly #writes: boolean;

  constructor(pipe: Pipe, reads: boolean, writes: boolean) {
    this.pipe = pipe;
    this.queues = [...(reads ? [pipe.dataQueue] : []), ...(writes ? [pipe.roomQueue] : [])];
    this.#reads = reads;
    this.#writes = writes;
    pipe.ends(reads ? 1 : 0, writes ? 1 : 0);
  }

  read(_file: OpenFile, to: Destination): number {
    const { pipe } = this;
    if (to.remaining === 0) return 0;
    if (pipe.isEmpty) return pipe.writers === 0 ? 0 : -E.EAGAIN;
    const wasFull = pipe.isFull;
    const moved = pipe.drain(to);
    if (moved > 0 && wasFull) pipe.drained();
    return moved;
  }

  write(file: OpenFile, from: Source): number {
    const { pipe } = this;
    if (from.remaining === 0) return 0;
    if (pipe.readers === 0) return -E.EPIPE;
    const moved = pipe.fill(from, (file.flags & O.DIRECT) !== 0);
    if (moved > 0) pipe.filled();
    return moved === 0 ? -E.EAGAIN : moved;
  }

  poll(): number {
    const { pipe } = this;
    let mask = 0;
    if (this.#reads) {
      if (!pipe.isEmpty) mask |= READABLE;
      if (pipe.writers === 0 && pipe.writerOpenings > 0) mask |= POLL.HUP;
    }
    if (this.#writes) {
      if (!pipe.isFull) mask |= WRITABLE;
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
