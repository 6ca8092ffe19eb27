import { E, NSIG, O, SI, SIGINFO_SIZE } from '@tally86/abi';
import { fileAt, tableOf } from '../fs/access.ts';
import { openAnonymous } from '../fs/anonymous.ts';
import { PidFile } from '../fs/pidfd.ts';
import type { Process, Task } from '../kernel/types.ts';
import { mainTask } from '../proc/process-files.ts';
import { processOfDirectory } from '../proc/proc-file-system.ts';
import { sendSignal } from '../signal/send.ts';
import { full } from './define.ts';
import { mayKill } from './sys-signal.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

const PIDFD_NONBLOCK = O.NONBLOCK;

/** The file behind a pidfd; −EBADF. */
function pidFileAt(task: Task, fd: number): PidFile | number {
  const file = fileAt(task, fd);
  if (typeof file === 'number') return file;
  return file.operations instanceof PidFile ? file.operations : -E.EBADF;
}

function pidfdOpen(task: Task, args: SyscallArgs): number {
  const [pid, flags] = [args.i32(0), args.u32(1)];
  if ((flags & ~PIDFD_NONBLOCK) !== 0 || pid <= 0) return -E.EINVAL;
  const process = task.kernel.processes.get(pid);
  // A thread that leads no group has no pidfd of its own.
  if (process === undefined) return task.kernel.tasks.has(pid) ? -E.EINVAL : -E.ESRCH;
  return openAnonymous(task, '[pidfd]', new PidFile(process), flags | O.CLOEXEC);
}

/** The process behind a pidfd, or behind its directory in /proc (tgid_pidfd_to_pid); −EBADF. */
function processAt(task: Task, fd: number): Process | number {
  const file = fileAt(task, fd);
  if (typeof file === 'number') return file;
  return file.operations instanceof PidFile ? file.operations.process : processOfDirectory(file.dentry.inode) ?? -E.EBADF;
}

function pidfdSendSignal(task: Task, args: SyscallArgs): number {
  if (args.u32(3) !== 0) return -E.EINVAL;
  const process = processAt(task, args.i32(0));
  if (typeof process === 'number') return process;
  const signal = args.i32(1);
  let info = { signo: signal, errno: 0, code: SI.USER, pid: task.process.pid, uid: task.process.credentials.uid };
  if (!args.isNull(2)) {
    const raw = new Uint8Array(SIGINFO_SIZE);
    if (!task.user.read(args.ptr(2), raw)) return -E.EFAULT;
    const view = new DataView(raw.buffer);
    if (view.getInt32(0, true) !== signal) return -E.EINVAL;
    const code = view.getInt32(8, true);
    if (process !== task.process && (code >= 0 || code === SI.TKILL)) return -E.EPERM;
    info = Object.assign(info, { code, raw });
  }
  if (signal < 0 || signal > NSIG) return -E.EINVAL;
  if (task.kernel.processes.get(process.pid) !== process || process.exit !== null) return -E.ESRCH;
  if (!mayKill(task, process, signal)) return -E.EPERM;
  if (signal === 0) return 0;
  return sendSignal(process, info) ? 0 : -E.EAGAIN;
}

function pidfdGetfd(task: Task, args: SyscallArgs): number {
  if (args.u32(2) !== 0) return -E.EINVAL;
  const target = pidFileAt(task, args.i32(0));
  if (typeof target === 'number') return target;
  const { process } = target;
  if (process.exit !== null) return -E.ESRCH;
  // Yama: what ptrace may not do.
  if (process !== task.process && task.process.credentials.euid !== 0) return -E.EPERM;
  const leader = mainTask(process);
  const file = leader === undefined || leader.state === 'dead' ? undefined : tableOf(leader).get(args.i32(1));
  return file === undefined ? -E.EBADF : tableOf(task).add(task.process.limits, file, true);
}

/** kernel/pid.c, kernel/signal.c: processes by descriptors. */
export const pidfdSyscalls: readonly SyscallEntry[] = [
  full('pidfd_open', 'pid hex', pidfdOpen),
  full('pidfd_send_signal', 'fd signal ptr hex', pidfdSendSignal),
  full('pidfd_getfd', 'fd int hex', pidfdGetfd),
];
