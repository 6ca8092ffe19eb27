import { ACCESS, AT_FDCWD, AT_FLAG, E, S } from '@tally86/abi';
import type { Dentry } from '@tally86/core';
import { bytesOf, pathOf, permission } from '@tally86/vfs';
import type { Task } from '../kernel/types.ts';
import { anyFileAt, contextOf, lookupAt, lookupPath, readPath } from '../fs/access.ts';
import { packStat, packStatfs, packStatx } from '../fs/stat.ts';
import { full } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

function putStat(task: Task, dentry: Dentry | number, address: number): number {
  if (typeof dentry === 'number') return dentry;
  const attributes = dentry.inode.getAttributes();
  if (typeof attributes === 'number') return attributes;
  return task.user.write(address, packStat(dentry, attributes)) ? 0 : -E.EFAULT;
}

const descriptor = (task: Task, fd: number): Dentry | number => {
  const file = anyFileAt(task, fd);
  return typeof file === 'number' ? file : file.dentry;
};

function newfstatat(task: Task, args: SyscallArgs): number {
  const flags = args.u32(3);
  if ((flags & ~(AT_FLAG.SYMLINK_NOFOLLOW | AT_FLAG.NO_AUTOMOUNT | AT_FLAG.EMPTY_PATH)) !== 0) return -E.EINVAL;
  const options = { follow: (flags & AT_FLAG.SYMLINK_NOFOLLOW) === 0, emptyPath: (flags & AT_FLAG.EMPTY_PATH) !== 0 };
  return putStat(task, lookupAt(task, args.i32(0), args.ptr(1), options), args.ptr(2));
}

function statx(task: Task, args: SyscallArgs): number {
  const [flags, mask] = [args.u32(2), args.u32(3)];
  const SYNC = AT_FLAG.STATX_FORCE_SYNC | AT_FLAG.STATX_DONT_SYNC;
  if (mask >= 0x8000_0000 || (flags & SYNC) === SYNC) return -E.EINVAL;
  if ((flags & ~(AT_FLAG.SYMLINK_NOFOLLOW | AT_FLAG.NO_AUTOMOUNT | AT_FLAG.EMPTY_PATH | SYNC)) !== 0) return -E.EINVAL;
  const options = { follow: (flags & AT_FLAG.SYMLINK_NOFOLLOW) === 0, emptyPath: (flags & AT_FLAG.EMPTY_PATH) !== 0 };
  const dentry = lookupAt(task, args.i32(0), args.ptr(1), options);
  if (typeof dentry === 'number') return dentry;
  const attributes = dentry.inode.getAttributes();
  if (typeof attributes === 'number') return attributes;
  return task.user.write(args.ptr(4), packStatx(dentry, attributes)) ? 0 : -E.EFAULT;
}

function access(task: Task, dirfd: number, address: number, mode: number, flags: number): number {
  if ((mode & ~7) !== 0) return -E.EINVAL;
  if ((flags & ~(AT_FLAG.EACCESS | AT_FLAG.SYMLINK_NOFOLLOW | AT_FLAG.EMPTY_PATH)) !== 0) return -E.EINVAL;
  const { credentials } = task.process;
  // The real ids decide, also about the directories on the way.
  const who = (flags & AT_FLAG.EACCESS) !== 0 ? credentials : { fsuid: credentials.uid, fsgid: credentials.gid, groups: credentials.groups };
  const options = { follow: (flags & AT_FLAG.SYMLINK_NOFOLLOW) === 0, emptyPath: (flags & AT_FLAG.EMPTY_PATH) !== 0, who };
  const dentry = lookupAt(task, dirfd, address, options);
  if (typeof dentry === 'number') return dentry;
  return mode === ACCESS.F_OK ? 0 : permission(dentry, mode, who);
}

function readlink(task: Task, dirfd: number, address: number, buffer: number, size: number): number {
  if (size <= 0) return -E.EINVAL;
  const path = readPath(task, address);
  if (typeof path === 'number') return path;
  const dentry = lookupPath(task, dirfd, path, { follow: false, emptyPath: true });
  if (typeof dentry === 'number') return dentry;
  // An empty path is for descriptors of links; anything else is not there.
  if (dentry.inode.type !== S.IFLNK) return path === '' ? -E.ENOENT : -E.EINVAL;
  const text = dentry.inode.readlink();
  if (typeof text === 'number') return text;
  const bytes = bytesOf(text).subarray(0, size);
  return task.user.write(buffer, bytes) ? bytes.length : -E.EFAULT;
}

function getcwd(task: Task, args: SyscallArgs): number {
  const { cwd, root } = contextOf(task);
  if (cwd.deleted) return -E.ENOENT;
  const bytes = bytesOf(`${pathOf(cwd, root)}\0`);
  if (bytes.length > args.size(1)) return -E.ERANGE;
  return task.user.write(args.ptr(0), bytes) ? bytes.length : -E.EFAULT;
}

function putStatfs(task: Task, dentry: Dentry | number, address: number): number {
  if (typeof dentry === 'number') return dentry;
  const status = dentry.inode.fileSystem.status();
  if (typeof status === 'number') return status;
  return task.user.write(address, packStatfs(dentry, status)) ? 0 : -E.EFAULT;
}

export const statSyscalls: readonly SyscallEntry[] = [
  full('stat', 'path ptr', (task, args) => putStat(task, lookupAt(task, AT_FDCWD, args.ptr(0), { follow: true }), args.ptr(1))),
  full('lstat', 'path ptr', (task, args) => putStat(task, lookupAt(task, AT_FDCWD, args.ptr(0), { follow: false }), args.ptr(1))),
  full('fstat', 'fd ptr', (task, args) => putStat(task, descriptor(task, args.i32(0)), args.ptr(1))),
  full('newfstatat', 'dirfd path ptr hex', newfstatat),
  full('statx', 'dirfd path hex hex ptr', statx),
  full('access', 'path octal', (task, args) => access(task, AT_FDCWD, args.ptr(0), args.u32(1), 0)),
  full('faccessat', 'dirfd path octal', (task, args) => access(task, args.i32(0), args.ptr(1), args.u32(2), 0)),
  full('faccessat2', 'dirfd path octal hex', (task, args) => access(task, args.i32(0), args.ptr(1), args.u32(2), args.u32(3))),
  full('readlink', 'path ptr size', (task, args) => readlink(task, AT_FDCWD, args.ptr(0), args.ptr(1), args.i32(2))),
  full('readlinkat', 'dirfd path ptr size', (task, args) => readlink(task, args.i32(0), args.ptr(1), args.ptr(2), args.i32(3))),
  full('getcwd', 'ptr size', getcwd),
  full('statfs', 'path ptr', (task, args) => putStatfs(task, lookupAt(task, AT_FDCWD, args.ptr(0), { follow: true }), args.ptr(1))),
  full('fstatfs', 'fd ptr', (task, args) => putStatfs(task, descriptor(task, args.i32(0)), args.ptr(1))),
];
