import { E, POLL } from '@tally86/abi';
import { createWaitQueue } from '../sched/wait.ts';
import type { Destination, FileOperations, OpenFile, Source } from './open-file.ts';

const SIZE = 8;
/** The counter's highest value, and the one that only the kernel itself could add up to. */
const MAX = 0xffff_ffff_ffff_fffen;
const OVERFLOW = 0xffff_ffff_ffff_ffffn;

/** A counter that is read and written (fs/eventfd.c). */
export class EventFile implements FileOperations {
  readonly seekable = false;
  readonly seek = (): number => 0;
  readonly #queue = createWaitQueue();
  readonly queues = [this.#queue];
  readonly #id: number;
  readonly #semaphore: boolean;
  #count: bigint;

  constructor(id: number, initial: number, semaphore: boolean) {
    this.#id = id;
    this.#count = BigInt(initial);
    this.#semaphore = semaphore;
  }

  read(_file: OpenFile, to: Destination): number {
    if (to.remaining < SIZE) return -E.EINVAL;
    if (this.#count === 0n) return -E.EAGAIN;
    const value = this.#semaphore ? 1n : this.#count;
    this.#count -= value;
    this.#queue.wake(Infinity, POLL.OUT);
    return to.put(new Uint8Array(BigUint64Array.of(value).buffer)) < SIZE ? -E.EFAULT : SIZE;
  }

  write(_file: OpenFile, from: Source): number {
    if (from.remaining !== SIZE) return -E.EINVAL;
    const bytes = from.take(SIZE);
    if (bytes.length < SIZE) return -E.EFAULT;
    const value = new DataView(bytes.buffer, bytes.byteOffset, SIZE).getBigUint64(0, true);
    if (value === OVERFLOW) return -E.EINVAL;
    if (value > MAX - this.#count) {
      from.giveBack(SIZE);
      return -E.EAGAIN;
    }
    this.#count += value;
    this.#queue.wake(Infinity, POLL.IN);
    return SIZE;
  }

  poll(): number {
    return (this.#count > 0n ? POLL.IN : 0) | (this.#count < MAX ? POLL.OUT : 0);
  }

  describe(): string {
    return `eventfd-count: ${this.#count.toString(16).padStart(16)}\neventfd-id: ${this.#id}\neventfd-semaphore: ${this.#semaphore ? 1 : 0}\n`;
  }
}
