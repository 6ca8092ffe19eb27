import { E, packStruct, PRIO, RLIMIT, SCHED, SCHED_ATTR } from '@tally86/abi';
import { PAGE_SIZE } from '@tally86/core';
import { softLimit } from '../kernel/limits.ts';
import { isRealTime, type Scheduling } from '../kernel/scheduling.ts';
import type { Task } from '../kernel/types.ts';
import { full, partial } from './define.ts';
import { findThread } from './threads-find.ts';
import type { SyscallArgs, SyscallEntry, SyscallHandler } from './types.ts';

const MAX_PRIORITY = 99;
const FAIR: ReadonlySet<number> = new Set([SCHED.OTHER, SCHED.BATCH, SCHED.IDLE]);
/** SCHED_FLAG_ values of sched_setattr(2); the others are for deadlines and clamping, which are not there. */
const FLAG = { RESET_ON_FORK: 1, KEEP_POLICY: 8, KEEP_PARAMS: 16 } as const;
const clampNice = (nice: number): number => Math.min(Math.max(nice, -20), 19);

/** RLIMIT_NICE lets the nice value down to 20 minus the limit; root may set any. */
function mayLower(task: Task, target: Task, nice: number): boolean {
  return 20 - nice <= softLimit(target.process.limits, RLIMIT.NICE) || task.process.credentials.euid === 0;
}

/** Sets it after the checks of __sched_setscheduler: 0 or −errno. */
function setScheduling(task: Task, target: Task, next: Scheduling): number {
  const { policy, priority, nice } = next;
  const realTime = isRealTime(policy);
  if (!realTime && !FAIR.has(policy)) return -E.EINVAL;
  if (priority < 0 || priority > MAX_PRIORITY || realTime !== (priority !== 0)) return -E.EINVAL;
  if (task.process.credentials.euid !== 0 && !isAllowed(task, target, next)) return -E.EPERM;
  target.scheduling = realTime ? { ...next, nice: target.scheduling.nice } : { ...next, nice };
  return 0;
}

/** What a program may do without privilege (user_check_sched_setscheduler). */
function isAllowed(task: Task, target: Task, { policy, priority, nice, resetOnFork }: Scheduling): boolean {
  const { scheduling: old, process } = target;
  if (FAIR.has(policy) && nice < old.nice && !mayLower(task, target, nice)) return false;
  if (isRealTime(policy)) {
    const limit = softLimit(process.limits, RLIMIT.RTPRIO);
    if ((policy !== old.policy && limit === 0) || (priority > old.priority && priority > limit)) return false;
  }
  if (old.policy === SCHED.IDLE && policy !== SCHED.IDLE && !mayLower(task, target, old.nice)) return false;
  return isOwner(task, target) && (!old.resetOnFork || resetOnFork);
}

const isOwner = (task: Task, target: Task): boolean => {
  const { euid } = task.process.credentials;
  const { credentials } = target.process;
  return euid === 0 || euid === credentials.euid || euid === credentials.uid;
};

/** A handler of a thread named by the first argument; 0 is the caller. */
const ofThread = (handler: (task: Task, args: SyscallArgs, target: Task) => number): SyscallHandler => (task, args) => {
  if (args.i32(0) < 0) return -E.EINVAL;
  const target = findThread(task, args.i32(0));
  return target === null ? -E.ESRCH : handler(task, args, target);
};

const shownPolicy = ({ scheduling: { policy, resetOnFork } }: Task): number => policy | (resetOnFork ? SCHED.RESET_ON_FORK : 0);

/** sched_setscheduler(2) and sched_setparam(2): the parameter is looked for before the thread. */
function setParameter(task: Task, args: SyscallArgs, at: number, policyOf: (target: Task) => number): number {
  if (args.isNull(at) || args.i32(0) < 0) return -E.EINVAL;
  const priority = task.user.readI32(args.ptr(at));
  if (priority === null) return -E.EFAULT;
  const target = findThread(task, args.i32(0));
  if (target === null) return -E.ESRCH;
  const policy = policyOf(target);
  return setScheduling(task, target, {
    policy: policy & ~SCHED.RESET_ON_FORK, priority, nice: target.scheduling.nice, resetOnFork: (policy & SCHED.RESET_ON_FORK) !== 0,
  });
}

/** struct sched_attr as the caller has it, or −errno; a size that we do not know is answered with ours. */
function readAttr(task: Task, address: number): DataView | number {
  const wanted = task.user.readU32(address);
  if (wanted < 0) return -E.EFAULT;
  const size = wanted === 0 ? SCHED_ATTR.fields.sched_util_min.offset : wanted;
  const bytes = new Uint8Array(Math.min(Math.max(size, SCHED_ATTR.size), PAGE_SIZE));
  const fits = size >= SCHED_ATTR.fields.sched_util_min.offset && size <= PAGE_SIZE;
  if (fits && !task.user.read(address, bytes.subarray(0, size))) return -E.EFAULT;
  if (fits && bytes.subarray(SCHED_ATTR.size).every((byte) => byte === 0)) return new DataView(bytes.buffer);
  return task.user.writeU32(address, SCHED_ATTR.size) ? -E.E2BIG : -E.EFAULT;
}

const setattr: SyscallHandler = (task, args) => {
  if (args.isNull(1) || args.i32(0) < 0 || args.u32(2) !== 0) return -E.EINVAL;
  const view = readAttr(task, args.ptr(1));
  if (typeof view === 'number') return view;
  const { fields } = SCHED_ATTR;
  const flags = view.getBigUint64(fields.sched_flags.offset, true);
  const has = (flag: number): boolean => (flags & BigInt(flag)) !== 0n;
  const policy = view.getInt32(fields.sched_policy.offset, true);
  if (policy < 0) return -E.EINVAL;
  const target = findThread(task, args.i32(0));
  if (target === null) return -E.ESRCH;
  if ((flags & ~BigInt(FLAG.RESET_ON_FORK | FLAG.KEEP_POLICY | FLAG.KEEP_PARAMS)) !== 0n) return -E.EINVAL;
  const old = target.scheduling;
  const keeps = has(FLAG.KEEP_PARAMS);
  return setScheduling(task, target, {
    policy: has(FLAG.KEEP_POLICY) ? old.policy : policy,
    priority: keeps ? old.priority : view.getInt32(fields.sched_priority.offset, true),
    nice: keeps ? old.nice : clampNice(view.getInt32(fields.sched_nice.offset, true)),
    resetOnFork: has(FLAG.KEEP_POLICY) ? old.resetOnFork : has(FLAG.RESET_ON_FORK),
  });
};

const getattr: SyscallHandler = (task, args) => {
  const size = args.u32(2);
  if (args.isNull(1) || args.i32(0) < 0 || size > PAGE_SIZE || size < SCHED_ATTR.fields.sched_util_min.offset || args.u32(3) !== 0) return -E.EINVAL;
  const target = findThread(task, args.i32(0));
  if (target === null) return -E.ESRCH;
  const { policy, priority, nice, resetOnFork } = target.scheduling;
  const length = Math.min(size, SCHED_ATTR.size);
  const attr = packStruct(SCHED_ATTR, {
    size: length, sched_policy: policy, sched_flags: resetOnFork ? FLAG.RESET_ON_FORK : 0, sched_priority: priority, sched_nice: isRealTime(policy) ? 0 : nice,
  });
  return task.user.write(args.ptr(1), attr.subarray(0, length)) ? 0 : -E.EFAULT;
};

/** The threads that getpriority(2) and setpriority(2) mean, or −EINVAL: one, those of a process group or those of a user. */
function threadsOf(task: Task, args: SyscallArgs): readonly Task[] | number {
  const which = args.i32(0);
  const who = args.i32(1);
  if (which < PRIO.PROCESS || which > PRIO.USER) return -E.EINVAL;
  if (which === PRIO.PROCESS) {
    const one = findThread(task, who);
    return one === null ? [] : [one];
  }
  const all = [...task.kernel.tasks.values()].filter(({ state }) => state !== 'dead');
  if (which === PRIO.PGRP) return all.filter(({ process }) => process.processGroup === (who === 0 ? task.process.processGroup : who));
  return all.filter(({ process }) => process.credentials.uid === (who === 0 ? task.process.credentials.uid : who));
}

/** The best of their nice values, as 20 − nice: results below 0 are errors. */
const getpriority: SyscallHandler = (task, args) => {
  const threads = threadsOf(task, args);
  if (typeof threads === 'number') return threads;
  return threads.length === 0 ? -E.ESRCH : Math.max(...threads.map(({ scheduling }) => 20 - scheduling.nice));
};

const setpriority: SyscallHandler = (task, args) => {
  const threads = threadsOf(task, args);
  if (typeof threads === 'number') return threads;
  const nice = clampNice(args.i32(2));
  let answer = -E.ESRCH;
  for (const target of threads) {
    if (!isOwner(task, target)) answer = -E.EPERM;
    else if (nice < target.scheduling.nice && !mayLower(task, target, nice)) answer = -E.EACCES;
    else {
      target.scheduling = { ...target.scheduling, nice };
      if (answer === -E.ESRCH) answer = 0;
    }
  }
  return answer;
};

const EQUAL_TURNS = 'kept and shown; turns are the same for all';

/** kernel/sched/syscalls.c and kernel/sys.c: policies and priorities of threads. */
export const prioritySyscalls: readonly SyscallEntry[] = [
  full('sched_getscheduler', 'pid', ofThread((_, __, target) => shownPolicy(target))),
  partial('sched_setscheduler', 'pid int ptr', EQUAL_TURNS, (task, args) => (args.i32(1) < 0 ? -E.EINVAL : setParameter(task, args, 2, () => args.i32(1)))),
  full('sched_getparam', 'pid ptr', (task, args) => {
    if (args.isNull(1)) return -E.EINVAL;
    return ofThread((_, __, target) => (task.user.writeU32(args.ptr(1), target.scheduling.priority) ? 0 : -E.EFAULT))(task, args) as number;
  }),
  partial('sched_setparam', 'pid ptr', EQUAL_TURNS, (task, args) => setParameter(task, args, 1, shownPolicy)),
  partial('sched_setattr', 'pid ptr uint', `${EQUAL_TURNS}; no deadlines`, setattr),
  full('sched_getattr', 'pid ptr uint uint', getattr),
  full('getpriority', 'int int', getpriority),
  partial('setpriority', 'int int int', EQUAL_TURNS, setpriority),
];
