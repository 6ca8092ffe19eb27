import { AT_FDCWD, AT_FLAG, E, IN, UTIME_NOW, UTIME_OMIT } from '@tally86/abi';
import type { Dentry } from '@tally86/core';
import { setMode, setOwner, setTimes, type TimeChange } from '@tally86/vfs';
import type { Task } from '../kernel/types.ts';
import { anyFileAt, fileAt, lookupAt, worldOf } from '../fs/access.ts';
import { full, partial } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

const opened = (task: Task, fd: number): Dentry | number => {
  const file = fileAt(task, fd);
  return typeof file === 'number' ? file : file.dentry;
};

/** Tells those who watch of a change that went well. */
function told(task: Task, dentry: Dentry, result: number): number {
  if (result === 0) worldOf(task).notify.entry(dentry, IN.ATTRIB);
  return result;
}

function chmod(task: Task, dentry: Dentry | number, mode: number): number {
  if (typeof dentry === 'number') return dentry;
  if (!worldOf(task).seals.mayChangeMode(dentry.inode, mode)) return -E.EPERM;
  return told(task, dentry, setMode(dentry, mode & 0o7777, task.process.credentials));
}

function chown(task: Task, dentry: Dentry | number, uid: number, gid: number): number {
  if (typeof dentry === 'number') return dentry;
  const { credentials } = task.process;
  if (uid === 0xffff_ffff && gid === 0xffff_ffff) return setOwner(dentry, -1, -1, credentials);
  return told(task, dentry, setOwner(dentry, uid === 0xffff_ffff ? -1 : uid, gid === 0xffff_ffff ? -1 : gid, credentials));
}

function fchmodat2(task: Task, args: SyscallArgs): number {
  const flags = args.u32(3);
  if ((flags & ~(AT_FLAG.SYMLINK_NOFOLLOW | AT_FLAG.EMPTY_PATH)) !== 0) return -E.EINVAL;
  const options = { follow: (flags & AT_FLAG.SYMLINK_NOFOLLOW) === 0, emptyPath: (flags & AT_FLAG.EMPTY_PATH) !== 0 };
  return chmod(task, lookupAt(task, args.i32(0), args.ptr(1), options), args.u32(2));
}

function fchownat(task: Task, args: SyscallArgs): number {
  const flags = args.u32(4);
  if ((flags & ~(AT_FLAG.SYMLINK_NOFOLLOW | AT_FLAG.EMPTY_PATH)) !== 0) return -E.EINVAL;
  const options = { follow: (flags & AT_FLAG.SYMLINK_NOFOLLOW) === 0, emptyPath: (flags & AT_FLAG.EMPTY_PATH) !== 0 };
  return chown(task, lookupAt(task, args.i32(0), args.ptr(1), options), args.u32(2), args.u32(3));
}

const NS = 1_000_000_000n;

/** Two times of the guest: NULL is now; −EFAULT, −EINVAL. `unit`: nanoseconds of a fraction. */
function readTimes(task: Task, address: number, isNull: boolean, unit: bigint): TimeChange | number {
  const now = task.kernel.clock.realtime();
  if (isNull) return { atime: now, mtime: now, now: true };
  const view = task.user.view(address, 32);
  if (view === null) return -E.EFAULT;
  const read = (at: number): { kind: 'now' | 'omit' | 'set' | 'bad'; time: bigint } => {
    const [seconds, fraction] = [view.getBigInt64(at, true), view.getBigInt64(at + 8, true)];
    if (unit === 1n && fraction === BigInt(UTIME_NOW)) return { kind: 'now', time: now };
    if (unit === 1n && fraction === BigInt(UTIME_OMIT)) return { kind: 'omit', time: 0n };
    return { kind: fraction < 0n || fraction * unit >= NS ? 'bad' : 'set', time: seconds * NS + fraction * unit };
  };
  const [atime, mtime] = [read(0), read(16)];
  if (atime.kind === 'bad' || mtime.kind === 'bad') return -E.EINVAL;
  return {
    ...(atime.kind === 'omit' ? {} : { atime: atime.time }),
    ...(mtime.kind === 'omit' ? {} : { mtime: mtime.time }),
    now: atime.kind === 'now' && mtime.kind === 'now',
  };
}

/** Sets times of a path, or of the descriptor if there is none. */
function utimes(task: Task, dirfd: number, path: { address: number; isNull: boolean } | null, times: TimeChange | number, flags: number): number {
  if (typeof times === 'number') return times;
  if ((flags & ~(AT_FLAG.SYMLINK_NOFOLLOW | AT_FLAG.EMPTY_PATH)) !== 0) return -E.EINVAL;
  if (path === null || (path.isNull && dirfd !== AT_FDCWD)) {
    if (flags !== 0) return -E.EINVAL;
    const file = fileAt(task, dirfd);
    return typeof file === 'number' ? file : change(task, file.dentry, times);
  }
  const options = { follow: (flags & AT_FLAG.SYMLINK_NOFOLLOW) === 0, emptyPath: (flags & AT_FLAG.EMPTY_PATH) !== 0 };
  const dentry = lookupAt(task, dirfd, path.isNull ? -1 : path.address, options);
  return typeof dentry === 'number' ? dentry : change(task, dentry, times);
}

function change(task: Task, dentry: Dentry, times: TimeChange): number {
  const result = setTimes(dentry, times, task.process.credentials);
  if (result === 0) worldOf(task).notify.timesChanged(dentry, times);
  return result;
}

const pathArg = (args: SyscallArgs, index: number) => ({ address: args.ptr(index), isNull: args.isNull(index) });

/** utime(2): whole seconds. */
function utime(task: Task, args: SyscallArgs): number {
  const now = task.kernel.clock.realtime();
  let times: TimeChange = { atime: now, mtime: now, now: true };
  if (!args.isNull(1)) {
    const view = task.user.view(args.ptr(1), 16);
    if (view === null) return -E.EFAULT;
    times = { atime: view.getBigInt64(0, true) * NS, mtime: view.getBigInt64(8, true) * NS, now: false };
  }
  return utimes(task, AT_FDCWD, pathArg(args, 0), times, 0);
}

/** Names of extended attributes are at most so long (XATTR_NAME_MAX). */
const XATTR_NAME_MAX = 255;

/** What is said of an attribute that nobody keeps. */
function xattr(answer: (name: string) => number, find: (task: Task, args: SyscallArgs) => Dentry | number) {
  return (task: Task, args: SyscallArgs): number => {
    const dentry = find(task, args);
    if (typeof dentry === 'number') return dentry;
    const name = task.user.readString(args.ptr(1), XATTR_NAME_MAX + 1);
    if (name === -E.ENAMETOOLONG || name === '') return -E.ERANGE;
    if (typeof name === 'number') return name;
    if (!/^(user|trusted|security|system)\./.test(name)) return -E.EOPNOTSUPP;
    return answer(name);
  };
}

const byPath = (follow: boolean) => (task: Task, args: SyscallArgs) => lookupAt(task, AT_FDCWD, args.ptr(0), { follow });
const byFd = (task: Task, args: SyscallArgs) => {
  const file = anyFileAt(task, args.i32(0));
  return typeof file === 'number' ? file : file.dentry;
};
const list = (find: (task: Task, args: SyscallArgs) => Dentry | number) => (task: Task, args: SyscallArgs): number => {
  const dentry = find(task, args);
  return typeof dentry === 'number' ? dentry : 0;
};

const absentName = (name: string): number => (name.startsWith('system.') ? -E.EOPNOTSUPP : -E.ENODATA);
const refused = (): number => -E.EOPNOTSUPP;
const NONE = 'no file has extended attributes, and none can be set';

export const attributeSyscalls: readonly SyscallEntry[] = [
  full('chmod', 'path octal', (task, args) => chmod(task, lookupAt(task, AT_FDCWD, args.ptr(0), { follow: true }), args.u32(1))),
  full('fchmod', 'fd octal', (task, args) => chmod(task, opened(task, args.i32(0)), args.u32(1))),
  full('fchmodat', 'dirfd path octal', (task, args) => chmod(task, lookupAt(task, args.i32(0), args.ptr(1), { follow: true }), args.u32(2))),
  full('fchmodat2', 'dirfd path octal hex', fchmodat2),
  full('chown', 'path uint uint', (task, args) => chown(task, lookupAt(task, AT_FDCWD, args.ptr(0), { follow: true }), args.u32(1), args.u32(2))),
  full('lchown', 'path uint uint', (task, args) => chown(task, lookupAt(task, AT_FDCWD, args.ptr(0), { follow: false }), args.u32(1), args.u32(2))),
  full('fchown', 'fd uint uint', (task, args) => chown(task, opened(task, args.i32(0)), args.u32(1), args.u32(2))),
  full('fchownat', 'dirfd path uint uint hex', fchownat),
  full('utime', 'path ptr', utime),
  full('utimes', 'path ptr', (task, args) => utimes(task, AT_FDCWD, pathArg(args, 0), readTimes(task, args.ptr(1), args.isNull(1), 1000n), 0)),
  full('futimesat', 'dirfd path ptr', (task, args) => utimes(task, args.i32(0), pathArg(args, 1), readTimes(task, args.ptr(2), args.isNull(2), 1000n), 0)),
  partial('utimensat', 'dirfd path ptr hex', 'host file systems keep about 200 ns of precision', (task, args) =>
    utimes(task, args.i32(0), pathArg(args, 1), readTimes(task, args.ptr(2), args.isNull(2), 1n), args.u32(3))),
  partial('getxattr', 'path string ptr size', NONE, xattr(absentName, byPath(true))),
  partial('lgetxattr', 'path string ptr size', NONE, xattr(absentName, byPath(false))),
  partial('fgetxattr', 'fd string ptr size', NONE, xattr(absentName, byFd)),
  partial('setxattr', 'path string ptr size hex', NONE, xattr(refused, byPath(true))),
  partial('lsetxattr', 'path string ptr size hex', NONE, xattr(refused, byPath(false))),
  partial('fsetxattr', 'fd string ptr size hex', NONE, xattr(refused, byFd)),
  partial('listxattr', 'path ptr size', NONE, list(byPath(true))),
  partial('llistxattr', 'path ptr size', NONE, list(byPath(false))),
  partial('flistxattr', 'fd ptr size', NONE, list(byFd)),
  partial('removexattr', 'path string', NONE, xattr(absentName, byPath(true))),
  partial('lremovexattr', 'path string', NONE, xattr(absentName, byPath(false))),
  partial('fremovexattr', 'fd string', NONE, xattr(absentName, byFd)),
];
