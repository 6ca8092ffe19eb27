import { E, FUTEX, FUTEX_BITSET_MATCH_ANY, RESTART } from '@tally86/abi';
import { futexKey } from '../kernel/exit-thread.ts';
import type { Task } from '../kernel/types.ts';
import type { SyscallResult, Wait } from '../sched/wait.ts';
import { readTimespec } from '../time/convert.ts';
import { absent, partial } from './define.ts';
import type { SyscallArgs, SyscallEntry, SyscallHandler } from './types.ts';

/** Sleeps while the word holds `value` (kernel/futex/waitsyscalls.c). */
function futexWait(task: Task, address: number, value: number, deadline: number, bitset: number): SyscallResult {
  const now = task.user.readU32(address);
  if (now < 0) return -E.EFAULT;
  if (now !== value) return -E.EAGAIN;
  if (deadline <= task.kernel.clock.monotonic()) return -E.ETIMEDOUT;
  const { futexes } = task.kernel;
  const waiter = futexes.add(futexKey(task, address), bitset);
  const wait: Wait = {
    kind: 'wait', what: `futex 0x${address.toString(16)}`, queues: [waiter.queue], deadline,
    wake: () => (waiter.woken ? 0 : wait),
    timeout: () => (waiter.woken ? 0 : -E.ETIMEDOUT),
    interrupt() {
      if (waiter.woken) return 0;
      if (deadline === Infinity) return -RESTART.ERESTARTSYS;
      task.restart = () => futexWait(task, address, value, deadline, bitset);
      return -RESTART.ERESTART_RESTARTBLOCK;
    },
    done: () => futexes.remove(waiter),
  };
  return wait;
}

/** The time-out in monotonic nanoseconds; −errno as a negative number below any time. */
function readDeadline(task: Task, args: SyscallArgs, op: number, flags: number): number | null {
  if (args.isNull(3)) return Infinity;
  const time = readTimespec(task.user, args.ptr(3));
  if (time === null) return null;
  if (time < 0) return NaN;
  const { clock } = task.kernel;
  if (op === FUTEX.WAIT) return clock.monotonic() + time;
  if ((flags & FUTEX.CLOCK_REALTIME) === 0) return time;
  const view = task.user.view(args.ptr(3), 16)!;
  const wanted = view.getBigInt64(0, true) * 1_000_000_000n + view.getBigInt64(8, true);
  return clock.monotonic() + Number(wanted - clock.realtime());
}

/** FUTEX_WAKE_OP: the operation on the second word; null at a fault, NaN for an unknown one. */
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

const futex: SyscallHandler = (task, args) => {
  const flags = args.i32(1);
  const op = flags & FUTEX.CMD_MASK;
  const address = args.ptr(0);
  const value = args.u32(2);
  const { futexes } = task.kernel;
  if ((flags & FUTEX.CLOCK_REALTIME) !== 0 && op !== FUTEX.WAIT_BITSET && op !== FUTEX.WAIT_REQUEUE_PI && op !== FUTEX.LOCK_PI2) return -E.ENOSYS;
  if (op === FUTEX.WAIT || op === FUTEX.WAIT_BITSET) {
    const deadline = readDeadline(task, args, op, flags);
    if (deadline === null) return -E.EFAULT;
    if (Number.isNaN(deadline)) return -E.EINVAL;
    const bitset = op === FUTEX.WAIT ? FUTEX_BITSET_MATCH_ANY : args.u32(5);
    if (bitset === 0) return -E.EINVAL;
    const bad = checkAddress(task, address, flags);
    return bad < 0 ? bad : futexWait(task, address, value, deadline, bitset);
  }
  const bad = checkAddress(task, address, flags);
  switch (op) {
    case FUTEX.WAKE:
    case FUTEX.WAKE_BITSET: {
      const bitset = op === FUTEX.WAKE ? FUTEX_BITSET_MATCH_ANY : args.u32(5);
      if (bitset === 0) return -E.EINVAL;
      return bad < 0 ? bad : futexes.wake(futexKey(task, address), Math.max(args.i32(2), 1), bitset);
    }
    case FUTEX.REQUEUE:
    case FUTEX.CMP_REQUEUE: {
      if (args.i32(2) < 0 || args.i32(3) < 0) return -E.EINVAL;
      const both = bad < 0 ? bad : checkAddress(task, args.ptr(4), flags);
      if (both < 0) return both;
      if (op === FUTEX.CMP_REQUEUE) {
        const now = task.user.readU32(address);
        if (now < 0) return -E.EFAULT;
        if (now !== args.u32(5)) return -E.EAGAIN;
      }
      const woken = futexes.wake(futexKey(task, address), args.i32(2), FUTEX_BITSET_MATCH_ANY);
      const moved = futexes.requeue(futexKey(task, address), futexKey(task, args.ptr(4)), args.i32(3));
      return op === FUTEX.REQUEUE ? woken : woken + moved;
    }
    case FUTEX.WAKE_OP: {
      const both = bad < 0 ? bad : checkAddress(task, args.ptr(4), flags);
      if (both < 0) return both;
      const hit = wakeOperation(task, args.ptr(4), args.u32(5));
      if (hit === null) return -E.EFAULT;
      if (hit === undefined) return -E.ENOSYS;
      const woken = futexes.wake(futexKey(task, address), Math.max(args.i32(2), 1), FUTEX_BITSET_MATCH_ANY);
      return hit ? woken + futexes.wake(futexKey(task, args.ptr(4)), Math.max(args.i32(3), 1), FUTEX_BITSET_MATCH_ANY) : woken;
    }
    default:
      task.kernel.note(`futex operation ${op} is not supported: ENOSYS`);
      return -E.ENOSYS;
  }
};

/** get_futex_key: a futex that other processes may share is known by its page, which must be there. */
function checkAddress(task: Task, address: number, flags: number): number {
  if (address >= 0 && address % 4 !== 0) return -E.EINVAL;
  const found = (flags & FUTEX.PRIVATE_FLAG) !== 0 ? task.user.inUserSpace(address, 4) : task.user.readU8(address) >= 0;
  return found ? 0 : -E.EFAULT;
}

/** kernel/futex. */
export const futexSyscalls: readonly SyscallEntry[] = [
  partial('futex', 'ptr int uint timespec ptr hex', 'no priority inheritance yet', futex),
  absent('futex_waitv', 'comes with a later release'),
  absent('futex_wake', 'newer than Linux 6.1'),
  absent('futex_wait', 'newer than Linux 6.1'),
  absent('futex_requeue', 'newer than Linux 6.1'),
];
