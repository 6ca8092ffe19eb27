import { E, O, S } from '@tally86/abi';
import type { ByteString, Dentry } from '@tally86/core';
import { MAY, permission, type AccessIdentity, type WalkContext } from '@tally86/vfs';
import type { FileContext, ImageFile } from '../kernel/file-seam.ts';
import type { ControllingTerminal } from '../tty/controlling.ts';
import type { FileWorld } from './world.ts';

/** Root, working directory and umask of a process (struct fs_struct). */
export class ProcessFileContext implements FileContext {
  readonly world: FileWorld;
  root: Dentry;
  cwd: Dentry;
  umask: number;

  constructor(world: FileWorld, root: Dentry, cwd: Dentry, umask: number) {
    this.world = world;
    this.root = root;
    this.cwd = cwd;
    this.umask = umask;
  }

  get hostTerminal(): ControllingTerminal | null {
    return this.world.terminal;
  }

  walkContext(who: AccessIdentity, cwd: Dentry = this.cwd): WalkContext {
    return { root: this.root, cwd, who, observer: this.world.notify };
  }

  openImage(path: ByteString): ImageFile | number {
    const { world } = this;
    const who = world.kernel.current.process.credentials;
    const dentry = world.vfs.walk(this.walkContext(who), path);
    if (typeof dentry === 'number') return dentry;
    return openImageAt(world, dentry, who);
  }

  fork(): ProcessFileContext {
    return new ProcessFileContext(this.world, this.root, this.cwd, this.umask);
  }
}

/** Opens what a walk found for execution: −EACCES for what is no regular file or may not be executed. */
export function openImageAt(world: FileWorld, dentry: Dentry, who: AccessIdentity): ImageFile | number {
  const { inode, mount } = dentry;
  if (inode.type === S.IFLNK) return -E.ELOOP;
  if (inode.type !== S.IFREG) return -E.EACCES;
  const denied = permission(dentry, MAY.EXEC, who);
  if (denied < 0) return denied;
  const attributes = inode.getAttributes();
  if (typeof attributes === 'number') return attributes;
  // The kernel may read what its caller may only execute; the host may not let us.
  const node = inode.open(O.RDONLY);
  if (typeof node === 'number') return node;
  const mappable = world.willMap(inode);
  if (mappable === null) {
    node.close();
    return -E.EACCES;
  }
  return {
    path: world.pathOf(dentry),
    device: mount.device,
    inode: inode.ino,
    mode: attributes.mode,
    uid: attributes.uid,
    gid: attributes.gid,
    size: () => node.size(),
    read: (offset, into) => node.read(offset, into),
    mappable,
    release: () => node.close(),
  };
}
