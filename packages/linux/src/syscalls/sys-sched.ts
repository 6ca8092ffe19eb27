import { E, MEMBARRIER, SCHED } from '@tally86/abi';
import { isRealTime } from '../kernel/scheduling.ts';
import { writeTimespec } from '../time/convert.ts';
import { absent, fixed, full } from './define.ts';
import { findThread } from './threads-find.ts';
import type { SyscallEntry, SyscallHandler } from './types.ts';

/** One processor, number 0. */
const CPUS = 1n;
/** cpumask_size(): a long. */
const MASK_BYTES = 8;
const ROBUST_HEAD_SIZE = 24;
const RR_INTERVAL_NS = 100_000_000;

const getaffinity: SyscallHandler = (task, args) => {
  const length = args.u32(1);
  if (length * 8 < 1 || length % 8 !== 0) return -E.EINVAL;
  if (findThread(task, args.i32(0)) === null) return -E.ESRCH;
  return task.user.writeU64(args.ptr(2), CPUS) ? MASK_BYTES : -E.EFAULT;
};

const setaffinity: SyscallHandler = (task, args) => {
  const bytes = new Uint8Array(Math.min(args.u32(1), MASK_BYTES));
  if (!task.user.read(args.ptr(2), bytes)) return -E.EFAULT;
  if (findThread(task, args.i32(0)) === null) return -E.ESRCH;
  return bytes.length > 0 && (bytes[0] & 1) !== 0 ? 0 : -E.EINVAL;
};

const isPolicy = (policy: number): boolean => [SCHED.OTHER, SCHED.BATCH, SCHED.IDLE].includes(policy as 0);

const priorityBound = (realTime: number): SyscallHandler => (_, args) => {
  const policy = args.i32(0);
  if (isRealTime(policy)) return realTime;
  return isPolicy(policy) || policy === SCHED.DEADLINE ? 0 : -E.EINVAL;
};

/** A private barrier needs to be asked for first: one processor orders everything by itself. */
const membarrier: SyscallHandler = ({ process }, args) => {
  const known = MEMBARRIER.GLOBAL | MEMBARRIER.GLOBAL_EXPEDITED | MEMBARRIER.REGISTER_GLOBAL_EXPEDITED | MEMBARRIER.PRIVATE_EXPEDITED | MEMBARRIER.REGISTER_PRIVATE_EXPEDITED;
  const command = args.i32(0);
  if (args.u32(1) !== 0) return -E.EINVAL;
  if (command === MEMBARRIER.QUERY) return known;
  if (command < 0 || (command & (command - 1)) !== 0 || (command & known) === 0) return -E.EINVAL;
  if (command === MEMBARRIER.REGISTER_PRIVATE_EXPEDITED) process.mm.expeditedBarriers = true;
  return command === MEMBARRIER.PRIVATE_EXPEDITED && !process.mm.expeditedBarriers ? -E.EPERM : 0;
};

/** kernel/sched, and the calls that libc makes for threads. */
export const schedSyscalls: readonly SyscallEntry[] = [
  full('sched_yield', '', (task) => {
    task.kernel.scheduler.rotate(task);
    return 0;
  }),
  fixed('sched_getaffinity', 'pid uint ptr', 'one processor', getaffinity),
  fixed('sched_setaffinity', 'pid uint ptr', 'one processor', setaffinity),
  full('sched_get_priority_max', 'int', priorityBound(99)),
  full('sched_get_priority_min', 'int', priorityBound(1)),
  fixed('sched_rr_get_interval', 'pid ptr', 'the default slice', (task, args) => {
    if (args.i32(0) < 0) return -E.EINVAL;
    const target = findThread(task, args.i32(0));
    if (target === null) return -E.ESRCH;
    return writeTimespec(task.user, args.ptr(1), target.scheduling.policy === SCHED.FIFO ? 0 : RR_INTERVAL_NS) ? 0 : -E.EFAULT;
  }),
  fixed('getcpu', 'ptr ptr', 'processor 0, node 0', ({ user }, args) => {
    if (!args.isNull(0) && !user.writeU32(args.ptr(0), 0)) return -E.EFAULT;
    return args.isNull(1) || user.writeU32(args.ptr(1), 0) ? 0 : -E.EFAULT;
  }),
  full('membarrier', 'int uint int', membarrier),
  full('set_robust_list', 'ptr size', (task, args) => {
    if (args.size(1) !== ROBUST_HEAD_SIZE) return -E.EINVAL;
    task.robustList = Math.max(args.ptr(0), 0);
    return 0;
  }),
  full('get_robust_list', 'pid ptr ptr', (task, args) => {
    const target = findThread(task, args.i32(0));
    if (target === null) return -E.ESRCH;
    return task.user.writeU64(args.ptr(2), ROBUST_HEAD_SIZE) && task.user.writeU64(args.ptr(1), target.robustList) ? 0 : -E.EFAULT;
  }),
  absent('rseq', 'libc goes on without'),
  absent('ioprio_get', 'not configured'),
  absent('ioprio_set', 'not configured'),
];
