import { E, S } from '@tally86/abi';
import { EmulatorError, type ByteString, type Dentry, type DirectoryEntry, type FileSystem, type Inode, type Mount, type MountFlags } from '@tally86/core';
import { compareBytes, utf8 } from '../bytes.ts';
import { createMemoryFileSystem } from '../memory/memory-file-system.ts';
import { DentryNode, MountNode } from './dentry.ts';
import type { AccessIdentity } from './permission.ts';
import { lookup, PathWalk, type WalkContext, type WalkOptions } from './walk.ts';

/** A file system and where it goes. */
export interface MountSpec {
  /** Absolute path; links on the way are followed. It need not exist: what is missing shows as empty directories. */
  readonly at: string;
  readonly fileSystem: FileSystem;
  /** First column of /proc/mounts. Default: the type of the file system. */
  readonly source?: string;
  readonly flags?: MountFlags;
}

export interface VfsOptions {
  readonly root: FileSystem;
  readonly rootSource?: string;
  readonly rootFlags?: MountFlags;
  /** In order: a later one covers an earlier one. */
  readonly mounts?: readonly MountSpec[];
  /** Absolute path of a directory in which absolute paths are looked for first (`-L` of QEMU's user mode). */
  readonly sysroot?: string;
}

/** The tree of mounted file systems. */
export interface Vfs {
  readonly root: Dentry;
  /** In order of mounting; those without a place are not among them. */
  readonly mounts: readonly Mount[];
  /** Mounts a file system. Throws E_OPTION for a path that is not absolute or cannot be walked. */
  mount(spec: MountSpec): Mount;
  /** A mount that no path leads to: for pipes, anonymous inodes, memory files. */
  mountNowhere(fileSystem: FileSystem): Mount;
  /** An entry on a mount without a place: its name is all that paths show of it. */
  looseEntry(mount: Mount, name: ByteString, inode: Inode): Dentry;
  /** What a path leads to; −errno. Existing things below the sysroot come first. */
  walk(context: WalkContext, path: ByteString, options?: WalkOptions): Dentry | number;
  /** The context in which an absolute path is tried first; null: there is none. */
  sysrootContext(context: WalkContext, path: ByteString): WalkContext | null;
  /** Entries of a directory but `.` and `..`, with the places of mounts, in order of their bytes. */
  list(directory: Dentry): readonly DirectoryEntry[] | number;
  /** The directory above, as `..` leads to. */
  parentOf(directory: Dentry, root: Dentry): Dentry;
}

const SUPERUSER: AccessIdentity = { fsuid: 0, fsgid: 0, groups: [] };

class VfsTree implements Vfs {
  readonly root: DentryNode;
  readonly mounts: MountNode[] = [];
  readonly #devices = new Map<FileSystem, number>();
  #sysroot: DentryNode | null = null;
  /** Stand for directories that a mount needs above it and the tree has not. */
  readonly #scaffolds = new Set<FileSystem>();
  #lastMount = 0;

  constructor(options: VfsOptions) {
    const { root, rootSource, rootFlags, mounts = [], sysroot } = options;
    if (root.root.type !== S.IFDIR) throw new EmulatorError('E_OPTION', 'the root of the tree must be a directory');
    const mount = this.#attach(root, rootSource ?? root.type, rootFlags ?? {}, null, '');
    this.root = mount.root;
    this.mounts.push(mount);
    for (const spec of mounts) this.mount(spec);
    if (sysroot !== undefined) this.#sysroot = this.#sysrootEntry(sysroot);
  }

  mount({ at, fileSystem, source, flags }: MountSpec): Mount {
    if (!at.startsWith('/')) throw new EmulatorError('E_OPTION', `${at}: the place of a mount must be an absolute path`);
    const place = this.#place(utf8(at), at);
    const mount = this.#attach(fileSystem, source ?? fileSystem.type, flags ?? {}, place.directory, place.name);
    (place.directory.mounts ??= new Map()).set(place.name, mount);
    this.mounts.push(mount);
    return mount;
  }

  mountNowhere(fileSystem: FileSystem): Mount {
    return this.#attach(fileSystem, fileSystem.type, {}, null, '');
  }

  looseEntry(mount: Mount, name: ByteString, inode: Inode): Dentry {
    return new DentryNode(mount as MountNode, null, name, inode);
  }

  walk(context: WalkContext, path: ByteString, options: WalkOptions = {}): Dentry | number {
    const first = this.sysrootContext(context, path);
    if (first !== null) {
      const found = new PathWalk(first, path, options).toEnd();
      if (typeof found !== 'number') return found;
    }
    return new PathWalk(context, path, options).toEnd();
  }

  sysrootContext(context: WalkContext, path: ByteString): WalkContext | null {
    if (this.#sysroot === null || path[0] !== '/' || context.root !== this.root) return null;
    return { ...context, root: this.#sysroot };
  }

  list(directory: Dentry): readonly DirectoryEntry[] | number {
    const own = directory.inode.list();
    const { mounts } = directory as DentryNode;
    if (mounts === null || typeof own === 'number') return own;
    const entries = new Map(own.map((entry) => [entry.name, entry]));
    for (const [name, { root }] of mounts) entries.set(name, { name, ino: root.inode.ino, type: root.inode.type });
    return [...entries.values()].sort((a, b) => compareBytes(a.name, b.name));
  }

  parentOf(directory: Dentry, root: Dentry): Dentry {
    if (directory === root) return directory;
    return directory.parent ?? directory.mount.parent ?? directory;
  }

  #attach(fileSystem: FileSystem, source: string, flags: MountFlags, parent: DentryNode | null, name: ByteString): MountNode {
    // Anonymous devices: major 0, minors in order of mounting. The root is 1.
    let device = this.#devices.get(fileSystem);
    if (device === undefined) this.#devices.set(fileSystem, (device = this.#devices.size + 1));
    return new MountNode((this.#lastMount += 1), device, fileSystem, source, flags, parent, name);
  }

  /** Directory and name that a mount goes to, with memory directories where the tree has none. */
  #place(path: ByteString, shown: string): { directory: DentryNode; name: ByteString } {
    const refuse = (errno: number) => new EmulatorError('E_OPTION', `${shown}: cannot be the place of a mount`, { details: { errno: -errno } });
    const found = this.walk(this.#own(), path);
    if (typeof found !== 'number') {
      const entry = found as DentryNode;
      const covered = entry.parent === null ? entry.mount : null;
      if (covered !== null && covered.parent === null) throw refuse(-E.EBUSY);
      return covered === null ? { directory: entry.parent!, name: entry.name } : { directory: covered.parent!, name: covered.name };
    }
    if (found !== -E.ENOENT) throw refuse(found);
    const last = new PathWalk(this.#own(), path, {}).toLast();
    if (typeof last !== 'number') return last;
    if (last !== -E.ENOENT) throw refuse(last);
    // The directory above is missing too.
    const above = this.#place(path.replace(/\/+[^/]+\/*$/, ''), shown);
    if (this.#scaffolds.has(above.directory.mount.fileSystem)) {
      above.directory.inode.create(above.name, { mode: S.IFDIR | 0o755, uid: 0, gid: 0 });
    } else {
      const fileSystem = createMemoryFileSystem();
      this.#scaffolds.add(fileSystem);
      const mount = this.#attach(fileSystem, fileSystem.type, {}, above.directory, above.name);
      (above.directory.mounts ??= new Map()).set(above.name, mount);
      this.mounts.push(mount);
    }
    return this.#place(path, shown);
  }

  #sysrootEntry(path: string): DentryNode {
    const found = new PathWalk(this.#own(), utf8(path), {}).toEnd();
    if (typeof found === 'number' || found.inode.type !== S.IFDIR) throw new EmulatorError('E_OPTION', `${path}: no such directory`);
    return found;
  }

  #own(): WalkContext {
    return { root: this.root, cwd: this.root, who: SUPERUSER };
  }
}

/** A tree from a root file system and what is mounted in it. Throws E_OPTION for places that cannot be. */
export function createVfs(options: VfsOptions): Vfs {
  return new VfsTree(options);
}

/** A name in a directory as a walk would find it; −ENOENT. */
export function lookupName(directory: Dentry, name: ByteString): Dentry | number {
  return lookup(directory as DentryNode, name);
}
