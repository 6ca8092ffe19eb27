import { AT_FDCWD, E, O, OPEN_HOW, RESOLVE, RLIMIT } from '@tally86/abi';
import type { WalkOptions } from '@tally86/vfs';
import type { Task } from '../kernel/types.ts';
import { unshareFiles } from '../kernel/shared-files.ts';
import { softLimit } from '../kernel/limits.ts';
import type { SyscallResult } from '../sched/wait.ts';
import { anyFileAt, contextOf, readPath, startAt, tableOf, worldOf } from '../fs/access.ts';
import { checkFlags, openPath } from '../fs/open.ts';
import { full, partial } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

/** Everything that open(2) knows; openat2(2) refuses the rest. */
const KNOWN_FLAGS = O.ACCMODE | O.CREAT | O.EXCL | O.NOCTTY | O.TRUNC | O.APPEND | O.NONBLOCK | O.DSYNC | O.FASYNC | O.DIRECT | O.LARGEFILE |
  O.DIRECTORY | O.NOFOLLOW | O.NOATIME | O.CLOEXEC | O.SYNC | O.PATH | O.TMPFILE;

function open(task: Task, dirfd: number, address: number, flags: number, mode: number, options: WalkOptions = {}): SyscallResult {
  const refused = checkFlags(flags);
  if (refused < 0) return refused;
  const path = readPath(task, address);
  if (typeof path === 'number') return path;
  const start = startAt(task, dirfd, path);
  if (typeof start === 'number') return start;
  const makes = (flags & O.CREAT) !== 0 || (flags & O.TMPFILE) === O.TMPFILE;
  const permissions = makes ? mode & 0o7777 & ~contextOf(task).umask : 0;
  return openPath(task, worldOf(task), start, path, flags & KNOWN_FLAGS, permissions, options);
}

function openat2(task: Task, args: SyscallArgs): SyscallResult {
  const size = args.size(3);
  if (size < OPEN_HOW.size) return -E.EINVAL;
  if (size > 4096) return -E.E2BIG;
  const how = task.user.view(args.ptr(2), size);
  if (how === null) return -E.EFAULT;
  // A longer struct is fine as long as this kernel does not miss anything in it.
  for (let at: number = OPEN_HOW.size; at < size; at += 1) if (how.getUint8(at) !== 0) return -E.E2BIG;
  const [flags, mode, resolve] = [how.getBigUint64(0, true), how.getBigUint64(8, true), how.getBigUint64(16, true)];
  if (flags & ~BigInt(KNOWN_FLAGS) || mode & ~0o7777n || resolve & ~0x3fn) return -E.EINVAL;
  const makes = (Number(flags) & O.CREAT) !== 0 || (Number(flags) & O.TMPFILE) === O.TMPFILE;
  if (mode !== 0n && !makes) return -E.EINVAL;
  const wants = Number(resolve);
  if ((wants & RESOLVE.BENEATH) !== 0 && (wants & RESOLVE.IN_ROOT) !== 0) return -E.EINVAL;
  // Nothing is known without a look at the file system.
  if ((wants & RESOLVE.CACHED) !== 0) return -E.EAGAIN;
  const options = {
    noXdev: (wants & RESOLVE.NO_XDEV) !== 0,
    noMagicLinks: (wants & RESOLVE.NO_MAGICLINKS) !== 0,
    noSymlinks: (wants & RESOLVE.NO_SYMLINKS) !== 0,
    beneath: (wants & RESOLVE.BENEATH) !== 0,
  };
  if ((wants & RESOLVE.IN_ROOT) === 0) return open(task, args.i32(0), args.ptr(1), Number(flags), Number(mode), options);
  return openInRoot(task, args, Number(flags), Number(mode), options);
}

/** RESOLVE_IN_ROOT: the directory is the root of this walk. */
function openInRoot(task: Task, args: SyscallArgs, flags: number, mode: number, options: WalkOptions): SyscallResult {
  if (checkFlags(flags) < 0) return -E.EINVAL;
  const path = readPath(task, args.ptr(1));
  if (typeof path === 'number') return path;
  const start = startAt(task, args.i32(0), 'x');
  if (typeof start === 'number') return start;
  return openPath(task, worldOf(task), { ...start, root: start.cwd }, path, flags & KNOWN_FLAGS, mode & ~contextOf(task).umask, { ...options, noMagicLinks: true });
}

function closeRange(task: Task, args: SyscallArgs): number {
  const [first, last, flags] = [args.u32(0), args.u32(1), args.u32(2)];
  const CLOEXEC = 4;
  const UNSHARE = 2;
  if ((flags & ~(CLOEXEC | UNSHARE)) !== 0 || first > last) return -E.EINVAL;
  if ((flags & UNSHARE) !== 0) unshareFiles(task);
  const table = tableOf(task);
  for (const fd of [...table.numbers()]) {
    if (fd < first || fd > last) continue;
    if ((flags & CLOEXEC) !== 0) table.setCloseOnExec(fd, true);
    else table.close(fd);
  }
  return 0;
}

function dup(task: Task, args: SyscallArgs): number {
  const file = anyFileAt(task, args.i32(0));
  return typeof file === 'number' ? file : tableOf(task).add(task.process.limits, file, false);
}

function dupTo(task: Task, from: number, to: number, closeOnExec: boolean): number {
  if (to < 0 || to >= softLimit(task.process.limits, RLIMIT.NOFILE)) return -E.EBADF;
  const file = anyFileAt(task, from);
  if (typeof file === 'number') return file;
  tableOf(task).replace(to, file, closeOnExec);
  return to;
}

function dup2(task: Task, args: SyscallArgs): number {
  const [from, to] = [args.i32(0), args.i32(1)];
  if (from === to) return typeof anyFileAt(task, from) === 'number' ? -E.EBADF : to;
  return dupTo(task, from, to, false);
}

function dup3(task: Task, args: SyscallArgs): number {
  const [from, to, flags] = [args.i32(0), args.i32(1), args.u32(2)];
  if ((flags & ~O.CLOEXEC) !== 0 || from === to) return -E.EINVAL;
  return dupTo(task, from, to, (flags & O.CLOEXEC) !== 0);
}

const BUSY = 'ETXTBSY is never given: programs that run can be written to';

export const openSyscalls: readonly SyscallEntry[] = [
  partial('open', 'path openflags octal', BUSY, (task, args) => open(task, AT_FDCWD, args.ptr(0), args.u32(1), args.u32(2))),
  partial('openat', 'dirfd path openflags octal', BUSY, (task, args) => open(task, args.i32(0), args.ptr(1), args.u32(2), args.u32(3))),
  partial('openat2', 'dirfd path ptr size', 'RESOLVE_CACHED is always EAGAIN', openat2),
  partial('creat', 'path octal', BUSY, (task, args) => open(task, AT_FDCWD, args.ptr(0), O.CREAT | O.WRONLY | O.TRUNC, args.u32(1))),
  full('close', 'fd', (task, args) => tableOf(task).close(args.i32(0))),
  full('close_range', 'fd fd hex', closeRange),
  full('dup', 'fd', dup),
  full('dup2', 'fd fd', dup2),
  full('dup3', 'fd fd openflags', dup3),
];
