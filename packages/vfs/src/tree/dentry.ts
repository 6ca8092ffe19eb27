import type { ByteString, Dentry, FileSystem, Inode, Mount, MountFlags } from '@tally86/core';

/**
 * A name in the tree. Parents are held, children only as long as somebody else holds them: an entry carries identity
 * (which path a descriptor has, after renames too) and is no cache of the file system, which is asked at every walk.
 */
export class DentryNode implements Dentry {
  readonly mount: MountNode;
  parent: DentryNode | null;
  name: ByteString;
  readonly inode: Inode;
  deleted = false;
  /** Mounts on names below this directory, whether the file system has the name or not. */
  mounts: Map<ByteString, MountNode> | null = null;
  #children: Map<ByteString, WeakRef<DentryNode>> | null = null;

  constructor(mount: MountNode, parent: DentryNode | null, name: ByteString, inode: Inode) {
    this.mount = mount;
    this.parent = parent;
    this.name = name;
    this.inode = inode;
  }

  /** The entry of a name that was just found to be `inode`. */
  child(name: ByteString, inode: Inode): DentryNode {
    const known = this.#children?.get(name)?.deref();
    if (known !== undefined) {
      if (known.inode === inode) return known;
      known.deleted = true;
    }
    const made = new DentryNode(this.mount, this, name, inode);
    this.#adopt(made);
    return made;
  }

  /** An entry for what has no name here (O_TMPFILE). */
  unnamed(shown: ByteString, inode: Inode): DentryNode {
    const made = new DentryNode(this.mount, this, shown, inode);
    made.deleted = true;
    return made;
  }

  /** The name is gone. */
  removed(name: ByteString): void {
    const known = this.#children?.get(name)?.deref();
    if (known !== undefined) known.deleted = true;
    this.#children?.delete(name);
  }

  /** The name went to `target`, over what was there. */
  moved(name: ByteString, target: DentryNode, newName: ByteString): void {
    const known = this.#children?.get(name)?.deref();
    this.#children?.delete(name);
    target.removed(newName);
    if (known === undefined) return;
    known.parent = target;
    known.name = newName;
    target.#adopt(known);
  }

  exchanged(name: ByteString, target: DentryNode, newName: ByteString): void {
    const mine = this.#children?.get(name)?.deref();
    const theirs = target.#children?.get(newName)?.deref();
    this.#children?.delete(name);
    target.#children?.delete(newName);
    if (mine !== undefined) {
      mine.parent = target;
      mine.name = newName;
      target.#adopt(mine);
    }
    if (theirs !== undefined) {
      theirs.parent = this;
      theirs.name = name;
      this.#adopt(theirs);
    }
  }

  #adopt(child: DentryNode): void {
    (this.#children ??= new Map()).set(child.name, new WeakRef(child));
    collected.register(child, { directory: new WeakRef(this), name: child.name });
  }

  #sweep(name: ByteString): void {
    if (this.#children?.get(name)?.deref() === undefined) this.#children?.delete(name);
  }

  static sweep(directory: DentryNode | undefined, name: ByteString): void {
    if (directory !== undefined) directory.#sweep(name);
  }
}

/** Takes the entry of a collected child out of its directory. */
const collected = new FinalizationRegistry<{ directory: WeakRef<DentryNode>; name: ByteString }>(({ directory, name }) => {
  DentryNode.sweep(directory.deref(), name);
});

export class MountNode implements Mount {
  readonly id: number;
  readonly fileSystem: FileSystem;
  readonly device: number;
  readonly source: string;
  readonly flags: MountFlags;
  readonly root: DentryNode;
  readonly parent: DentryNode | null;
  readonly name: ByteString;

  constructor(id: number, device: number, fileSystem: FileSystem, source: string, flags: MountFlags, parent: DentryNode | null, name: ByteString) {
    this.id = id;
    this.device = device;
    this.fileSystem = fileSystem;
    this.source = source;
    this.flags = flags;
    this.parent = parent;
    this.name = name;
    this.root = new DentryNode(this, null, '', fileSystem.root);
  }
}
