import { E, PATH_MAX } from '@tally86/abi';
import { execve, MAX_ARGUMENT, argumentLimit } from '../exec/exec.ts';
import { parentPid } from '../kernel/children.ts';
import { exitProcess, exitTask } from '../kernel/exit.ts';
import type { Process, Task } from '../kernel/types.ts';
import { unshare } from '../kernel/unshare.ts';
import { NO_RESULT } from '../sched/wait.ts';
import { absent, fixed, full, partial } from './define.ts';
import type { SyscallEntry, SyscallHandler } from './types.ts';

/** A process by number; 0: the caller's. */
export function findProcess(task: Task, pid: number): Process | null {
  return pid === 0 ? task.process : (task.kernel.processes.get(pid) ?? null);
}

/** argv or envp: byte strings, or −errno. NULL counts as an empty list. */
function readStrings(task: Task, list: number, budget: { left: number }): string[] | number {
  const strings: string[] = [];
  if (list === 0) return strings;
  for (let at = list; ; at += 8) {
    const pointer = task.user.readPtr(at);
    if (pointer === null) return -E.EFAULT;
    if (pointer === 0) return strings;
    const text = task.user.readString(pointer, MAX_ARGUMENT);
    if (typeof text === 'number') return text === -E.ENAMETOOLONG ? -E.E2BIG : text;
    budget.left -= text.length + 9;
    if (budget.left < 0) return -E.E2BIG;
    strings.push(text);
  }
}

const sysExecve: SyscallHandler = (task, args) => {
  const path = task.user.readString(args.ptr(0), PATH_MAX);
  if (typeof path === 'number') return path;
  if (path === '') return -E.ENOENT;
  const budget = { left: argumentLimit(task) };
  const argv = readStrings(task, args.ptr(1), budget);
  if (typeof argv === 'number') return argv;
  const envp = readStrings(task, args.ptr(2), budget);
  return typeof envp === 'number' ? envp : execve(task, path, argv, envp);
};

const getpgid: SyscallHandler = (task, args) => findProcess(task, args.i32(0))?.processGroup ?? -E.ESRCH;
const getsid: SyscallHandler = (task, args) => findProcess(task, args.i32(0))?.session ?? -E.ESRCH;

const setpgid: SyscallHandler = (task, args) => {
  const pid = args.i32(0);
  const group = args.i32(1) === 0 ? pid : args.i32(1);
  if (group < 0) return -E.EINVAL;
  const target = findProcess(task, pid);
  if (target === null) return -E.ESRCH;
  if (target !== task.process && target.parent !== task.process) return -E.ESRCH;
  if (target.session === target.pid) return -E.EPERM;
  const wanted = group === 0 ? target.pid : group;
  const exists = wanted === target.pid || [...task.kernel.processes.values()].some((other) => other.processGroup === wanted && other.session === target.session);
  if (!exists) return -E.EPERM;
  target.processGroup = wanted;
  return 0;
};

const setsid: SyscallHandler = ({ process, kernel }) => {
  const leads = [...kernel.processes.values()].some(({ processGroup }) => processGroup === process.pid);
  if (leads) return -E.EPERM;
  process.session = process.processGroup = process.pid;
  process.terminal = null;
  return process.pid;
};

/** kernel/: processes and their numbers. */
export const processSyscalls: readonly SyscallEntry[] = [
  full('exit', 'int', (task, args) => {
    exitTask(task, args.i32(0) & 0xff);
    return NO_RESULT;
  }),
  full('exit_group', 'int', (task, args) => {
    exitProcess(task.process, { kind: 'exit', code: args.i32(0) & 0xff });
    return NO_RESULT;
  }),
  full('execve', 'path strings strings', sysExecve),
  absent('execveat', 'programs fall back on execve'),
  full('getpid', '', ({ process }) => process.pid),
  full('gettid', '', ({ tid }) => tid),
  full('getppid', '', ({ process }) => parentPid(process)),
  full('getpgrp', '', ({ process }) => process.processGroup),
  full('getpgid', 'pid', getpgid),
  full('setpgid', 'pid pid', setpgid),
  full('getsid', 'pid', getsid),
  full('setsid', '', setsid),
  full('set_tid_address', 'ptr', (task, args) => {
    task.clearChildTid = Math.max(args.ptr(0), 0);
    return task.tid;
  }),
  partial('unshare', 'hex', 'no name spaces', (task, args) =>
    (args.u64(0) > 0xffff_ffffn ? -E.EINVAL : unshare(task, args.u32(0)))),
  absent('setns', 'no name spaces'),
  absent('kcmp', 'not configured'),
  absent('process_madvise', 'not configured'),
  absent('process_mrelease', 'not configured'),
  fixed('ptrace', 'long pid ptr ptr', 'nothing may be traced', -E.EPERM),
  fixed('process_vm_readv', 'pid ptr long ptr long long', 'nothing may be traced', -E.EPERM),
  fixed('process_vm_writev', 'pid ptr long ptr long long', 'nothing may be traced', -E.EPERM),
];
