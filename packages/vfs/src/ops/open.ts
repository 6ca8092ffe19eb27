import { E, O, S } from '@tally86/abi';
import type { ByteString, Dentry } from '@tally86/core';
import type { DentryNode } from '../tree/dentry.ts';
import { keepNameless } from '../tree/nameless.ts';
import { type AccessIdentity, MAY, permission } from '../tree/permission.ts';
import type { Vfs } from '../tree/vfs.ts';
import { PathWalk, type WalkContext, type WalkOptions } from '../tree/walk.ts';
import { createEntry, inheritFrom } from './create.ts';

/** What open(2) found or made. The caller opens the inode and does O_TRUNC. */
export interface OpenedPath {
  readonly dentry: Dentry;
  readonly created: boolean;
}

/**
 * The part of open(2) that deals with names (fs/namei.c, path_openat): O_CREAT, O_EXCL, O_NOFOLLOW, O_DIRECTORY, O_TMPFILE, O_PATH, and
 * permission for the access mode. The umask is already off `mode`.
 */
export function openAt(vfs: Vfs, context: WalkContext, path: ByteString, flags: number, mode: number, options: WalkOptions = {}): OpenedPath | number {
  const first = vfs.sysrootContext(context, path);
  if (first !== null) {
    const found = openPath(new PathWalk(first, path, options), context, flags & ~O.CREAT, mode);
    if (typeof found !== 'number') return (flags & (O.CREAT | O.EXCL)) === (O.CREAT | O.EXCL) ? -E.EEXIST : found;
  }
  return openPath(new PathWalk(context, path, options), context, flags, mode);
}

function openPath(walk: PathWalk, context: WalkContext, flags: number, mode: number): OpenedPath | number {
  const { who } = context;
  const exclusive = (flags & (O.CREAT | O.EXCL)) === (O.CREAT | O.EXCL);
  const follow = (flags & O.NOFOLLOW) === 0 && !exclusive;
  for (;;) {
    const last = walk.toLast();
    if (typeof last === 'number') return last;
    // A slash behind the name of what is to be made can only mean a directory, and open makes none.
    if ((flags & O.CREAT) !== 0 && last.slash) return -E.EISDIR;
    const found = walk.enter(last);
    if (found === -E.ENOENT && (flags & O.CREAT) !== 0) {
      const made = createEntry(last, { mode: S.IFREG | (mode & 0o7777) }, context);
      return typeof made === 'number' ? made : { dentry: made, created: true };
    }
    if (typeof found === 'number') return found;
    if (exclusive) return -E.EEXIST;
    if (found.inode.type !== S.IFLNK || (!follow && !last.slash)) return openFound(found, last.slash, who, flags, mode);
    const jumped = walk.followLink(found, last.slash);
    if (typeof jumped !== 'number') return openFound(jumped, last.slash, who, flags, mode);
    if (jumped < 0) return jumped;
  }
}

function openFound(dentry: DentryNode, slash: boolean, who: AccessIdentity, flags: number, mode: number): OpenedPath | number {
  const { type } = dentry.inode;
  const temporary = (flags & O.TMPFILE) === O.TMPFILE;
  if ((slash || (flags & O.DIRECTORY) !== 0) && type !== S.IFDIR) return -E.ENOTDIR;
  if ((flags & O.PATH) !== 0) return { dentry, created: false };
  if (temporary) return openUnnamed(dentry, who, flags, mode);
  const access = accessMask(flags);
  if (type === S.IFLNK) return -E.ELOOP;
  if (type === S.IFDIR && ((access & MAY.WRITE) !== 0 || (flags & O.CREAT) !== 0)) return -E.EISDIR;
  if ((type === S.IFCHR || type === S.IFBLK) && dentry.mount.flags.noDev) return -E.EACCES;
  if (type === S.IFSOCK) return -E.ENXIO;
  const error = permission(dentry, access, who);
  if (error < 0) return error;
  if ((flags & O.NOATIME) !== 0 && who.fsuid !== 0) {
    const attributes = dentry.inode.getAttributes();
    if (typeof attributes === 'number') return attributes;
    if (attributes.uid !== who.fsuid) return -E.EPERM;
  }
  return { dentry, created: false };
}

function openUnnamed(directory: DentryNode, who: AccessIdentity, flags: number, mode: number): OpenedPath | number {
  const error = permission(directory, MAY.WRITE | MAY.EXEC, who);
  if (error < 0) return error;
  if (directory.inode.createUnnamed === undefined) return -E.EOPNOTSUPP;
  const owned = inheritFrom(directory, { mode: S.IFREG | (mode & 0o7777) }, who);
  if (typeof owned === 'number') return owned;
  const inode = directory.inode.createUnnamed(owned);
  if (typeof inode === 'number') return inode;
  if ((flags & O.EXCL) !== 0) keepNameless(inode);
  // Hung below the directory without being one of its names: link(2) through the descriptor needs the mount.
  const dentry = directory.unnamed(`#${inode.ino}`, inode);
  return { dentry, created: true };
}

/** Permissions that an access mode (and O_TRUNC) asks for. Mode 3 is for ioctl only and asks for both. */
export function accessMask(flags: number): number {
  const mask = [MAY.READ, MAY.WRITE, MAY.READ | MAY.WRITE, MAY.READ | MAY.WRITE][flags & O.ACCMODE]!;
  return (flags & O.TRUNC) !== 0 ? mask | MAY.WRITE : mask;
}
