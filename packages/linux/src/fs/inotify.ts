import { E, IN, INOTIFY_EVENT, IOCTL, packStruct, POLL } from '@tally86/abi';
import type { ByteString, Inode } from '@tally86/core';
import { bytesOf } from '@tally86/vfs';
import type { Task } from '../kernel/types.ts';
import { createWaitQueue } from '../sched/wait.ts';
import type { InodeWatch, NotifyTable } from './notify.ts';
import type { Destination, FileOperations, OpenFile } from './open-file.ts';

const HEAD = INOTIFY_EVENT.size;
/** Events that wait to be read (/proc/sys/fs/inotify/max_queued_events); then one says that more were lost. */
export const MAX_QUEUED_EVENTS = 16_384;

interface QueuedEvent {
  readonly wd: number;
  readonly mask: number;
  readonly cookie: number;
  readonly name: ByteString;
}

/** Bytes of the name with its NUL and the padding. */
const nameLength = ({ name }: QueuedEvent): number => (name === '' ? 0 : Math.ceil((name.length + 1) / HEAD) * HEAD);
const sizeOf = (event: QueuedEvent): number => HEAD + nameLength(event);

function pack(event: QueuedEvent): Uint8Array {
  const bytes = new Uint8Array(sizeOf(event));
  bytes.set(packStruct(INOTIFY_EVENT, { wd: event.wd, mask: event.mask, cookie: event.cookie, len: nameLength(event) }));
  bytes.set(bytesOf(event.name), HEAD);
  return bytes;
}

/** A watch of one inode (struct inotify_inode_mark). */
class InotifyWatch implements InodeWatch {
  readonly inode: Inode;
  readonly wd: number;
  mask: number;
  readonly #instance: Inotify;

  constructor(instance: Inotify, inode: Inode, wd: number, mask: number) {
    this.#instance = instance;
    this.inode = inode;
    this.wd = wd;
    this.mask = mask;
  }

  event(mask: number, name: ByteString, cookie: number, unlinked: boolean): void {
    if ((mask & this.mask & ~IN.ISDIR) === 0 || (unlinked && (this.mask & IN.EXCL_UNLINK) !== 0)) return;
    // Of a directory itself these two are told as of a file.
    const told = (mask & (IN.DELETE_SELF | IN.MOVE_SELF)) !== 0 ? mask & ~IN.ISDIR : mask;
    this.#instance.queue({ wd: this.wd, mask: told, cookie, name });
    if ((this.mask & IN.ONESHOT) !== 0) this.#instance.forget(this);
  }

  ignored(): void {
    this.#instance.forget(this);
  }
}

/** An inotify instance (fs/notify/inotify/inotify_user.c). */
export class Inotify implements FileOperations {
  readonly seekable = false;
  readonly seek = (): number => 0;
  readonly asynchronous = true;
  readonly #waiting = createWaitQueue();
  readonly queues = [this.#waiting];
  readonly #table: NotifyTable;
  readonly #watches = new Map<number, InotifyWatch>();
  readonly #byInode = new Map<Inode, InotifyWatch>();
  #events: QueuedEvent[] = [];
  #lastWd = 0;

  constructor(table: NotifyTable) {
    this.#table = table;
  }

  /** inotify_add_watch(2): the number of the watch; −EEXIST, −ENOSPC. */
  add(inode: Inode, mask: number): number {
    const known = this.#byInode.get(inode);
    if (known !== undefined) {
      if ((mask & IN.MASK_CREATE) !== 0) return -E.EEXIST;
      known.mask = (mask & IN.MASK_ADD) !== 0 ? known.mask | mask : mask;
      return known.wd;
    }
    const wd = this.#lastWd + 1;
    const watch = new InotifyWatch(this, inode, wd, mask);
    if (!this.#table.add(watch)) return -E.ENOSPC;
    this.#lastWd = wd;
    this.#watches.set(wd, watch);
    this.#byInode.set(inode, watch);
    return wd;
  }

  /** inotify_rm_watch(2). */
  removeWatch(wd: number): number {
    const watch = this.#watches.get(wd);
    if (watch === undefined) return -E.EINVAL;
    this.forget(watch);
    return 0;
  }

  /** The watch is no more: its last event says so. */
  forget(watch: InotifyWatch): void {
    if (!this.#watches.delete(watch.wd)) return;
    this.#byInode.delete(watch.inode);
    this.#table.remove(watch);
    this.queue({ wd: watch.wd, mask: IN.IGNORED, cookie: 0, name: '' });
  }

  queue(event: QueuedEvent): void {
    const last = this.#events.at(-1);
    if (this.#events.length >= MAX_QUEUED_EVENTS) {
      if (this.#events.length > MAX_QUEUED_EVENTS) return;
      this.#events.push({ wd: -1, mask: IN.Q_OVERFLOW, cookie: 0, name: '' });
    } else {
      // The same thing again, before anybody read of the first, is told once.
      if (last !== undefined && last.wd === event.wd && last.mask === event.mask && last.name === event.name) return;
      this.#events.push(event);
    }
    this.#waiting.wake(Infinity, POLL.IN | POLL.RDNORM);
  }

  read(_file: OpenFile, to: Destination): number {
    let done = 0;
    let taken = 0;
    for (const event of this.#events) {
      const bytes = pack(event);
      if (bytes.length > to.remaining) {
        if (done === 0) return -E.EINVAL;
        break;
      }
      taken += 1;
      if (to.put(bytes) < bytes.length) {
        this.#events = this.#events.slice(taken);
        return done > 0 ? done : -E.EFAULT;
      }
      done += bytes.length;
    }
    if (taken === 0) return -E.EAGAIN;
    this.#events = this.#events.slice(taken);
    return done;
  }

  write(): number {
    return -E.EBADF;
  }

  poll(): number {
    return this.#events.length > 0 ? POLL.IN | POLL.RDNORM : 0;
  }

  ioctl(_file: OpenFile, request: number, argument: number, task: Task): number {
    if (request !== IOCTL.FIONREAD) return -E.ENOTTY;
    return task.user.writeU32(argument, this.#events.reduce((sum, event) => sum + sizeOf(event), 0)) ? 0 : -E.EFAULT;
  }

  describe(): string {
    return [...this.#watches.values()].map(({ wd, inode, mask }) => `inotify wd:${wd.toString(16)} ino:${inode.ino.toString(16)} mask:${(mask >>> 0).toString(16)} ignored_mask:0\n`).join('');
  }

  release(): void {
    for (const watch of this.#watches.values()) this.#table.remove(watch);
    this.#watches.clear();
    this.#table.closeInstance();
  }
}
