import { CLD, E, packStruct, RESTART, RUSAGE, RUSAGE_STRUCT, SIG, WAITFLAG } from '@tally86/abi';
import { fileAt } from '../fs/access.ts';
import { PidFile } from '../fs/pidfd.ts';
import { endOf, reap } from '../kernel/children.ts';
import type { Process, Task } from '../kernel/types.ts';
import type { SyscallResult, Wait } from '../sched/wait.ts';
import { processCpuTime } from '../time/interval-timers.ts';
import { full, partial } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

/** What is waited for. */
interface Wanted {
  readonly options: number;
  matches(child: Process): boolean;
}

/** A change of a child's state. */
interface Change {
  readonly child: Process;
  /** CLD_ code, and the exit code or signal. */
  readonly code: number;
  readonly status: number;
}

const ENDED: ReadonlySet<number> = new Set([CLD.EXITED, CLD.KILLED, CLD.DUMPED]);

/** A child that clone made with another signal than SIGCHLD is for __WCLONE or __WALL (eligible_child). */
function isEligible(child: Process, { options, matches }: Wanted): boolean {
  if (!matches(child)) return false;
  if ((options & WAITFLAG.ALL) !== 0) return true;
  return (child.exitSignal !== SIG.CHLD) === ((options & WAITFLAG.CLONE) !== 0);
}

/** A change that one of the children has to tell; null: none yet; −ECHILD: there is no such child. */
function look({ process }: Task, wanted: Wanted): Change | null | number {
  const { options } = wanted;
  let any = false;
  for (const child of process.children) {
    if (!isEligible(child, wanted)) continue;
    any = true;
    if (child.exit !== null) {
      if ((options & WAITFLAG.EXITED) !== 0) return { child, ...endOf(child) };
      continue;
    }
    if (child.change === 'stopped' && (options & WAITFLAG.STOPPED) !== 0) return { child, code: CLD.STOPPED, status: child.stopped };
    if (child.change === 'continued' && (options & WAITFLAG.CONTINUED) !== 0) return { child, code: CLD.CONTINUED, status: SIG.CONT };
  }
  return any ? null : -E.ECHILD;
}

/** do_wait: `tell` answers the caller, then what was told is forgotten unless it was only looked at. */
function waitFor(task: Task, wanted: Wanted, nothing: () => number, tell: (change: Change) => number): SyscallResult {
  const attempt = (): number | null => {
    const change = look(task, wanted);
    if (typeof change === 'number') return change;
    if (change === null) return null;
    const { child } = change;
    // What it used is told before the child is forgotten.
    const result = tell(change);
    if ((wanted.options & WAITFLAG.NOWAIT) === 0) {
      if (ENDED.has(change.code)) reap(child);
      else child.change = null;
    }
    return result;
  };
  const first = attempt();
  if (first !== null) return first;
  if ((wanted.options & WAITFLAG.NOHANG) !== 0) return nothing();
  const wait: Wait = {
    kind: 'wait', what: 'a child', queues: [task.process.childEvents], deadline: Infinity,
    wake: () => attempt() ?? wait,
    // The change that brought the signal is told, not the interruption.
    interrupt: () => attempt() ?? -RESTART.ERESTARTSYS,
  };
  return wait;
}

/** Whom a pid means in wait4 (kernel/exit.c, kernel_wait4). */
function byPid({ process }: Task, pid: number): Wanted['matches'] {
  if (pid === -1) return () => true;
  const group = pid === 0 ? process.processGroup : -pid;
  return pid > 0 ? (child) => child.pid === pid : (child) => child.processGroup === group;
}

/** The status word of wait(2). */
function statusWord({ code, status }: Change): number {
  if (code === CLD.EXITED) return status << 8;
  if (code === CLD.STOPPED) return (status << 8) | 0x7f;
  return code === CLD.CONTINUED ? 0xffff : status;
}

function wait4(task: Task, args: SyscallArgs): SyscallResult {
  const options = args.u32(2);
  const known = WAITFLAG.NOHANG | WAITFLAG.UNTRACED | WAITFLAG.CONTINUED | WAITFLAG.NOTHREAD | WAITFLAG.CLONE | WAITFLAG.ALL;
  if ((options & ~known) !== 0) return -E.EINVAL;
  const pid = args.i32(0);
  if (pid === -0x8000_0000) return -E.ESRCH;
  const [status, usage] = [args.ptr(1), args.ptr(3)];
  const [wantsStatus, wantsUsage] = [!args.isNull(1), !args.isNull(3)];
  return waitFor(task, { options: options | WAITFLAG.EXITED, matches: byPid(task, pid) }, () => 0, (change) => {
    const { child } = change;
    if (wantsStatus && !task.user.writeU32(status, statusWord(change))) return -E.EFAULT;
    if (wantsUsage && !task.user.write(usage, usageOf(processCpuTime(child) + child.childrenTime, Math.max(child.residentPeak, child.childrenPeak)))) return -E.EFAULT;
    return child.pid;
  });
}

const P = { ALL: 0, PID: 1, PGID: 2, PIDFD: 3 } as const;

function waitid(task: Task, args: SyscallArgs): SyscallResult {
  const options = args.u32(3);
  const kinds = WAITFLAG.EXITED | WAITFLAG.STOPPED | WAITFLAG.CONTINUED;
  if ((options & ~(kinds | WAITFLAG.NOHANG | WAITFLAG.NOWAIT | WAITFLAG.NOTHREAD | WAITFLAG.CLONE | WAITFLAG.ALL)) !== 0 || (options & kinds) === 0) return -E.EINVAL;
  const matches = byKind(task, args.i32(0), args.i32(1));
  if (typeof matches === 'number') return matches;
  const [info, usage] = [args.ptr(2), args.ptr(4)];
  const [wantsInfo, wantsUsage] = [!args.isNull(2), !args.isNull(4)];
  const put = (change: Change | null): boolean => !wantsInfo || task.user.write(info, childInfo(change));
  return waitFor(task, { options: options | matches.more, matches: matches.matches }, () => (put(null) ? matches.nothing : -E.EFAULT), (change) => {
    const { child } = change;
    if (wantsUsage && !task.user.write(usage, usageOf(processCpuTime(child) + child.childrenTime, Math.max(child.residentPeak, child.childrenPeak)))) return -E.EFAULT;
    return put(change) ? 0 : -E.EFAULT;
  });
}

interface Kind {
  readonly matches: Wanted['matches'];
  readonly more: number;
  /** The answer when there is no change, and it is not waited for. */
  readonly nothing: number;
}

function byKind(task: Task, kind: number, id: number): Kind | number {
  const plain = { more: 0, nothing: 0 };
  switch (kind) {
    case P.ALL:
      return { ...plain, matches: () => true };
    case P.PID:
      return id <= 0 ? -E.EINVAL : { ...plain, matches: (child) => child.pid === id };
    case P.PGID: {
      if (id < 0) return -E.EINVAL;
      const group = id === 0 ? task.process.processGroup : id;
      return { ...plain, matches: (child) => child.processGroup === group };
    }
    case P.PIDFD: {
      if (id < 0) return -E.EINVAL;
      const file = fileAt(task, id);
      if (typeof file === 'number') return file;
      if (!(file.operations instanceof PidFile)) return -E.EBADF;
      const { process } = file.operations;
      // A descriptor that does not block makes the call not block.
      return file.nonBlocking ? { matches: (child) => child === process, more: WAITFLAG.NOHANG, nothing: -E.EAGAIN } : { ...plain, matches: (child) => child === process };
    }
    default:
      return -E.EINVAL;
  }
}

/** The fields of siginfo_t that waitid fills; all 0 without a change. */
function childInfo(change: Change | null): Uint8Array {
  const bytes = new Uint8Array(28);
  if (change === null) return bytes;
  const view = new DataView(bytes.buffer);
  [SIG.CHLD, 0, change.code, 0, change.child.pid, change.child.credentials.uid, change.status].forEach((value, i) => view.setInt32(i * 4, value, true));
  return bytes;
}

/** struct rusage from a CPU time in nanoseconds and a largest resident set in pages. */
function usageOf(time: number, pages: number): Uint8Array {
  return packStruct(RUSAGE_STRUCT, { ru_utime_sec: Math.floor(time / 1e9), ru_utime_usec: Math.floor((time % 1e9) / 1000), ru_maxrss: pages * 4 });
}

function getrusage(task: Task, args: SyscallArgs): number {
  const { process, kernel } = task;
  const peak = Math.max(process.residentPeak, process.mm.mmu.residentPeak);
  const usage: Readonly<Record<number, readonly [number, number]>> = {
    [RUSAGE.SELF]: [processCpuTime(process), peak],
    [RUSAGE.THREAD]: [kernel.cpuTime(task), peak],
    [RUSAGE.CHILDREN]: [process.childrenTime, process.childrenPeak],
  };
  const wanted = usage[args.i32(0)];
  if (wanted === undefined) return -E.EINVAL;
  return task.user.write(args.ptr(1), usageOf(...wanted)) ? 0 : -E.EFAULT;
}

/** kernel/exit.c: what became of children. */
export const waitSyscalls: readonly SyscallEntry[] = [
  full('wait4', 'pid ptr int ptr', wait4),
  full('waitid', 'int pid ptr int ptr', waitid),
  partial('getrusage', 'int ptr', 'times and the largest resident set only', getrusage),
];
