import { E, S } from '@tally86/abi';
import type { Dentry, Inode, InodeAttributes } from '@tally86/core';

/** Who asks (the fs ids of struct cred). fsuid 0 has CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_CHOWN and CAP_FSETID. */
export interface AccessIdentity {
  readonly fsuid: number;
  readonly fsgid: number;
  readonly groups: readonly number[];
}

export const MAY = { EXEC: 1, WRITE: 2, READ: 4 } as const;

export function isInGroup(who: AccessIdentity, gid: number): boolean {
  return who.fsgid === gid || who.groups.includes(gid);
}

/** 0, −EACCES, or the error of the inode (fs/namei.c, generic_permission). `mask` is of {@link MAY}. */
export function inodePermission(inode: Inode, mask: number, who: AccessIdentity): number {
  const override = who.fsuid === 0;
  if (override && (inode.type === S.IFDIR || (mask & MAY.EXEC) === 0)) return 0;
  const attributes = inode.getAttributes();
  if (typeof attributes === 'number') return attributes;
  return allowed(attributes, mask, who) ? 0 : -E.EACCES;
}

function allowed({ mode, uid, gid }: InodeAttributes, mask: number, who: AccessIdentity): boolean {
  if (who.fsuid === 0) return (mode & 0o111) !== 0;
  const bits = uid === who.fsuid ? mode >> 6 : isInGroup(who, gid) ? mode >> 3 : mode;
  return (bits & mask) === mask;
}

/** As {@link inodePermission}, with what the mount forbids: −EROFS, −EACCES. */
export function permission(dentry: Dentry, mask: number, who: AccessIdentity): number {
  const { inode, mount } = dentry;
  const { type } = inode;
  const stored = type === S.IFREG || type === S.IFDIR || type === S.IFLNK;
  if ((mask & MAY.WRITE) !== 0 && stored && mount.flags.readOnly) return -E.EROFS;
  if ((mask & MAY.EXEC) !== 0 && type === S.IFREG && mount.flags.noExec) return -E.EACCES;
  return inodePermission(inode, mask, who);
}

/** May a name be taken out of this directory (fs/namei.c, may_delete)? The sticky bit protects what others own. */
export function mayDelete(directory: Dentry, victim: Inode, who: AccessIdentity): number {
  const error = permission(directory, MAY.WRITE | MAY.EXEC, who);
  if (error < 0 || who.fsuid === 0) return error;
  const parent = directory.inode.getAttributes();
  if (typeof parent === 'number') return parent;
  if ((parent.mode & S.ISVTX) === 0 || parent.uid === who.fsuid) return 0;
  const attributes = victim.getAttributes();
  if (typeof attributes === 'number') return attributes;
  return attributes.uid === who.fsuid ? 0 : -E.EPERM;
}
