import { FUTEX_BITSET_MATCH_ANY, FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { futexKey } from './futex-key.ts';

/** ROBUST_LIST_LIMIT: the list may be a circle. */
const LIMIT = 2048;
/** struct robust_list_head: the list, the offset of the word, the lock that is being taken. */
const HEAD = { next: 0, offset: 8, pending: 16 } as const;

interface Entry {
  readonly address: number;
  /** Bit 0 of the pointer: the lock has priority inheritance. */
  readonly pi: boolean;
}

function readEntry(task: Task, at: number): Entry | null {
  const value = task.user.readPtr(at);
  if (value === null) return null;
  return value < 0 ? { address: -1, pi: false } : { address: value - (value & 1), pi: (value & 1) !== 0 };
}

/** The locks that a thread holds as it ends are marked, and a waiter of each is woken (kernel/futex/core.c, exit_robust_list). */
export function releaseRobustLocks(task: Task): void {
  const head = task.robustList;
  task.robustList = 0;
  if (head === 0) return;
  const first = readEntry(task, head + HEAD.next);
  const offset = task.user.view(head + HEAD.offset, 8);
  const pending = readEntry(task, head + HEAD.pending);
  if (first === null || offset === null || pending === null) return;
  const distance = Number(offset.getBigInt64(0, true));
  let entry: Entry = first;
  for (let count = 0; entry.address !== head && count < LIMIT; count += 1) {
    // Before the word is released: then another thread may free the entry.
    const next = readEntry(task, entry.address);
    if (entry.address !== pending.address && !markDead(task, entry.address + distance, entry.pi, false)) return;
    if (next === null) return;
    entry = next;
  }
  if (pending.address !== 0) markDead(task, pending.address + distance, pending.pi, true);
}

/** handle_futex_death; false: the walk ends. */
function markDead(task: Task, address: number, pi: boolean, pending: boolean): boolean {
  if (address % 4 !== 0) return false;
  const word = task.user.readU32(address);
  if (word < 0) return false;
  if (pending && !pi && word === 0) {
    wakeOne(task, address);
    return true;
  }
  if ((word & FUTEX_TID_MASK) !== task.tid) return true;
  if (!task.user.writeU32(address, ((word & FUTEX_WAITERS) | FUTEX_OWNER_DIED) >>> 0)) return false;
  // Waiters with priority inheritance are woken when the locks are passed on.
  if (!pi && (word & FUTEX_WAITERS) !== 0) wakeOne(task, address);
  return true;
}

/** FUTEX_WAKE of one, as the kernel does it by itself: shared. */
export function wakeOne(task: Task, address: number): void {
  const key = futexKey(task, address, true);
  if (typeof key === 'string') task.kernel.futexes.wake(key, 1, FUTEX_BITSET_MATCH_ANY);
}
