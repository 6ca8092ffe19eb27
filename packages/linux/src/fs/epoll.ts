import { E, EPOLL, POLL } from '@tally86/abi';
import { createWaitQueue, type Waiter, type WaitQueue } from '../sched/wait.ts';
import { nestingError, type NestedItem, type Nesting } from './epoll-nesting.ts';
import type { EpollSpace, HostedItem } from './epoll-space.ts';
import { type FileObserver, type FileOperations, hostTells, type OpenFile } from './open-file.ts';

/** Bits of an event that say how to watch, not for what (fs/eventpoll.c, EP_PRIVATE_BITS). */
const HOW = EPOLL.WAKEUP | EPOLL.ONESHOT | EPOLL.ET | EPOLL.EXCLUSIVE;
const ALWAYS = POLL.ERR | POLL.HUP;
/** What may be asked for together with EPOLLEXCLUSIVE. */
const WITH_EXCLUSIVE = EPOLL.EXCLUSIVE | EPOLL.WAKEUP | EPOLL.ET | POLL.IN | POLL.OUT | ALWAYS;

/** What the guest asked for. */
export interface EpollRequest {
  /** POLL and EPOLL bits. */
  readonly events: number;
  readonly data: bigint;
}

/** A descriptor that is watched (struct epitem): known by its open file and number, whatever the number means later. */
class EpollItem implements Waiter, FileObserver, NestedItem, HostedItem {
  readonly watches = true;
  readonly epoll: Epoll;
  readonly file: OpenFile;
  readonly fd: number;
  events = 0;
  data = 0n;
  /** Of files that the host makes ready: what the last look saw. */
  seen = false;
  readonly #queues: readonly WaitQueue[];

  constructor(epoll: Epoll, file: OpenFile, fd: number) {
    this.epoll = epoll;
    this.file = file;
    this.fd = fd;
    this.#queues = file.operations.queues;
    for (const queue of this.#queues) queue.add(this);
    (file.observers ??= new Set()).add(this);
  }

  get isEdge(): boolean {
    return (this.events & EPOLL.ET) !== 0;
  }
  /** EPOLLONESHOT told it, and nobody armed it again. */
  get isDisarmed(): boolean {
    return (this.events & ~HOW) === 0;
  }

  notify(events: number): void {
    if ((events & this.events & ~HOW) !== 0) this.epoll.becameReady(this);
  }

  look(): void {
    const ready = this.poll() !== 0;
    if (ready && !this.epoll.isReady(this) && !(this.isEdge && this.seen)) this.epoll.becameReady(this);
    this.seen = ready;
  }

  get waitsForHost(): boolean {
    return !this.isDisarmed && !(this.isEdge && this.seen) && hostTells(this.file, this.events & ~HOW);
  }
  hostWait(): Promise<unknown> {
    return this.file.operations.hostWait?.() ?? Promise.resolve();
  }

  poll(): number {
    return this.isDisarmed ? 0 : this.file.operations.poll(this.file) & this.events;
  }

  released(): void {
    this.epoll.remove(this);
  }

  detach(): void {
    for (const queue of this.#queues) queue.remove(this);
    this.file.observers?.delete(this);
  }
}

/** An epoll instance (struct eventpoll). */
export class Epoll implements FileOperations, Nesting {
  readonly seekable = false;
  readonly seek = (): number => 0;
  readonly #queue = createWaitQueue();
  readonly queues = [this.#queue];
  readonly #items = new Map<OpenFile, Map<number, EpollItem>>();
  /** The ready list, in the order in which things happened. */
  #ready = new Set<EpollItem>();
  /** Items that are instances. */
  #nested = 0;
  readonly #space: EpollSpace;
  file: OpenFile | null = null;

  constructor(space: EpollSpace) {
    this.#space = space;
  }

  read(): number {
    return -E.EINVAL;
  }
  write(): number {
    return -E.EINVAL;
  }

  /** Readable if something is ready: what turns out not to be leaves the list. */
  poll(): number {
    this.#space.lookAtHost();
    for (const item of this.#ready) {
      if (item.poll() !== 0) return POLL.IN | POLL.RDNORM;
      this.#ready.delete(item);
    }
    return 0;
  }

  get hostWait(): (() => Promise<unknown>) | undefined {
    const items = this.#space.hosted(this, this.#nested > 0).filter((item) => item.waitsForHost);
    return items.length === 0 ? undefined : () => Promise.race(items.map((item) => item.hostWait()));
  }

  /** epoll_ctl(2): 0, −EINVAL, −EEXIST, −ENOENT, −ENOSPC, −ELOOP. `self` is the file of this instance. */
  control(operation: number, self: OpenFile, file: OpenFile, fd: number, { events, data }: EpollRequest): number {
    this.file = self;
    const exclusive = (events & EPOLL.EXCLUSIVE) !== 0;
    const nested = file.operations instanceof Epoll;
    if (exclusive && operation === EPOLL.CTL_MOD) return -E.EINVAL;
    if (exclusive && operation === EPOLL.CTL_ADD && (nested || (events & ~WITH_EXCLUSIVE) !== 0)) return -E.EINVAL;
    const item = this.#items.get(file)?.get(fd);
    switch (operation) {
      case EPOLL.CTL_ADD: {
        const error = nested ? nestingError(self, file) : 0;
        if (error < 0) return error;
        return item === undefined ? this.#insert(self, file, fd, events, data) : -E.EEXIST;
      }
      case EPOLL.CTL_MOD:
        if (item === undefined) return -E.ENOENT;
        if ((item.events & EPOLL.EXCLUSIVE) !== 0) return -E.EINVAL;
        this.#arm(item, events, data);
        return 0;
      case EPOLL.CTL_DEL:
        if (item === undefined) return -E.ENOENT;
        this.remove(item);
        return 0;
      default:
        return -E.EINVAL;
    }
  }

  #insert(self: OpenFile, file: OpenFile, fd: number, events: number, data: bigint): number {
    if (!this.#space.take()) return -E.ENOSPC;
    const item = new EpollItem(this, file, fd);
    if (file.operations instanceof Epoll) this.#nested += 1;
    let byFd = this.#items.get(file);
    if (byFd === undefined) this.#items.set(file, (byFd = new Map()));
    byFd.set(fd, item);
    const error = file.operations instanceof Epoll || (self.observers?.size ?? 0) > 0 ? nestingError(self, file, item) : 0;
    if (error < 0) {
      this.remove(item);
      return error;
    }
    if (!(file.operations instanceof Epoll) && file.operations.hostWait !== undefined) this.#space.addHosted(item);
    this.#arm(item, events, data);
    return 0;
  }

  #arm(item: EpollItem, events: number, data: bigint): void {
    item.events = events | ALWAYS;
    item.data = data;
    item.seen = false;
    if (item.poll() !== 0) this.becameReady(item);
  }

  isReady(item: EpollItem): boolean {
    return this.#ready.has(item);
  }

  becameReady(item: EpollItem): void {
    this.#ready.add(item);
    this.#queue.wake(Infinity, POLL.IN | POLL.RDNORM);
  }

  remove(item: EpollItem): void {
    item.detach();
    this.#ready.delete(item);
    this.#space.give(item);
    if (item.file.operations instanceof Epoll) this.#nested -= 1;
    const byFd = this.#items.get(item.file);
    byFd?.delete(item.fd);
    if (byFd?.size === 0) this.#items.delete(item.file);
  }

  /**
   * Tells at most `limit` events (ep_send_events); −EFAULT if `put` takes not even the first. What is watched for its level goes to the end
   * of the list, so that everything has its turn.
   */
  collect(limit: number, put: (index: number, event: EpollRequest) => boolean): number {
    this.#space.lookAtHost();
    let count = 0;
    let left = this.#ready.size;
    for (const item of this.#ready) {
      if (left === 0 || count === limit) break;
      left -= 1;
      this.#ready.delete(item);
      const events = item.poll();
      if (events === 0) continue;
      if (!put(count, { events, data: item.data })) {
        this.#ready = new Set([item, ...this.#ready]);
        return count > 0 ? count : -E.EFAULT;
      }
      count += 1;
      if ((item.events & EPOLL.ONESHOT) !== 0) item.events &= HOW;
      else if (!item.isEdge) this.#ready.add(item);
    }
    return count;
  }

  watched(): Iterable<NestedItem> {
    return [...this.#items.values()].flatMap((byFd) => [...byFd.values()]);
  }

  describe(): string {
    let text = '';
    for (const [file, byFd] of this.#items) {
      for (const { fd, events, data } of byFd.values()) {
        const { inode, mount } = file.dentry;
        text += `tfd: ${String(fd).padStart(8)} events: ${(events >>> 0).toString(16).padStart(8)} data: ${data.toString(16).padStart(16)} `
          + ` pos:${file.position} ino:${inode.ino.toString(16)} sdev:${mount.device.toString(16)}\n`;
      }
    }
    return text;
  }

  release(): void {
    for (const byFd of [...this.#items.values()]) for (const item of [...byFd.values()]) this.remove(item);
  }
}
