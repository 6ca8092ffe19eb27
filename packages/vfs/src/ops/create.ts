import { E, S } from '@tally86/abi';
import type { ByteString, Dentry, NewInode } from '@tally86/core';
import type { DentryNode } from '../tree/dentry.ts';
import { isNameless } from '../tree/nameless.ts';
import { type AccessIdentity, isInGroup, MAY, permission } from '../tree/permission.ts';
import { type LastComponent, PathWalk, type WalkContext } from '../tree/walk.ts';

/**
 * Makes an inode at a place that a walk found (vfs_create, vfs_mkdir, vfs_mknod, vfs_symlink). The umask is already off the mode.
 * −EEXIST, −EROFS, −EACCES, −ENOENT (removed directory), −ENOSPC.
 */
export function createEntry(last: LastComponent, inode: Omit<NewInode, 'uid' | 'gid'>, { who, observer }: WalkContext): DentryNode | number {
  const { directory, name } = last;
  const error = mayCreate(directory, who);
  if (error < 0) return error;
  const owned = inheritFrom(directory, inode, who);
  if (typeof owned === 'number') return owned;
  const made = directory.inode.create(name, owned);
  if (typeof made === 'number') return made;
  const entry = directory.child(name, made);
  observer?.created(last, made);
  return entry;
}

/** May something be made in this directory? */
export function mayCreate(directory: DentryNode, who: AccessIdentity): number {
  if (directory.deleted) return -E.ENOENT;
  return permission(directory, MAY.WRITE | MAY.EXEC, who);
}

/** Owner and group of a new inode (fs/inode.c, inode_init_owner): a set-group-ID directory passes its group on. */
export function inheritFrom(directory: Dentry, inode: Omit<NewInode, 'uid' | 'gid'>, who: AccessIdentity): NewInode | number {
  const attributes = directory.inode.getAttributes();
  if (typeof attributes === 'number') return attributes;
  let { mode } = inode;
  let gid = who.fsgid;
  if ((attributes.mode & S.ISGID) !== 0) {
    gid = attributes.gid;
    if ((mode & S.IFMT) === S.IFDIR) mode |= S.ISGID;
    else if ((mode & 0o2010) === 0o2010 && who.fsuid !== 0 && !isInGroup(who, gid)) mode &= ~S.ISGID;
  }
  return { ...inode, mode, uid: who.fsuid, gid };
}

/** mkdir, mknod and symlink by path: the type comes with the mode. */
export function createAt(context: WalkContext, path: ByteString, inode: Omit<NewInode, 'uid' | 'gid'>): number {
  const walk = new PathWalk(context, path, {});
  const last = walk.toLast();
  if (typeof last === 'number') return last;
  if (last.name === '' || last.name === '.' || last.name === '..') return -E.EEXIST;
  const existing = walk.enter(last);
  if (typeof existing !== 'number') return -E.EEXIST;
  if (existing !== -E.ENOENT) return existing;
  const type = inode.mode & S.IFMT;
  if (last.slash && type !== S.IFDIR) return -E.ENOENT;
  if ((type === S.IFCHR || type === S.IFBLK) && context.who.fsuid !== 0) return -E.EPERM;
  const made = createEntry(last, inode, context);
  return typeof made === 'number' ? made : 0;
}

/** link(2): one more name for what `existing` stands for. */
export function linkAt(context: WalkContext, existing: Dentry, path: ByteString): number {
  const walk = new PathWalk(context, path, {});
  const last = walk.toLast();
  if (typeof last === 'number') return last;
  if (last.name === '' || last.name === '.' || last.name === '..') return -E.EEXIST;
  const taken = walk.enter(last);
  if (typeof taken !== 'number') return -E.EEXIST;
  if (taken !== -E.ENOENT) return taken;
  if (last.slash) return -E.ENOENT;
  if (last.directory.mount !== existing.mount) return -E.EXDEV;
  const error = mayCreate(last.directory, context.who);
  if (error < 0) return error;
  if (isNameless(existing.inode)) return -E.ENOENT;
  const result = last.directory.inode.link(last.name, existing.inode);
  if (result === 0) context.observer?.linked(last, existing.inode);
  return result;
}
