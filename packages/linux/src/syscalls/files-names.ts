import { AT_FDCWD, AT_FLAG, E, RENAME, S } from '@tally86/abi';
import type { Dentry } from '@tally86/core';
import { createAt, linkAt, MAY, permission, renameAt, rmdirAt, unlinkAt } from '@tally86/vfs';
import type { Task } from '../kernel/types.ts';
import { anyFileAt, contextOf, lookupAt, readPath, startAt, worldOf } from '../fs/access.ts';
import { fixed, full, partial } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

function make(task: Task, dirfd: number, address: number, mode: number, more: { rdev?: number; target?: string } = {}): number {
  const path = readPath(task, address);
  if (typeof path === 'number') return path;
  const start = startAt(task, dirfd, path);
  return typeof start === 'number' ? start : createAt(start, path, { mode, ...more });
}

function mkdir(task: Task, dirfd: number, address: number, mode: number): number {
  return make(task, dirfd, address, S.IFDIR | (mode & 0o1777 & ~contextOf(task).umask));
}

function mknod(task: Task, dirfd: number, address: number, mode: number, device: number): number {
  const type = mode & S.IFMT || S.IFREG;
  if (type === S.IFDIR) return -E.EPERM;
  if (type === S.IFLNK || ![S.IFREG, S.IFCHR, S.IFBLK, S.IFIFO, S.IFSOCK].some((known) => known === type)) return -E.EINVAL;
  return make(task, dirfd, address, type | (mode & 0o7777 & ~contextOf(task).umask), { rdev: device });
}

function symlink(task: Task, target: number, dirfd: number, address: number): number {
  const text = readPath(task, target);
  if (typeof text === 'number') return text;
  if (text === '') return -E.ENOENT;
  return make(task, dirfd, address, S.IFLNK | 0o777, { target: text });
}

function link(task: Task, fromFd: number, from: number, toFd: number, to: number, flags: number): number {
  if ((flags & ~(AT_FLAG.SYMLINK_FOLLOW | AT_FLAG.EMPTY_PATH)) !== 0) return -E.EINVAL;
  const existing = lookupAt(task, fromFd, from, { follow: (flags & AT_FLAG.SYMLINK_FOLLOW) !== 0, emptyPath: (flags & AT_FLAG.EMPTY_PATH) !== 0 });
  if (typeof existing === 'number') return existing;
  const path = readPath(task, to);
  if (typeof path === 'number') return path;
  const start = startAt(task, toFd, path);
  return typeof start === 'number' ? start : linkAt(start, existing, path);
}

function remove(task: Task, dirfd: number, address: number, directory: boolean): number {
  const path = readPath(task, address);
  if (typeof path === 'number') return path;
  const start = startAt(task, dirfd, path);
  if (typeof start === 'number') return start;
  return directory ? rmdirAt(start, path) : unlinkAt(start, path);
}

function unlinkat(task: Task, args: SyscallArgs): number {
  const flags = args.u32(2);
  if ((flags & ~AT_FLAG.REMOVEDIR) !== 0) return -E.EINVAL;
  return remove(task, args.i32(0), args.ptr(1), flags !== 0);
}

function rename(task: Task, fromFd: number, from: number, toFd: number, to: number, flags: number): number {
  const exchange = (flags & RENAME.EXCHANGE) !== 0;
  if ((flags & ~(RENAME.NOREPLACE | RENAME.EXCHANGE | RENAME.WHITEOUT)) !== 0) return -E.EINVAL;
  if (exchange && (flags & (RENAME.NOREPLACE | RENAME.WHITEOUT)) !== 0) return -E.EINVAL;
  const fromPath = readPath(task, from);
  if (typeof fromPath === 'number') return fromPath;
  const toPath = readPath(task, to);
  if (typeof toPath === 'number') return toPath;
  const fromStart = startAt(task, fromFd, fromPath);
  if (typeof fromStart === 'number') return fromStart;
  // An empty new name is only seen once the old one was walked.
  const toStart = toPath === '' ? fromStart : startAt(task, toFd, toPath);
  if (typeof toStart === 'number') return toStart;
  return renameAt(fromStart, fromPath, toStart, toPath, flags);
}

function enter(task: Task, dentry: Dentry | number): number {
  if (typeof dentry === 'number') return dentry;
  if (dentry.inode.type !== S.IFDIR) return -E.ENOTDIR;
  const error = permission(dentry, MAY.EXEC, task.process.credentials);
  if (error === 0) contextOf(task).cwd = dentry;
  return error;
}

function chdir(task: Task, args: SyscallArgs): number {
  const path = readPath(task, args.ptr(0));
  if (typeof path === 'number') return path;
  const context = contextOf(task);
  return enter(task, worldOf(task).vfs.walk(context.walkContext(task.process.credentials), path));
}

function fchdir(task: Task, args: SyscallArgs): number {
  const file = anyFileAt(task, args.i32(0));
  return typeof file === 'number' ? file : enter(task, file.dentry);
}

function chroot(task: Task, args: SyscallArgs): number {
  const dentry = lookupAt(task, AT_FDCWD, args.ptr(0), { follow: true });
  if (typeof dentry === 'number') return dentry;
  return dentry.inode.type === S.IFDIR ? -E.EPERM : -E.ENOTDIR;
}

function umask(task: Task, args: SyscallArgs): number {
  const context = contextOf(task);
  const old = context.umask;
  context.umask = args.u32(0) & 0o777;
  return old;
}

const SPECIAL = 'host file systems make no FIFOs, sockets and devices: EPERM';

export const nameSyscalls: readonly SyscallEntry[] = [
  full('mkdir', 'path octal', (task, args) => mkdir(task, AT_FDCWD, args.ptr(0), args.u32(1))),
  full('mkdirat', 'dirfd path octal', (task, args) => mkdir(task, args.i32(0), args.ptr(1), args.u32(2))),
  full('rmdir', 'path', (task, args) => remove(task, AT_FDCWD, args.ptr(0), true)),
  full('unlink', 'path', (task, args) => remove(task, AT_FDCWD, args.ptr(0), false)),
  full('unlinkat', 'dirfd path hex', unlinkat),
  full('rename', 'path path', (task, args) => rename(task, AT_FDCWD, args.ptr(0), AT_FDCWD, args.ptr(1), 0)),
  full('renameat', 'dirfd path dirfd path', (task, args) => rename(task, args.i32(0), args.ptr(1), args.i32(2), args.ptr(3), 0)),
  partial('renameat2', 'dirfd path dirfd path hex', 'no RENAME_WHITEOUT; no RENAME_EXCHANGE on host file systems', (task, args) =>
    rename(task, args.i32(0), args.ptr(1), args.i32(2), args.ptr(3), args.u32(4))),
  full('link', 'path path', (task, args) => link(task, AT_FDCWD, args.ptr(0), AT_FDCWD, args.ptr(1), 0)),
  full('linkat', 'dirfd path dirfd path hex', (task, args) => link(task, args.i32(0), args.ptr(1), args.i32(2), args.ptr(3), args.u32(4))),
  full('symlink', 'string path', (task, args) => symlink(task, args.ptr(0), AT_FDCWD, args.ptr(1))),
  full('symlinkat', 'string dirfd path', (task, args) => symlink(task, args.ptr(0), args.i32(1), args.ptr(2))),
  partial('mknod', 'path octal hex', SPECIAL, (task, args) => mknod(task, AT_FDCWD, args.ptr(0), args.u32(1), args.u32(2))),
  partial('mknodat', 'dirfd path octal hex', SPECIAL, (task, args) => mknod(task, args.i32(0), args.ptr(1), args.u32(2), args.u32(3))),
  full('chdir', 'path', chdir),
  full('fchdir', 'fd', fchdir),
  fixed('chroot', 'path', 'EPERM, as for a process without CAP_SYS_CHROOT', chroot),
  full('umask', 'octal', umask),
];
