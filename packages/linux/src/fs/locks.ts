import { E, F_RDLCK, F_UNLCK, F_WRLCK, LOCK } from '@tally86/abi';
import type { Inode } from '@tally86/core';
import { createWaitQueue, type WaitQueue } from '../sched/wait.ts';
import type { OpenFile } from './open-file.ts';

/** [start, end) in bytes; end may be Infinity. */
export interface RangeLock {
  readonly type: number;
  readonly start: number;
  readonly end: number;
  /** The descriptor table of a process (POSIX locks) or an open file description (OFD locks). */
  readonly owner: object;
  readonly pid: number;
}

interface InodeLocks {
  ranges: RangeLock[];
  /** flock(2): by open file description. */
  whole: Map<OpenFile, number>;
  readonly queue: WaitQueue;
}

/** Locks on one file at most: what a hostile guest can make the host keep. */
const MAX_RANGES = 100_000;

/** Owners that are followed to find a circle of sleepers (MAX_DEADLK_ITERATIONS). */
const MAX_OWNERS = 10;

/** A POSIX lock that somebody sleeps for. */
export interface AwaitedLock {
  readonly inode: Inode;
  readonly lock: RangeLock;
}

/** Advisory locks (fs/locks.c). */
export class LockTable {
  readonly #awaited = new Set<AwaitedLock>();
  readonly #locks = new WeakMap<Inode, InodeLocks>();

  queue(inode: Inode): WaitQueue {
    return this.#of(inode).queue;
  }

  /** flock(2): 0, −EAGAIN if somebody else holds it, −EINVAL. */
  flock(file: OpenFile, operation: number): number {
    const locks = this.#of(file.dentry.inode);
    if (operation === LOCK.UN) {
      if (locks.whole.delete(file)) locks.queue.wake();
      return 0;
    }
    if (operation !== LOCK.SH && operation !== LOCK.EX) return -E.EINVAL;
    // Converting a lock drops the old one first, as the kernel does.
    if (locks.whole.get(file) !== operation && locks.whole.delete(file)) locks.queue.wake();
    for (const [other, held] of locks.whole) if (other !== file && (held === LOCK.EX || operation === LOCK.EX)) return -E.EAGAIN;
    locks.whole.set(file, operation);
    return 0;
  }

  /** The first lock that stands against this one (F_GETLK). */
  conflict(inode: Inode, lock: RangeLock): RangeLock | undefined {
    return this.#locks.get(inode)?.ranges.find((held) => held.owner !== lock.owner && held.start < lock.end && lock.start < held.end
      && (held.type === F_WRLCK || lock.type === F_WRLCK));
  }

  /** F_SETLK: 0, −EAGAIN, −ENOLCK. */
  set(inode: Inode, lock: RangeLock): number {
    const locks = this.#of(inode);
    if (lock.type !== F_UNLCK && this.conflict(inode, lock) !== undefined) return -E.EAGAIN;
    if (locks.ranges.length >= MAX_RANGES && lock.type !== F_UNLCK) return -E.ENOLCK;
    const next: RangeLock[] = [];
    let { start, end } = lock;
    for (const held of locks.ranges) {
      if (held.owner !== lock.owner || held.end < lock.start || held.start > lock.end) next.push(held);
      else if (held.type === lock.type) {
        start = Math.min(start, held.start);
        end = Math.max(end, held.end);
      } else {
        if (held.start < lock.start) next.push({ ...held, end: Math.min(held.end, lock.start) });
        if (held.end > lock.end) next.push({ ...held, start: Math.max(held.start, lock.end) });
      }
    }
    if (lock.type !== F_UNLCK) next.push({ ...lock, start, end });
    locks.ranges = next.sort((a, b) => a.start - b.start);
    locks.queue.wake();
    return 0;
  }

  await(awaited: AwaitedLock): void {
    this.#awaited.add(awaited);
  }
  awaitNoMore(awaited: AwaitedLock): void {
    this.#awaited.delete(awaited);
  }

  /** Would its owner wait for itself (posix_locks_deadlock)? */
  isCircle(inode: Inode, lock: RangeLock): boolean {
    let holder = this.conflict(inode, lock)?.owner;
    for (let steps = 0; holder !== undefined && steps < MAX_OWNERS; steps += 1) {
      if (holder === lock.owner) return true;
      const next = [...this.#awaited].find((awaited) => awaited.lock.owner === holder);
      holder = next && this.conflict(next.inode, next.lock)?.owner;
    }
    return false;
  }

  /** A descriptor of `owner` was closed: all its POSIX locks on the file go; with the last one those of the description. */
  closed(owner: object, file: OpenFile): void {
    const locks = this.#locks.get(file.dentry.inode);
    if (locks === undefined) return;
    const last = file.references <= 1;
    locks.ranges = locks.ranges.filter((held) => held.owner !== owner && !(last && held.owner === file));
    if (last) locks.whole.delete(file);
    locks.queue.wake();
  }

  #of(inode: Inode): InodeLocks {
    let locks = this.#locks.get(inode);
    if (locks === undefined) this.#locks.set(inode, (locks = { ranges: [], whole: new Map(), queue: createWaitQueue() }));
    return locks;
  }
}

export const isLockType = (type: number): boolean => type === F_RDLCK || type === F_WRLCK || type === F_UNLCK;
