import { E, FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import type { FutexWaiter, PiState } from './futex.ts';

/**
 * Takes the lock in the word for `claimant`, or says whom it has to wait for; −errno (kernel/futex/pi.c, futex_lock_pi_atomic).
 * `caller` is the running task, whose memory holds the word at `address`.
 */
export function claimLock(caller: Task, key: string, address: number, claimant: Task, markWaiters: boolean): 'taken' | PiState | number {
  const { user, kernel } = caller;
  const word = user.readU32(address);
  if (word < 0) return -E.EFAULT;
  const owner = word & FUTEX_TID_MASK;
  if (owner === claimant.tid) return -E.EDEADLK;
  const top = kernel.futexes.top(key);
  // Others wait already: the word and the kernel have to agree on the owner, unless it died.
  if (top !== null) return top.pi !== null && (owner === top.pi.owner.tid || (owner === 0 && (word & FUTEX_OWNER_DIED) !== 0)) ? top.pi : -E.EINVAL;
  if (owner === 0) {
    const taken = (word & FUTEX_OWNER_DIED) | claimant.tid | (markWaiters ? FUTEX_WAITERS : 0);
    return user.writeU32(address, taken >>> 0) ? 'taken' : -E.EFAULT;
  }
  if (!user.writeU32(address, (word | FUTEX_WAITERS) >>> 0)) return -E.EFAULT;
  const holder = kernel.tasks.get(owner);
  return holder === undefined || holder.state === 'dead' ? -E.ESRCH : { key, owner: holder, waiters: new Set() };
}

/** True if the owner of the lock waits, over any number of locks, for one that `claimant` owns (rt_mutex_adjust_prio_chain). */
export function closesCircle(state: PiState, claimant: Task): boolean {
  const { futexes } = claimant.kernel;
  for (let at: PiState | null = state; at !== null; at = futexes.blockedOn(at.owner)) if (at.owner === claimant) return true;
  return false;
}

/** The owner unlocks: the first waiter becomes the owner, with its number in the word (futex_unlock_pi). */
export function passLock(task: Task, key: string, address: number): number {
  const { user, kernel } = task;
  const top = kernel.futexes.top(key);
  if (top === null) return user.writeU32(address, 0) ? 0 : -E.EFAULT;
  if (top.pi?.owner !== task) return -E.EINVAL;
  const [next] = top.pi.waiters;
  if (!user.writeU32(address, (FUTEX_WAITERS | next.task.tid) >>> 0)) return -E.EFAULT;
  passOn(top.pi, next, 0);
  return 0;
}

function passOn(state: PiState, next: FutexWaiter, result: number): void {
  const { futexes } = next.task.kernel;
  futexes.release(next, result);
  futexes.setOwner(state, next.task);
}

/** The owner ends: its locks go to their first waiters, marked so that they notice (exit_pi_state_list). */
export function bequeathLocks(task: Task): void {
  for (const state of task.kernel.futexes.owned(task)) {
    const [next] = state.waiters;
    const word = (FUTEX_WAITERS | FUTEX_OWNER_DIED | next.task.tid) >>> 0;
    passOn(state, next, next.task.user.writeU32(next.address, word) ? 0 : -E.EFAULT);
  }
}
