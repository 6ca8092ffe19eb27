import { AT_FDCWD, E, O, PATH_MAX, S } from '@tally86/abi';
import type { ByteString, Dentry } from '@tally86/core';
import type { AccessIdentity, WalkContext } from '@tally86/vfs';
import type { Task } from '../kernel/types.ts';
import type { DescriptorTable } from './descriptor-table.ts';
import type { ProcessFileContext } from './file-context.ts';
import type { OpenFile } from './open-file.ts';
import type { FileWorld } from './world.ts';

/** Descriptors of the task. */
export function tableOf(task: Task): DescriptorTable {
  return task.files as DescriptorTable;
}

/** Root, working directory and umask of the task. */
export function contextOf(task: Task): ProcessFileContext {
  return task.fs as ProcessFileContext;
}

export function worldOf(task: Task): FileWorld {
  return contextOf(task).world;
}

/** The file behind a descriptor; −EBADF, also for one opened with O_PATH. */
export function fileAt(task: Task, fd: number): OpenFile | number {
  const file = tableOf(task).get(fd);
  return file === undefined || (file.flags & O.PATH) !== 0 ? -E.EBADF : file;
}

/** The file behind a descriptor, even of O_PATH; −EBADF. */
export function anyFileAt(task: Task, fd: number): OpenFile | number {
  return tableOf(task).get(fd) ?? -E.EBADF;
}

/** A path argument: −EFAULT, −ENAMETOOLONG. */
export function readPath(task: Task, address: number): ByteString | number {
  return task.user.readString(address, PATH_MAX);
}

/** Where a path relative to `dirfd` starts; −ENOENT for an empty path, −EBADF, −ENOTDIR. */
export function startAt(task: Task, dirfd: number, path: ByteString, who: AccessIdentity = task.process.credentials): WalkContext | number {
  if (path === '') return -E.ENOENT;
  const context = contextOf(task);
  if (dirfd === AT_FDCWD || path[0] === '/') return context.walkContext(who);
  const file = anyFileAt(task, dirfd);
  if (typeof file === 'number') return file;
  if (file.dentry.inode.type !== S.IFDIR) return -E.ENOTDIR;
  return context.walkContext(who, file.dentry);
}

export interface LookupOptions {
  readonly follow: boolean;
  /** AT_EMPTY_PATH: an empty path means the descriptor itself. */
  readonly emptyPath?: boolean;
  /** Whose permissions count; default: the fs ids. */
  readonly who?: AccessIdentity;
}

/** What a path argument leads to, relative to `dirfd`; −errno. */
export function lookupAt(task: Task, dirfd: number, address: number, options: LookupOptions): Dentry | number {
  const path = readPath(task, address);
  if (typeof path === 'number') return path;
  return lookupPath(task, dirfd, path, options);
}

export function lookupPath(task: Task, dirfd: number, path: ByteString, { follow, emptyPath, who }: LookupOptions): Dentry | number {
  if (path === '') {
    if (emptyPath !== true) return -E.ENOENT;
    if (dirfd === AT_FDCWD) return contextOf(task).cwd;
    const file = anyFileAt(task, dirfd);
    return typeof file === 'number' ? file : file.dentry;
  }
  const start = startAt(task, dirfd, path, who);
  return typeof start === 'number' ? start : worldOf(task).vfs.walk(start, path, { follow });
}
