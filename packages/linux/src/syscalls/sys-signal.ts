import { E, NSIG, RESTART, SI, SIG, SIG_BLOCK, SIG_IGN, SIG_SETMASK, SIG_UNBLOCK, SIGINFO_SIZE, STACK_T, packStruct } from '@tally86/abi';
import { REG } from '@tally86/core';
import type { Process, Task } from '../kernel/types.ts';
import { toAddress } from '../mm/create-user-memory.ts';
import { NO_RESULT, type Wait } from '../sched/wait.ts';
import { defaultAction, signalBit, UNBLOCKABLE } from '../signal/actions.ts';
import { stackFlags } from '../signal/alt-stack.ts';
import { forceSegv } from '../signal/deliver.ts';
import { hasSignal, sendSignal, takeSignal } from '../signal/send.ts';
import { setAltStack } from '../signal/set-alt-stack.ts';
import { packSiginfo } from '../signal/siginfo.ts';
import { restoreFrame } from '../signal/sigreturn.ts';
import type { SignalInfo } from '../signal/types.ts';
import { readTimespec } from '../time/convert.ts';
import { full } from './define.ts';
import type { SyscallEntry, SyscallHandler } from './types.ts';

const SIGSET_SIZE = 8;
const isSignal = (signal: number): boolean => signal >= 1 && signal <= NSIG;

const rtSigaction: SyscallHandler = (task, args) => {
  if (args.size(3) !== SIGSET_SIZE) return -E.EINVAL;
  const signal = args.i32(0);
  const { signals } = task.process;
  let next = null;
  if (!args.isNull(1)) {
    const view = task.user.view(args.ptr(1), 32);
    if (view === null) return -E.EFAULT;
    next = { handler: view.getBigUint64(0, true), flags: view.getBigUint64(8, true), restorer: view.getBigUint64(16, true), mask: view.getBigUint64(24, true) & ~UNBLOCKABLE };
  }
  if (!isSignal(signal) || (next !== null && (signalBit(signal) & UNBLOCKABLE) !== 0n)) return -E.EINVAL;
  const old = signals.get(signal);
  if (next !== null) {
    signals.set(signal, next);
    const ignored = next.handler === SIG_IGN || (next.handler === 0n && (defaultAction(signal) === 'ignore' || signal === SIG.CONT));
    if (ignored) {
      task.process.pending.flush(signal);
      for (const other of task.process.tasks) other.pending.flush(signal);
    }
  }
  if (args.isNull(2)) return 0;
  const bytes = new Uint8Array(BigUint64Array.of(old.handler, old.flags, old.restorer, old.mask).buffer);
  return task.user.write(args.ptr(2), bytes) ? 0 : -E.EFAULT;
};

const rtSigprocmask: SyscallHandler = (task, args) => {
  if (args.size(3) !== SIGSET_SIZE) return -E.EINVAL;
  const old = task.signalMask;
  if (!args.isNull(1)) {
    const set = task.user.readU64(args.ptr(1));
    if (set === null) return -E.EFAULT;
    const how = args.i32(0);
    if (how === SIG_BLOCK) task.signalMask = old | (set & ~UNBLOCKABLE);
    else if (how === SIG_UNBLOCK) task.signalMask = old & ~set;
    else if (how === SIG_SETMASK) task.signalMask = set & ~UNBLOCKABLE;
    else return -E.EINVAL;
  }
  return args.isNull(2) || task.user.writeU64(args.ptr(2), old) ? 0 : -E.EFAULT;
};

const rtSigpending: SyscallHandler = (task, args) => {
  const size = args.size(1);
  if (size > SIGSET_SIZE) return -E.EINVAL;
  const set = (task.pending.set | task.process.pending.set) & task.signalMask;
  const bytes = new Uint8Array(BigUint64Array.of(set).buffer).subarray(0, size);
  return task.user.write(args.ptr(0), bytes) ? 0 : -E.EFAULT;
};

/** Sleeps until a signal's handler has run. */
function untilSignal(what: string): Wait {
  const wait: Wait = { kind: 'wait', what, queues: [], deadline: Infinity, wake: () => wait, interrupt: () => -RESTART.ERESTARTNOHAND };
  return wait;
}

const rtSigsuspend: SyscallHandler = (task, args) => {
  if (args.size(1) !== SIGSET_SIZE) return -E.EINVAL;
  const set = task.user.readU64(args.ptr(0));
  if (set === null) return -E.EFAULT;
  task.savedSignalMask = task.signalMask;
  task.signalMask = set & ~UNBLOCKABLE;
  return untilSignal('a signal (rt_sigsuspend)');
};

const rtSigtimedwait: SyscallHandler = (task, args) => {
  if (args.size(3) !== SIGSET_SIZE) return -E.EINVAL;
  const set = task.user.readU64(args.ptr(0));
  if (set === null) return -E.EFAULT;
  let deadline = Infinity;
  if (!args.isNull(2)) {
    const timeout = readTimespec(task.user, args.ptr(2));
    if (timeout === null) return -E.EFAULT;
    if (timeout < 0) return -E.EINVAL;
    deadline = task.kernel.clock.monotonic() + timeout;
  }
  const wanted = set & ~UNBLOCKABLE;
  const target = args.ptr(1);
  const wantsInfo = !args.isNull(1);
  const take = (): number | null => {
    const info = takeSignal(task, ~wanted);
    if (info === null) return null;
    return !wantsInfo || task.user.write(target, packSiginfo(info)) ? info.signo : -E.EFAULT;
  };
  const ready = take();
  if (ready !== null) return ready;
  if (deadline <= task.kernel.clock.monotonic()) return -E.EAGAIN;
  const wait: Wait = {
    kind: 'wait', what: 'a signal (rt_sigtimedwait)', queues: [task.signalArrival], deadline,
    wake: () => take() ?? wait,
    timeout: () => take() ?? -E.EAGAIN,
    interrupt: () => take() ?? -E.EINTR,
  };
  return wait;
};

const rtSigqueueinfo: SyscallHandler = (task, args) => queueInfo(task, findTarget(task, args.i32(0)), args.i32(1), args.ptr(2), args.i32(0) === task.process.pid);
const rtTgsigqueueinfo: SyscallHandler = (task, args) => {
  if (args.i32(0) <= 0 || args.i32(1) <= 0) return -E.EINVAL;
  return queueInfo(task, findTask(task, args.i32(0), args.i32(1)), args.i32(2), args.ptr(3), args.i32(1) === task.tid);
};

function queueInfo(task: Task, target: Task | Process | null, signal: number, address: number, self: boolean): number {
  const raw = new Uint8Array(SIGINFO_SIZE);
  if (!task.user.read(address, raw)) return -E.EFAULT;
  const code = new DataView(raw.buffer).getInt32(8, true);
  // Only the kernel and kill(2) may say so of others.
  if ((code >= 0 || code === SI.TKILL) && !self) return -E.EPERM;
  return deliverTo(task, target, signal, { signo: signal, errno: 0, code, raw });
}

/** Who may signal whom: root, the same user, and within a session SIGCONT (kill_ok_by_cred, check_kill_permission). */
export function mayKill({ process: { credentials, session } }: Task, target: Process, signal: number): boolean {
  const { uid, suid } = target.credentials;
  if (credentials.euid === 0 || [credentials.euid, credentials.uid].some((id) => id === uid || id === suid)) return true;
  return signal === SIG.CONT && session === target.session;
}

function deliverTo(task: Task, target: Task | Process | null, signal: number, info: SignalInfo): number {
  if (target === null) return -E.ESRCH;
  if (signal !== 0 && !isSignal(signal)) return -E.EINVAL;
  if (!mayKill(task, 'tid' in target ? target.process : target, signal)) return -E.EPERM;
  if (signal === 0) return 0;
  return sendSignal(target, info) ? 0 : -E.EAGAIN;
}

const findTarget = (task: Task, pid: number): Process | null => task.kernel.processes.get(pid) ?? null;
function findTask(task: Task, group: number | null, tid: number): Task | null {
  for (const process of task.kernel.processes.values()) {
    if (group !== null && process.pid !== group) continue;
    const found = process.tasks.find((other) => other.tid === tid && other.state !== 'dead');
    if (found !== undefined) return found;
  }
  return null;
}

const userInfo = (task: Task, signo: number, code: number): SignalInfo => ({ signo, errno: 0, code, pid: task.process.pid, uid: task.process.credentials.uid });

const kill: SyscallHandler = (task, args) => {
  const pid = args.i32(0);
  const signal = args.i32(1);
  const info = userInfo(task, signal, SI.USER);
  if (pid > 0) return deliverTo(task, findTarget(task, pid), signal, info);
  const everyone = [...task.kernel.processes.values()];
  const group = pid === 0 ? task.process.processGroup : -pid;
  const targets = pid === -1 ? everyone.filter((other) => other !== task.process) : everyone.filter(({ processGroup }) => processGroup === group);
  if (targets.length === 0) return -E.ESRCH;
  const results = targets.map((target) => deliverTo(task, target, signal, info));
  return results.includes(0) ? 0 : results[0];
};

const tkill: SyscallHandler = (task, args) =>
  args.i32(0) <= 0 ? -E.EINVAL : deliverTo(task, findTask(task, null, args.i32(0)), args.i32(1), userInfo(task, args.i32(1), SI.TKILL));
const tgkill: SyscallHandler = (task, args) =>
  args.i32(0) <= 0 || args.i32(1) <= 0 ? -E.EINVAL : deliverTo(task, findTask(task, args.i32(0), args.i32(1)), args.i32(2), userInfo(task, args.i32(2), SI.TKILL));

const sigaltstack: SyscallHandler = (task, args) => {
  const sp = toAddress(task.cpu.u32[REG.rsp * 2], task.cpu.u32[REG.rsp * 2 + 1]);
  let next: Uint8Array | null = null;
  if (!args.isNull(0)) {
    next = new Uint8Array(STACK_T.size);
    if (!task.user.read(args.ptr(0), next)) return -E.EFAULT;
  }
  const { altStack } = task;
  const old = packStruct(STACK_T, { ss_sp: altStack.sp, ss_size: altStack.size, ss_flags: stackFlags(altStack, sp) | (altStack.flags & 0x8000_0000) });
  if (next !== null) {
    const error = setAltStack(task, next, sp);
    if (error < 0) return error;
  }
  return args.isNull(1) || task.user.write(args.ptr(1), old) ? 0 : -E.EFAULT;
};

const rtSigreturn: SyscallHandler = (task) => {
  if (!restoreFrame(task)) forceSegv(task, 0);
  return NO_RESULT;
};

/** kernel/signal.c. */
export const signalSyscalls: readonly SyscallEntry[] = [
  full('rt_sigaction', 'signal ptr ptr size', rtSigaction),
  full('rt_sigprocmask', 'int sigset ptr size', rtSigprocmask),
  full('rt_sigpending', 'ptr size', rtSigpending),
  full('rt_sigsuspend', 'sigset size', rtSigsuspend),
  full('rt_sigtimedwait', 'sigset ptr timespec size', rtSigtimedwait),
  full('rt_sigqueueinfo', 'pid signal ptr', rtSigqueueinfo),
  full('rt_tgsigqueueinfo', 'pid pid signal ptr', rtTgsigqueueinfo),
  full('rt_sigreturn', '', rtSigreturn),
  full('sigaltstack', 'ptr ptr', sigaltstack),
  full('pause', '', (task) => (hasSignal(task) ? -RESTART.ERESTARTNOHAND : untilSignal('a signal (pause)'))),
  full('kill', 'pid signal', kill),
  full('tkill', 'pid signal', tkill),
  full('tgkill', 'pid pid signal', tgkill),
  full('restart_syscall', '', (task) => {
    const again = task.restart;
    task.restart = null;
    return again === null ? -E.EINTR : again();
  }),
];
