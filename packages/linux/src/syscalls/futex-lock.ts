import { E, FUTEX_BITSET_MATCH_ANY, FUTEX_TID_MASK, RESTART } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { futexKey } from '../sched/futex-key.ts';
import { claimLock, closesCircle, passLock } from '../sched/futex-pi.ts';
import type { FutexWaiter } from '../sched/futex.ts';
import type { SyscallResult, Wait } from '../sched/wait.ts';

/** FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_TRYLOCK_PI (kernel/futex/pi.c). Tasks have one priority: there is nothing to inherit. */
export function lockPi(task: Task, address: number, shared: boolean, deadline: number, tryOnly: boolean): SyscallResult {
  const key = futexKey(task, address, shared);
  if (typeof key === 'number') return key;
  const state = claimLock(task, key, address, task, false);
  if (state === 'taken') return 0;
  if (typeof state === 'number') return state;
  if (tryOnly) return -E.EAGAIN;
  if (closesCircle(state, task)) return -E.EDEADLK;
  const waiter = task.kernel.futexes.add(task, key, address, FUTEX_BITSET_MATCH_ANY);
  task.kernel.futexes.attach(waiter, state);
  return untilReleased(waiter, deadline, () => -RESTART.ERESTARTNOINTR);
}

export function unlockPi(task: Task, address: number, shared: boolean): number {
  const word = task.user.readU32(address);
  if (word < 0) return -E.EFAULT;
  if ((word & FUTEX_TID_MASK) !== task.tid) return -E.EPERM;
  const key = futexKey(task, address, shared);
  return typeof key === 'number' ? key : passLock(task, key, address);
}

/** FUTEX_WAIT_REQUEUE_PI: sleeps on one word until it has the lock in another (kernel/futex/requeue.c). */
export function waitRequeuePi(task: Task, address: number, shared: boolean, value: number, deadline: number, bitset: number, lockAddress: number): SyscallResult {
  if (address === lockAddress || bitset === 0) return -E.EINVAL;
  const lock = futexKey(task, lockAddress, shared);
  if (typeof lock === 'number') return lock;
  const key = futexKey(task, address, shared);
  if (typeof key === 'number') return key;
  const now = task.user.readU32(address);
  if (now < 0) return -E.EFAULT;
  if (now !== value) return -E.EAGAIN;
  if (key === lock) return -E.EINVAL;
  const waiter = task.kernel.futexes.add(task, key, address, bitset, { key: lock, address: lockAddress });
  // Once it waits for the lock the call cannot be made again.
  return untilReleased(waiter, deadline, () => (waiter.pi === null ? -RESTART.ERESTARTNOINTR : -E.EAGAIN));
}

function untilReleased(waiter: FutexWaiter, deadline: number, interrupted: () => number): Wait {
  const wait: Wait = {
    kind: 'wait', what: `the lock 0x${(waiter.lock?.address ?? waiter.address).toString(16)}`, queues: [waiter.queue], deadline,
    wake: () => (waiter.woken ? waiter.result : wait),
    timeout: () => (waiter.woken ? waiter.result : -E.ETIMEDOUT),
    interrupt: () => (waiter.woken ? waiter.result : interrupted()),
    done: () => waiter.task.kernel.futexes.remove(waiter),
  };
  return wait;
}

/** FUTEX_CMP_REQUEUE_PI: gives the lock to the first sleeper if it is free, and lets the others wait for it. */
export function requeuePi(task: Task, address: number, lockAddress: number, shared: boolean, move: number, expected: number): number {
  if (address === lockAddress) return -E.EINVAL;
  const from = futexKey(task, address, shared);
  if (typeof from === 'number') return from;
  const to = futexKey(task, lockAddress, shared);
  if (typeof to === 'number') return to;
  if (from === to) return -E.EINVAL;
  const now = task.user.readU32(address);
  if (now < 0) return -E.EFAULT;
  if (now !== expected) return -E.EAGAIN;
  return task.user.readU32(lockAddress) < 0 ? -E.EFAULT : moveWaiters(task, from, to, lockAddress, move);
}

function moveWaiters(task: Task, from: string, to: string, lockAddress: number, move: number): number {
  const { futexes } = task.kernel;
  let done = 0;
  let state: ReturnType<typeof claimLock> | null = null;
  for (const waiter of futexes.waiters(from)) {
    if (done - 1 >= move) break;
    if (waiter.lock?.key !== to || waiter.pi !== null) return -E.EINVAL;
    if (state === null) {
      state = claimLock(task, to, lockAddress, waiter.task, move > 0);
      if (state === 'taken') {
        state = { key: to, owner: waiter.task, waiters: new Set() };
        futexes.release(waiter, 0);
        done += 1;
        continue;
      }
    }
    if (typeof state !== 'object') return state as number;
    if (closesCircle(state, waiter.task)) return -E.EDEADLK;
    futexes.moveTo(waiter, to, waiter.lock.address);
    futexes.attach(waiter, state);
    done += 1;
  }
  return done;
}
