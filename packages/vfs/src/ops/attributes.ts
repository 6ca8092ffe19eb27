import { E, S } from '@tally86/abi';
import type { Dentry, Timestamp } from '@tally86/core';
import { type AccessIdentity, isInGroup, MAY, permission } from '../tree/permission.ts';

/** chmod(2): −EPERM for anybody but the owner, −EROFS, −EOPNOTSUPP for a link. */
export function setMode(dentry: Dentry, mode: number, who: AccessIdentity): number {
  if (dentry.mount.flags.readOnly) return -E.EROFS;
  const attributes = dentry.inode.getAttributes();
  if (typeof attributes === 'number') return attributes;
  if (dentry.inode.type === S.IFLNK) return -E.EOPNOTSUPP;
  if (who.fsuid !== 0 && who.fsuid !== attributes.uid) return -E.EPERM;
  const keepsGroupBit = who.fsuid === 0 || isInGroup(who, attributes.gid);
  return dentry.inode.setAttributes({ mode: mode & (keepsGroupBit ? 0o7777 : 0o5777) });
}

/** chown(2); −1 leaves an id as it is. Set-user-ID and set-group-ID bits of anything but a directory go. */
export function setOwner(dentry: Dentry, uid: number, gid: number, who: AccessIdentity): number {
  if (dentry.mount.flags.readOnly) return -E.EROFS;
  const attributes = dentry.inode.getAttributes();
  if (typeof attributes === 'number') return attributes;
  if (who.fsuid !== 0) {
    if (uid !== -1 && (who.fsuid !== attributes.uid || uid !== attributes.uid)) return -E.EPERM;
    if (gid !== -1 && (who.fsuid !== attributes.uid || !(gid === attributes.gid || isInGroup(who, gid)))) return -E.EPERM;
  }
  const { mode } = attributes;
  const clear = dentry.inode.type === S.IFDIR ? 0 : S.ISUID | ((mode & 0o2010) === 0o2010 ? S.ISGID : 0);
  return dentry.inode.setAttributes({
    ...(uid === -1 ? {} : { uid }),
    ...(gid === -1 ? {} : { gid }),
    ...((mode & clear) === 0 ? {} : { mode: mode & 0o7777 & ~clear }),
  });
}

/** Times to set; an absent one stays. `now`: both were asked to be the present, which a writer may do too. */
export interface TimeChange {
  readonly atime?: Timestamp;
  readonly mtime?: Timestamp;
  readonly now: boolean;
}

/** utimensat(2): −EPERM or −EACCES for strangers, −EROFS. */
export function setTimes(dentry: Dentry, { atime, mtime, now }: TimeChange, who: AccessIdentity): number {
  if (dentry.mount.flags.readOnly) return -E.EROFS;
  if (atime === undefined && mtime === undefined) return 0;
  const attributes = dentry.inode.getAttributes();
  if (typeof attributes === 'number') return attributes;
  if (who.fsuid !== 0 && who.fsuid !== attributes.uid) {
    if (!now) return -E.EPERM;
    const error = permission(dentry, MAY.WRITE, who);
    if (error < 0) return error;
  }
  return dentry.inode.setAttributes({ ...(atime === undefined ? {} : { atime }), ...(mtime === undefined ? {} : { mtime }) });
}
