import { ARCH, CAP_LAST_CAP, E, NSIG, PR, PR_SET_VMA_ANON_NAME } from '@tally86/abi';
import { CELL, USER_END } from '@tally86/core';
import { DEFAULT_TIMER_SLACK } from '../kernel/settings.ts';
import type { Task } from '../kernel/types.ts';
import { changeVmas, isPageAligned, pageUp } from '../mm/address-space.ts';
import { setCell } from '../sched/cpu-switch.ts';
import { fixed, full, partial } from './define.ts';
import type { SyscallArgs, SyscallEntry, SyscallHandler } from './types.ts';

const COMM_LENGTH = 16;
const ANON_NAME_LENGTH = 80;

type Option = (task: Task, args: SyscallArgs) => number;
const unusedAreZero = (args: SyscallArgs, from: number): boolean => [1, 2, 3, 4].every((i) => i < from || args.isNull(i));

const setName: Option = (task, args) => {
  const name = new Uint8Array(COMM_LENGTH - 1);
  const copied = task.user.copyIn(args.ptr(1), name);
  const end = name.subarray(0, copied).indexOf(0);
  if (end < 0 && copied < name.length) return -E.EFAULT;
  task.name = String.fromCharCode(...name.subarray(0, end < 0 ? name.length : end));
  return 0;
};

const getName: Option = (task, args) => {
  const name = new Uint8Array(COMM_LENGTH);
  for (let i = 0; i < task.name.length; i += 1) name[i] = task.name.charCodeAt(i);
  return task.user.write(args.ptr(1), name) ? 0 : -E.EFAULT;
};

/** PR_SET_VMA_ANON_NAME: the name shows in /proc/self/maps as [anon:NAME]. */
const setVma: Option = ({ user, process }, args) => {
  const [start, length] = [args.ptr(2), args.size(3)];
  if (args.u32(1) !== PR_SET_VMA_ANON_NAME) return -E.EINVAL;
  let name = '';
  if (!args.isNull(4)) {
    const text = user.readString(args.ptr(4), ANON_NAME_LENGTH);
    if (typeof text === 'number') return text === -E.ENAMETOOLONG ? -E.EINVAL : text;
    if (!/^[ -~]*$/.test(text) || /[$[\\\]`]/.test(text)) return -E.EINVAL;
    name = `[anon:${text}]`;
  }
  if (start < 0 || !isPageAligned(start) || length > USER_END || start + pageUp(length) > USER_END) return start < 0 ? -E.ENOMEM : -E.EINVAL;
  if (length === 0) return 0;
  const end = start + pageUp(length);
  for (const vma of process.mm.vmas.range(start, end)) if (vma.source !== null) return -E.EBADF;
  return changeVmas(process.mm, start, end, (vma) => ({ ...vma, name })) ? 0 : -E.ENOMEM;
};

const accepted: Option = () => 0;

const AMBIENT = { IS_SET: 1, RAISE: 2, LOWER: 3, CLEAR_ALL: 4 } as const;

/** PR_CAP_AMBIENT: nothing is ever in the set, since nothing is inheritable. */
const ambient: Option = (_, args) => {
  const operation = args.u64(1);
  if (operation === BigInt(AMBIENT.CLEAR_ALL)) return unusedAreZero(args, 2) ? 0 : -E.EINVAL;
  if (!unusedAreZero(args, 3) || args.u64(2) > BigInt(CAP_LAST_CAP)) return -E.EINVAL;
  if (operation === BigInt(AMBIENT.IS_SET) || operation === BigInt(AMBIENT.LOWER)) return 0;
  return operation === BigInt(AMBIENT.RAISE) ? -E.EPERM : -E.EINVAL;
};

/** Options of prctl(2) that are known; others give EINVAL, as in a kernel without them. */
const OPTIONS: Readonly<Record<number, Option>> = {
  [PR.SET_NAME]: setName,
  [PR.GET_NAME]: getName,
  [PR.SET_VMA]: setVma,
  [PR.SET_PDEATHSIG]: (task, args) => {
    if (args.u64(1) > BigInt(NSIG)) return -E.EINVAL;
    task.parentDeathSignal = args.u32(1);
    return 0;
  },
  [PR.GET_PDEATHSIG]: (task, args) => (task.user.writeU32(args.ptr(1), task.parentDeathSignal) ? 0 : -E.EFAULT),
  [PR.GET_DUMPABLE]: ({ process }) => process.dumpable,
  [PR.SET_DUMPABLE]: ({ process }, args) => {
    if (args.u64(1) > 1n) return -E.EINVAL;
    process.dumpable = args.u32(1);
    return 0;
  },
  [PR.GET_KEEPCAPS]: ({ process }) => Number(process.settings.keepCapabilities),
  [PR.SET_KEEPCAPS]: ({ process }, args) => {
    if (args.u64(1) > 1n) return -E.EINVAL;
    process.settings.keepCapabilities = !args.isNull(1);
    return 0;
  },
  [PR.GET_TIMING]: accepted,
  [PR.SET_TIMING]: (_, args) => (args.isNull(1) ? 0 : -E.EINVAL),
  [PR.GET_SECCOMP]: accepted,
  [PR.SET_SECCOMP]: () => -E.EINVAL,
  [PR.CAPBSET_READ]: (_, args) => (args.u64(1) > BigInt(CAP_LAST_CAP) ? -E.EINVAL : 1),
  [PR.CAPBSET_DROP]: ({ process }, args) => (process.credentials.euid !== 0 ? -E.EPERM : args.u64(1) > BigInt(CAP_LAST_CAP) ? -E.EINVAL : 0),
  [PR.GET_TSC]: (task, args) => (task.user.writeU32(args.ptr(1), 1) ? 0 : -E.EFAULT),
  [PR.GET_SECUREBITS]: accepted,
  [PR.SET_SECUREBITS]: () => -E.EPERM,
  [PR.GET_TIMERSLACK]: ({ process }) => process.settings.timerSlack,
  [PR.SET_TIMERSLACK]: ({ process }, args) => {
    process.settings.timerSlack = args.i64(1) <= 0n ? DEFAULT_TIMER_SLACK : args.size(1);
    return 0;
  },
  [PR.SET_CHILD_SUBREAPER]: ({ process }, args) => {
    process.settings.childSubreaper = !args.isNull(1);
    return 0;
  },
  [PR.GET_CHILD_SUBREAPER]: ({ user, process }, args) => (user.writeU32(args.ptr(1), Number(process.settings.childSubreaper)) ? 0 : -E.EFAULT),
  [PR.SET_NO_NEW_PRIVS]: ({ process }, args) => {
    if (args.u64(1) !== 1n || !unusedAreZero(args, 2)) return -E.EINVAL;
    process.noNewPrivileges = true;
    return 0;
  },
  [PR.GET_NO_NEW_PRIVS]: ({ process }, args) => (unusedAreZero(args, 1) ? Number(process.noNewPrivileges) : -E.EINVAL),
  [PR.GET_TID_ADDRESS]: (task, args) => (task.user.writeU64(args.ptr(1), task.clearChildTid) ? 0 : -E.EFAULT),
  [PR.SET_THP_DISABLE]: ({ process }, args) => {
    if (!unusedAreZero(args, 2)) return -E.EINVAL;
    process.settings.hugePagesDisabled = !args.isNull(1);
    return 0;
  },
  [PR.GET_THP_DISABLE]: ({ process }, args) => (unusedAreZero(args, 1) ? Number(process.settings.hugePagesDisabled) : -E.EINVAL),
  [PR.CAP_AMBIENT]: ambient,
};

const prctl: SyscallHandler = (task, args) => {
  const option = OPTIONS[args.i32(0)];
  if (option !== undefined) return option(task, args);
  task.kernel.note(`prctl option ${args.i32(0)} is not known: EINVAL`);
  return -E.EINVAL;
};

/** arch_prctl(2): segment bases. Addresses above user space give EPERM (arch/x86/kernel/process_64.c). */
const archPrctl: SyscallHandler = ({ cpu, user }, args) => {
  const code = args.i32(0);
  switch (code) {
    case ARCH.SET_FS:
    case ARCH.SET_GS: {
      const base = args.ptr(1);
      if (base < 0 || base >= USER_END) return -E.EPERM;
      setCell(cpu, code === ARCH.SET_FS ? CELL.fsBase : CELL.gsBase, base);
      return 0;
    }
    case ARCH.GET_FS:
    case ARCH.GET_GS:
      return user.writeU64(args.ptr(1), cpu.u64[code === ARCH.GET_FS ? CELL.fsBase : CELL.gsBase]) ? 0 : -E.EFAULT;
    case ARCH.GET_CPUID:
      return 1;
    case ARCH.SET_CPUID:
      return -E.ENODEV;
    default:
      // Among them the calls that ask for shadow stacks, which are not there.
      return -E.EINVAL;
  }
};

/** Options of processes and of the architecture. */
export const prctlSyscalls: readonly SyscallEntry[] = [
  partial('prctl', 'int hex hex hex hex', 'names, dumpable, no_new_privs and the like; others EINVAL', prctl),
  full('arch_prctl', 'hex ptr', archPrctl),
  full('personality', 'hex', ({ process }, args) => {
    const old = process.personality;
    if (args.u32(0) !== 0xffff_ffff) process.personality = args.u32(0);
    return old;
  }),
  fixed('seccomp', 'uint uint ptr', 'filters are not offered', -E.EINVAL),
  fixed('modify_ldt', 'int ptr size', 'no segments of its own', (_, args) => (args.i32(0) === 0 ? 0 : -E.ENOSYS)),
];
