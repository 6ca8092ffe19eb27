import { CLOCK, E, FUTEX, FUTEX_BITSET_MATCH_ANY, RESTART } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { futexKey } from '../sched/futex-key.ts';
import type { FutexWaiter } from '../sched/futex.ts';
import type { SyscallResult, Wait } from '../sched/wait.ts';
import { readTimespec } from '../time/convert.ts';
import type { SyscallHandler } from './types.ts';

/** The time-out of a futex call as a deadline in monotonic nanoseconds; null: −EFAULT, NaN: −EINVAL. */
export function readDeadline(task: Task, address: number, kind: 'relative' | 'monotonic' | 'realtime'): number | null {
  const time = readTimespec(task.user, address);
  if (time === null) return null;
  if (time < 0) return NaN;
  const { clock } = task.kernel;
  if (kind === 'monotonic') return time;
  if (kind === 'relative') return clock.monotonic() + time;
  const view = task.user.view(address, 16)!;
  const wanted = view.getBigInt64(0, true) * 1_000_000_000n + view.getBigInt64(8, true);
  return clock.monotonic() + Number(wanted - clock.realtime());
}

/** Sleeps while the word holds `value` (kernel/futex/waitwake.c). */
export function futexWait(task: Task, address: number, shared: boolean, value: number, deadline: number, bitset: number): SyscallResult {
  if (bitset === 0) return -E.EINVAL;
  const key = futexKey(task, address, shared);
  if (typeof key === 'number') return key;
  const now = task.user.readU32(address);
  if (now < 0) return -E.EFAULT;
  if (now !== value) return -E.EAGAIN;
  if (deadline <= task.kernel.clock.monotonic()) return -E.ETIMEDOUT;
  const { futexes } = task.kernel;
  const waiter = futexes.add(task, key, address, bitset);
  const wait: Wait = {
    kind: 'wait', what: `futex 0x${address.toString(16)}`, queues: [waiter.queue], deadline,
    wake: () => (waiter.woken ? waiter.result : wait),
    timeout: () => (waiter.woken ? waiter.result : -E.ETIMEDOUT),
    interrupt() {
      if (waiter.woken) return waiter.result;
      if (deadline === Infinity) return -RESTART.ERESTARTSYS;
      task.restart = () => futexWait(task, address, shared, value, deadline, bitset);
      return -RESTART.ERESTART_RESTARTBLOCK;
    },
    done: () => futexes.remove(waiter),
  };
  return wait;
}

/** struct futex_waitv: value, address, flags and a word that is 0. */
const WAITV = { val: 0, uaddr: 8, flags: 16, reserved: 20, size: 24 } as const;
const WAITV_MAX = 128;
/** FUTEX_32: the only size there is. */
const FUTEX_32 = 2;

interface Wanted {
  readonly address: number;
  readonly value: number;
  readonly key: string;
}

/** The words to wait for, all checked before any is looked at (futex_parse_waitv, futex_wait_multiple_setup). */
function readWaitv(task: Task, list: number, count: number): Wanted[] | number {
  const raw: { address: number; value: number; shared: boolean }[] = [];
  for (let at = list; at < list + count * WAITV.size; at += WAITV.size) {
    const view = task.user.view(at, WAITV.size);
    const address = task.user.readPtr(at + WAITV.uaddr);
    if (view === null || address === null) return -E.EFAULT;
    const flags = view.getUint32(WAITV.flags, true);
    if ((flags & ~(FUTEX_32 | FUTEX.PRIVATE_FLAG)) !== 0 || view.getUint32(WAITV.reserved, true) !== 0 || (flags & FUTEX_32) === 0) return -E.EINVAL;
    raw.push({ address, value: view.getUint32(WAITV.val, true), shared: (flags & FUTEX.PRIVATE_FLAG) === 0 });
  }
  const wanted: Wanted[] = [];
  for (const { address, value, shared } of raw) {
    const key = futexKey(task, address, shared);
    if (typeof key === 'number') return key;
    wanted.push({ address, value, key });
  }
  return wanted;
}

/** futex_waitv(2): sleeps on many words; the index of one that was woken. */
export const futexWaitv: SyscallHandler = (task, args) => {
  if (args.u32(2) !== 0) return -E.EINVAL;
  const count = args.u32(1);
  if (count === 0 || count > WAITV_MAX || args.isNull(0)) return -E.EINVAL;
  let deadline: number | null = Infinity;
  if (!args.isNull(3)) {
    const clock = args.i32(4);
    if (clock !== CLOCK.MONOTONIC && clock !== CLOCK.REALTIME) return -E.EINVAL;
    deadline = readDeadline(task, args.ptr(3), clock === CLOCK.REALTIME ? 'realtime' : 'monotonic');
    if (deadline === null) return -E.EFAULT;
    if (Number.isNaN(deadline)) return -E.EINVAL;
  }
  const wanted = args.ptr(0) < 0 ? -E.EFAULT : readWaitv(task, args.ptr(0), count);
  if (typeof wanted === 'number') return wanted;
  for (const { address, value } of wanted) {
    const now = task.user.readU32(address);
    if (now !== value) return now < 0 ? -E.EFAULT : -E.EAGAIN;
  }
  const { futexes } = task.kernel;
  const waiters: FutexWaiter[] = wanted.map(({ key, address }) => futexes.add(task, key, address, FUTEX_BITSET_MATCH_ANY));
  const woken = (): number => waiters.findIndex((waiter) => waiter.woken);
  const wait: Wait = {
    kind: 'wait', what: `${count} futexes`, queues: waiters.map(({ queue }) => queue), deadline,
    wake: () => (woken() < 0 ? wait : woken()),
    timeout: () => (woken() < 0 ? -E.ETIMEDOUT : woken()),
    interrupt: () => (woken() < 0 ? -RESTART.ERESTARTSYS : woken()),
    done: () => waiters.forEach(futexes.remove),
  };
  return wait;
};
