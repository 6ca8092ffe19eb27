import { CLONE, CLONE3, CLONE_ARGS, CSIGNAL, E, NSIG, SIG } from '@tally86/abi';
import { PAGE_SIZE } from '@tally86/core';
import { cloneTask } from '../kernel/clone.ts';
import type { CloneRequest } from '../kernel/clone-request.ts';
import type { Task } from '../kernel/types.ts';
import { toAddress } from '../mm/create-user-memory.ts';
import { full, partial } from './define.ts';
import type { SyscallEntry, SyscallHandler } from './types.ts';

/** MAX_PID_NS_LEVEL */
const MAX_LEVEL = 32;
/** Ends of the first and second version of struct clone_args. */
const VERSION_0 = CLONE_ARGS.fields.set_tid.offset;
const VERSION_2 = CLONE_ARGS.size;
const INT_MAX = 0x7fff_ffffn;

/** clone(2) with the order of arguments of x86-64. */
const clone: SyscallHandler = (task, args) => {
  const flags = args.u32(0);
  return cloneTask(task, {
    flags: (flags & ~CSIGNAL) >>> 0, clearHandlers: false, intoCgroup: false, exitSignal: flags & CSIGNAL,
    stack: args.u64(1), tls: args.u64(4), pidfd: args.ptr(2), parentTid: args.ptr(2), childTid: args.ptr(3), setTid: [],
  });
};

const clone3: SyscallHandler = (task, args) => {
  const request = readCloneArgs(task, args.ptr(0), args.size(1));
  return typeof request === 'number' ? request : cloneTask(task, request);
};

/** copy_clone_args_from_user and clone3_args_valid. */
function readCloneArgs(task: Task, address: number, size: number): CloneRequest | number {
  if (size > PAGE_SIZE) return -E.E2BIG;
  if (size < VERSION_0) return -E.EINVAL;
  const bytes = new Uint8Array(Math.max(size, CLONE_ARGS.size));
  if (size > CLONE_ARGS.size) {
    const rest = bytes.subarray(CLONE_ARGS.size);
    if (!task.user.read(address + CLONE_ARGS.size, rest)) return -E.EFAULT;
    if (rest.some((byte) => byte !== 0)) return -E.E2BIG;
  }
  if (!task.user.read(address, bytes.subarray(0, Math.min(size, CLONE_ARGS.size)))) return -E.EFAULT;
  const view = new DataView(bytes.buffer);
  const field = (name: keyof typeof CLONE_ARGS.fields): bigint => view.getBigUint64(CLONE_ARGS.fields[name].offset, true);
  const pointer = (name: keyof typeof CLONE_ARGS.fields): number => {
    const { offset } = CLONE_ARGS.fields[name];
    return toAddress(view.getUint32(offset, true), view.getUint32(offset + 4, true));
  };
  const [setTid, levels, exitSignal] = [field('set_tid'), field('set_tid_size'), field('exit_signal')];
  if (levels > BigInt(MAX_LEVEL) || (setTid === 0n) !== (levels === 0n) || exitSignal > BigInt(NSIG)) return -E.EINVAL;
  const high = Number(field('flags') >> 32n);
  const intoCgroup = (high & CLONE3.INTO_CGROUP) !== 0;
  if (intoCgroup && (field('cgroup') > INT_MAX || size < VERSION_2)) return -E.EINVAL;
  const tids = new Int32Array(Number(levels));
  if (levels > 0n && !task.user.read(pointer('set_tid'), new Uint8Array(tids.buffer))) return -E.EFAULT;

  const flags = Number(field('flags') & 0xffff_ffffn);
  const clearHandlers = (high & CLONE3.CLEAR_SIGHAND) !== 0;
  if ((high & ~(CLONE3.CLEAR_SIGHAND | CLONE3.INTO_CGROUP)) !== 0) return -E.EINVAL;
  if ((flags & (CLONE.DETACHED | (CSIGNAL & ~CLONE.NEWTIME))) !== 0) return -E.EINVAL;
  if (clearHandlers && (flags & CLONE.SIGHAND) !== 0) return -E.EINVAL;
  if ((flags & (CLONE.THREAD | CLONE.PARENT)) !== 0 && exitSignal !== 0n) return -E.EINVAL;
  const [stack, stackSize] = [field('stack'), field('stack_size')];
  if ((stack === 0n) !== (stackSize === 0n)) return -E.EINVAL;
  if (stack !== 0n && !task.user.inUserSpace(pointer('stack'), Number(stackSize))) return -E.EINVAL;
  return {
    flags, clearHandlers, intoCgroup, exitSignal: Number(exitSignal), stack: stack + stackSize, tls: field('tls'),
    pidfd: pointer('pidfd'), parentTid: pointer('parent_tid'), childTid: pointer('child_tid'), setTid: [...tids],
  };
}

const plainRequest = (flags: number): CloneRequest => ({
  flags, clearHandlers: false, intoCgroup: false, exitSignal: SIG.CHLD, stack: 0n, tls: 0n, pidfd: 0, parentTid: 0, childTid: 0, setTid: [],
});

/** kernel/fork.c: new threads and processes. */
export const cloneSyscalls: readonly SyscallEntry[] = [
  full('fork', '', (task) => cloneTask(task, plainRequest(0))),
  full('vfork', '', (task) => cloneTask(task, plainRequest(CLONE.VFORK | CLONE.VM))),
  partial('clone', 'hex hex ptr ptr hex', 'no name spaces', clone),
  partial('clone3', 'ptr size', 'no name spaces', clone3),
];
