import { E, FUTEX, FUTEX_BITSET_MATCH_ANY } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { futexKey } from '../sched/futex-key.ts';
import { absent, full } from './define.ts';
import { lockPi, requeuePi, unlockPi, waitRequeuePi } from './futex-lock.ts';
import { futexWait, futexWaitv, readDeadline } from './futex-wait.ts';
import type { SyscallArgs, SyscallEntry, SyscallHandler } from './types.ts';

/** FUTEX_WAKE_OP: the operation on the second word; null at a fault, undefined for an unknown one. */
function wakeOperation(task: Task, address: number, encoded: number): boolean | null | undefined {
  const operation = (encoded >>> 28) & 7;
  const comparison = (encoded >>> 24) & 15;
  const rawArgument = (encoded << 8) >> 20;
  const operand = encoded >>> 31 !== 0 ? 1 << (rawArgument & 31) : rawArgument;
  const against = (encoded << 20) >> 20;
  const old = task.user.readI32(address);
  if (old === null) return null;
  const results = [operand, old + operand, old | operand, old & ~operand, old ^ operand];
  if (operation >= results.length) return undefined;
  if (!task.user.writeU32(address, results[operation])) return null;
  return [old === against, old !== against, old < against, old <= against, old > against, old >= against][comparison];
}

/** Keys of the two words of a call, or −errno. */
function bothKeys(task: Task, args: SyscallArgs, shared: boolean): readonly [string, string] | number {
  const first = futexKey(task, args.ptr(0), shared);
  if (typeof first === 'number') return first;
  const second = futexKey(task, args.ptr(4), shared);
  return typeof second === 'number' ? second : [first, second];
}

function wake(task: Task, args: SyscallArgs, shared: boolean, bitset: number): number {
  if (bitset === 0) return -E.EINVAL;
  const key = futexKey(task, args.ptr(0), shared);
  return typeof key === 'number' ? key : task.kernel.futexes.wake(key, Math.max(args.i32(2), 1), bitset);
}

function requeue(task: Task, args: SyscallArgs, shared: boolean, compare: boolean): number {
  if (args.i32(2) < 0 || args.i32(3) < 0) return -E.EINVAL;
  const keys = bothKeys(task, args, shared);
  if (typeof keys === 'number') return keys;
  if (compare) {
    const now = task.user.readU32(args.ptr(0));
    if (now < 0) return -E.EFAULT;
    if (now !== args.u32(5)) return -E.EAGAIN;
  }
  return task.kernel.futexes.requeue(...keys, args.ptr(4), args.i32(2), args.i32(3));
}

function wakeOp(task: Task, args: SyscallArgs, shared: boolean): number {
  const keys = bothKeys(task, args, shared);
  if (typeof keys === 'number') return keys;
  const hit = wakeOperation(task, args.ptr(4), args.u32(5));
  if (hit === null) return -E.EFAULT;
  if (hit === undefined) return -E.ENOSYS;
  const { futexes } = task.kernel;
  const woken = futexes.wake(keys[0], Math.max(args.i32(2), 1), FUTEX_BITSET_MATCH_ANY);
  if (!hit || woken < 0) return woken;
  const more = futexes.wake(keys[1], Math.max(args.i32(3), 1), FUTEX_BITSET_MATCH_ANY);
  return more < 0 ? more : woken + more;
}

/** Operations with a time-out, and what it is without FUTEX_CLOCK_REALTIME. */
const TIMED: Readonly<Record<number, 'relative' | 'monotonic' | 'realtime'>> = {
  [FUTEX.WAIT]: 'relative', [FUTEX.WAIT_BITSET]: 'monotonic', [FUTEX.LOCK_PI]: 'realtime', [FUTEX.LOCK_PI2]: 'monotonic', [FUTEX.WAIT_REQUEUE_PI]: 'monotonic',
};
const WITH_REALTIME: ReadonlySet<number> = new Set([FUTEX.WAIT_BITSET, FUTEX.WAIT_REQUEUE_PI, FUTEX.LOCK_PI2]);

const futex: SyscallHandler = (task, args) => {
  const flags = args.i32(1);
  const op = flags & FUTEX.CMD_MASK;
  const shared = (flags & FUTEX.PRIVATE_FLAG) === 0;
  const realtime = (flags & FUTEX.CLOCK_REALTIME) !== 0;
  let deadline: number | null = Infinity;
  if (TIMED[op] !== undefined && !args.isNull(3)) {
    deadline = readDeadline(task, args.ptr(3), realtime && op !== FUTEX.WAIT ? 'realtime' : TIMED[op]);
    if (deadline === null) return -E.EFAULT;
    if (Number.isNaN(deadline)) return -E.EINVAL;
  }
  if (realtime && !WITH_REALTIME.has(op)) return -E.ENOSYS;
  const address = args.ptr(0);
  switch (op) {
    case FUTEX.WAIT:
      return futexWait(task, address, shared, args.u32(2), deadline, FUTEX_BITSET_MATCH_ANY);
    case FUTEX.WAIT_BITSET:
      return futexWait(task, address, shared, args.u32(2), deadline, args.u32(5));
    case FUTEX.WAKE:
      return wake(task, args, shared, FUTEX_BITSET_MATCH_ANY);
    case FUTEX.WAKE_BITSET:
      return wake(task, args, shared, args.u32(5));
    case FUTEX.REQUEUE:
    case FUTEX.CMP_REQUEUE:
      return requeue(task, args, shared, op === FUTEX.CMP_REQUEUE);
    case FUTEX.WAKE_OP:
      return wakeOp(task, args, shared);
    case FUTEX.LOCK_PI:
    case FUTEX.LOCK_PI2:
    case FUTEX.TRYLOCK_PI:
      return lockPi(task, address, shared, deadline, op === FUTEX.TRYLOCK_PI);
    case FUTEX.UNLOCK_PI:
      return unlockPi(task, address, shared);
    case FUTEX.WAIT_REQUEUE_PI:
      return waitRequeuePi(task, address, shared, args.u32(2), deadline, FUTEX_BITSET_MATCH_ANY, args.ptr(4));
    case FUTEX.CMP_REQUEUE_PI:
      if (args.i32(3) < 0 || args.i32(2) !== 1) return -E.EINVAL;
      return requeuePi(task, address, args.ptr(4), shared, args.i32(3), args.u32(5));
    default:
      task.kernel.note(`futex operation ${op} is not known: ENOSYS`);
      return -E.ENOSYS;
  }
};

/** kernel/futex. */
export const futexSyscalls: readonly SyscallEntry[] = [
  full('futex', 'ptr int uint timespec ptr hex', futex),
  full('futex_waitv', 'ptr uint uint timespec clock', futexWaitv),
  absent('futex_wake', 'newer than Linux 6.1'),
  absent('futex_wait', 'newer than Linux 6.1'),
  absent('futex_requeue', 'newer than Linux 6.1'),
];
