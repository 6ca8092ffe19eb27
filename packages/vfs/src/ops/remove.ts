import { E, RENAME, S } from '@tally86/abi';
import type { ByteString } from '@tally86/core';
import type { DentryNode } from '../tree/dentry.ts';
import { mayDelete, MAY, permission, type AccessIdentity } from '../tree/permission.ts';
import { type LastComponent, PathWalk, type WalkContext } from '../tree/walk.ts';
import { mayCreate } from './create.ts';

/** unlink(2). */
export function unlinkAt(context: WalkContext, path: ByteString): number {
  const walk = new PathWalk(context, path, {});
  const last = walk.toLast();
  if (typeof last === 'number') return last;
  if (last.name === '' || last.name === '.' || last.name === '..') return -E.EISDIR;
  const victim = walk.enter(last);
  if (typeof victim === 'number') return victim;
  if (last.slash) return victim.inode.type === S.IFDIR ? -E.EISDIR : -E.ENOTDIR;
  return removeEntry(last, victim, context, false);
}

/** rmdir(2). */
export function rmdirAt(context: WalkContext, path: ByteString): number {
  const walk = new PathWalk(context, path, {});
  const last = walk.toLast();
  if (typeof last === 'number') return last;
  if (last.name === '..') return -E.ENOTEMPTY;
  if (last.name === '.') return -E.EINVAL;
  if (last.name === '') return -E.EBUSY;
  const victim = walk.enter(last);
  if (typeof victim === 'number') return victim;
  return removeEntry(last, victim, context, true);
}

function removeEntry(last: LastComponent, victim: DentryNode, { who, observer }: WalkContext, asDirectory: boolean): number {
  const { directory, name } = last;
  const error = mayDelete(directory, victim.inode, who);
  if (error < 0) return error;
  const isDirectory = victim.inode.type === S.IFDIR;
  if (isDirectory !== asDirectory) return asDirectory ? -E.ENOTDIR : -E.EISDIR;
  if (isMountPoint(victim, directory)) return -E.EBUSY;
  const result = asDirectory ? directory.inode.rmdir(name) : directory.inode.unlink(name);
  if (result === 0) {
    directory.removed(name);
    observer?.removed(last, victim);
  }
  return result;
}

/** Something is mounted there, or below it: it must stay where it is. */
function isMountPoint(entry: DentryNode, directory: DentryNode): boolean {
  return entry.mount !== directory.mount || (entry.mounts !== null && entry.mounts.size > 0);
}

/** renameat2(2). */
export function renameAt(from: WalkContext, fromPath: ByteString, to: WalkContext, toPath: ByteString, flags: number): number {
  const exchange = (flags & RENAME.EXCHANGE) !== 0;
  if ((flags & ~(RENAME.NOREPLACE | RENAME.EXCHANGE)) !== 0 || (exchange && (flags & RENAME.NOREPLACE) !== 0)) return -E.EINVAL;
  const [fromWalk, toWalk] = [new PathWalk(from, fromPath, {}), new PathWalk(to, toPath, {})];
  const source = fromWalk.toLast();
  if (typeof source === 'number') return source;
  const target = toWalk.toLast();
  if (typeof target === 'number') return target;
  if (source.directory.mount !== target.directory.mount) return -E.EXDEV;
  const isName = (name: ByteString) => name !== '' && name !== '.' && name !== '..';
  if (!isName(source.name)) return -E.EBUSY;
  if (!isName(target.name)) return (flags & RENAME.NOREPLACE) !== 0 ? -E.EEXIST : -E.EBUSY;
  const moving = fromWalk.enter(source);
  if (typeof moving === 'number') return moving;
  const found = toWalk.enter(target);
  if (typeof found === 'number' && found !== -E.ENOENT) return found;
  const other = typeof found === 'number' ? null : found;
  if (other !== null && (flags & RENAME.NOREPLACE) !== 0) return -E.EEXIST;
  if (other === null && exchange) return -E.ENOENT;
  const isDirectory = moving.inode.type === S.IFDIR;
  if (!isDirectory && (source.slash || (!exchange && target.slash))) return -E.ENOTDIR;
  if (exchange && target.slash && other!.inode.type !== S.IFDIR) return -E.ENOTDIR;
  const error = mayRename(source, moving, target, other, from.who, exchange);
  if (error < 0) return error;
  const sameInode = other !== null && other.inode === moving.inode;
  const result = moving.mount.fileSystem.rename(source.directory.inode, source.name, target.directory.inode, target.name, flags);
  if (result < 0 || sameInode) return result;
  if (exchange) source.directory.exchanged(source.name, target.directory, target.name);
  else source.directory.moved(source.name, target.directory, target.name);
  from.observer?.moved(source, target, moving.inode, exchange ? null : (other?.inode ?? null));
  if (exchange) from.observer?.moved(target, source, other!.inode, null);
  return result;
}

function mayRename(source: LastComponent, moving: DentryNode, target: LastComponent, other: DentryNode | null, who: AccessIdentity, exchange: boolean): number {
  if (isMountPoint(moving, source.directory) || (other !== null && isMountPoint(other, target.directory))) return -E.EBUSY;
  if (isBelow(target.directory, moving)) return -E.EINVAL;
  if (other !== null && isBelow(source.directory, other)) return exchange ? -E.EINVAL : -E.ENOTEMPTY;
  let error = mayDelete(source.directory, moving.inode, who);
  if (error < 0) return error;
  error = other === null ? mayCreate(target.directory, who) : mayDelete(target.directory, other.inode, who);
  if (error < 0) return error;
  // A directory that moves gets a new `..`: that is a write to it.
  if (moving.inode.type === S.IFDIR && source.directory !== target.directory) return permission(moving, MAY.WRITE, who);
  return 0;
}

function isBelow(entry: DentryNode, ancestor: DentryNode): boolean {
  for (let at: DentryNode | null = entry; at !== null; at = at.parent) if (at === ancestor) return true;
  return false;
}
