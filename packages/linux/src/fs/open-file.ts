import { E, O, POLL, S } from '@tally86/abi';
import type { Dentry } from '@tally86/core';
import type { Task } from '../kernel/types.ts';
import type { Wait, WaitQueue } from '../sched/wait.ts';
import { type FileOwner, NO_OWNER } from './async-notice.ts';

/** Where the bytes of a read go. Takes what fits the guest's buffers; a page that faults ends it. */
export interface Destination {
  /** Bytes still wanted. */
  readonly remaining: number;
  /** Bytes taken so far. */
  readonly done: number;
  /** A page of the guest was not writable. */
  readonly faulted: boolean;
  /** Bytes taken: fewer than given at a fault or when no more are wanted. */
  put(bytes: Uint8Array): number;
  /** As put() of so many zeros. */
  putZeros(count: number): number;
}

/** Where the bytes of a write come from. */
export interface Source {
  readonly remaining: number;
  readonly done: number;
  readonly faulted: boolean;
  /** The next bytes, at most `limit`, valid until the next call; empty at a fault or the end. */
  take(limit: number): Uint8Array;
  /** The last `count` bytes taken were not used after all. */
  giveBack(count: number): void;
}

/** What a kind of file does. Every call answers at once: −EAGAIN means that it would sleep until one of the queues is woken. */
export interface FileOperations {
  /** Bytes read (0: the end), −errno. `offset` is −1 for files without positions. */
  read(file: OpenFile, to: Destination, offset: number, task: Task): number;
  /** Bytes written, −errno. Fewer than given means: no room for more now. */
  write(file: OpenFile, from: Source, offset: number, task: Task): number;
  /** POLL bits that are true now. */
  poll(file: OpenFile): number;
  /** Woken when poll() may have changed. */
  readonly queues: readonly WaitQueue[];
  /** Settles when the host may have changed poll(). */
  readonly hostWait?: (() => Promise<unknown>) | undefined;
  /** POLL bits of which that promise tells; absent: of any. Who waits for others only would find it settled again and again. */
  readonly hostEvents?: number;
  /** How a read sleeps that answered −EAGAIN. Absent: until a queue is woken. */
  readWait?(task: Task, to: Destination, attempt: () => number): Wait;
  /** Nanoseconds that a sleeping read or write has; absent: as long as it takes. */
  patience?(writing: boolean): number;
  /** Answers −EPIPE and sends SIGPIPE itself, where one belongs to it. */
  readonly raisesPipe?: boolean;
  /** Reads and writes have an offset. */
  readonly seekable: boolean;
  /** lseek(2): where the position would go; the caller moves it. Absent: −ESPIPE. */
  seek?(file: OpenFile, offset: number, whence: number): number;
  /** −ENOTTY for what it does not know. */
  ioctl?(file: OpenFile, request: number, argument: number, task: Task): number;
  /** False: nothing to wait for, and epoll(7) refuses it. Default true. */
  readonly pollable?: boolean;
  /** Events go to the owner of a file with O_ASYNC, too. */
  readonly asynchronous?: boolean;
  /** mmap(2) gives memory that no file is behind. */
  readonly mapsAnonymous?: boolean;
  /** Lines of /proc/PID/fdinfo beside the common ones. */
  describe?(): string;
  /** The last descriptor is gone. */
  release?(file: OpenFile): void;
}

/** The host may make one of these POLL bits true, or an error that nobody has to ask for. */
export function hostTells({ operations, readable }: OpenFile, events: number): boolean {
  return readable && operations.hostWait !== undefined && ((events | POLL.ERR | POLL.HUP) & (operations.hostEvents ?? -1)) !== 0;
}

/** Something that goes with an open file: it is told when the last descriptor is gone. */
export interface FileObserver {
  released(): void;
}

/** Open file descriptions of the whole machine (nr_files of fs/file_table.c). */
export interface OpenFileCount {
  count: number;
}

/** An open file description (struct file): what descriptors that were dup'ed share. */
export class OpenFile {
  readonly dentry: Dentry;
  readonly operations: FileOperations;
  /** Access mode and status flags as F_GETFL shows them. */
  flags: number;
  position = 0;
  /** Descriptors that refer to it. */
  references = 0;
  /** F_SETOWN, F_SETSIG. */
  owner: FileOwner = NO_OWNER;
  signal = 0;
  /** Whoever watches it without holding it open; null: nobody yet. */
  observers: Set<FileObserver> | null = null;
  /** Where it counts; null: no descriptor had it yet. */
  counted: OpenFileCount | null = null;

  constructor(dentry: Dentry, operations: FileOperations, flags: number) {
    this.dentry = dentry;
    this.operations = operations;
    this.flags = flags;
  }

  get readable(): boolean {
    return (this.flags & O.PATH) === 0 && ((this.flags & O.ACCMODE) === O.RDONLY || (this.flags & O.ACCMODE) === O.RDWR);
  }
  get writable(): boolean {
    return (this.flags & O.PATH) === 0 && ((this.flags & O.ACCMODE) === O.WRONLY || (this.flags & O.ACCMODE) === O.RDWR);
  }
  get nonBlocking(): boolean {
    return (this.flags & O.NONBLOCK) !== 0;
  }
  /** inotify(7) hears of what is done to it. */
  get tellsEvents(): boolean {
    return (this.flags & O.PATH) === 0;
  }
  get isDirectory(): boolean {
    return this.dentry.inode.type === S.IFDIR;
  }

  release(): void {
    if (this.counted !== null) this.counted.count -= 1;
    this.counted = null;
    for (const observer of [...(this.observers ?? [])]) observer.released();
    this.operations.release?.(this);
  }
}

/** Files that never sleep. */
export const ALWAYS_READY = POLL.IN | POLL.OUT | POLL.RDNORM | POLL.WRNORM;
export const NO_QUEUES: readonly WaitQueue[] = [];

/** Operations of a descriptor opened with O_PATH, and the start of all others: nothing can be done. */
export const NO_OPERATIONS: FileOperations = {
  read: () => -E.EBADF,
  write: () => -E.EBADF,
  poll: () => POLL.NVAL,
  queues: NO_QUEUES,
  seekable: false,
};
