import { E, O, S } from '@tally86/abi';
import { type ByteString, type Dentry, type DirectoryEntry, EmulatorError, type FileSystem, type Inode, type InodeAttributes, type OpenNode } from '@tally86/core';
import { bytesOf, compareBytes, InodeBase } from '@tally86/vfs';
import type { Kernel } from '../kernel/types.ts';

/** What all inodes of one /proc know. */
export interface ProcSuper extends FileSystem {
  readonly kernel: Kernel;
  nextIno(): number;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What every inode of /proc has. */
export abstract class ProcInode extends InodeBase {
  override readonly fileSystem: ProcSuper;
  readonly mode: number;
  readonly owner: () => Owner;

  constructor(fileSystem: ProcSuper, mode: number, owner: () => Owner) {
    super(fileSystem, fileSystem.nextIno(), mode & S.IFMT);
    this.fileSystem = fileSystem;
    this.mode = mode;
    this.owner = owner;
  }

  getAttributes(): InodeAttributes {
    const time = this.fileSystem.kernel.clock.realtime();
    const nlink = this.type === S.IFDIR ? 2 : 1;
    return { mode: this.mode, nlink, ...this.owner(), size: 0, blocks: 0, blockSize: 1024, atime: time, mtime: time, ctime: time, btime: time };
  }
}

/** Nothing of it is stored: it has no size, and no space that could be changed. */
export const NO_SPACE: Omit<OpenNode, 'read' | 'write'> = {
  size: () => 0,
  truncate: () => 0,
  allocate: () => -E.EOPNOTSUPP,
  seekData: () => -E.ENXIO,
  seekHole: () => -E.ENXIO,
  sync: () => -E.EINVAL,
  close() {},
};

/** A file whose content is made when it is opened: the guest sees one moment however it reads. */
export class ProcFile extends ProcInode {
  readonly #read: () => ByteString | Uint8Array | number;
  readonly #write: ((bytes: Uint8Array) => number) | null;

  constructor(fileSystem: ProcSuper, mode: number, owner: () => Owner, read: () => ByteString | Uint8Array | number, write: ((bytes: Uint8Array) => number) | null) {
    super(fileSystem, S.IFREG | mode, owner);
    this.#read = read;
    this.#write = write;
  }

  override open(accessMode: number): OpenNode | number {
    if ((accessMode & O.ACCMODE) !== O.RDONLY && this.#write === null) return -E.EACCES;
    const made = this.#read();
    if (typeof made === 'number') return made;
    const content = typeof made === 'string' ? bytesOf(made) : made;
    return {
      ...NO_SPACE,
      read(offset, into) {
        const piece = content.subarray(Math.min(offset, content.length), Math.min(offset + into.length, content.length));
        into.set(piece);
        return piece.length;
      },
      write: (_offset, from) => this.#write?.(from) ?? -E.EIO,
    };
  }
}

/** A link with a text that depends on who looks, or that jumps to an object. */
export class ProcLink extends ProcInode {
  readonly #text: () => ByteString | number;

  constructor(fileSystem: ProcSuper, owner: () => Owner, text: () => ByteString | number, target: (() => Dentry | number) | null) {
    super(fileSystem, S.IFLNK | 0o777, owner);
    this.#text = text;
    if (target !== null) this.jump = target;
  }

  jump?: () => Dentry | number;

  override readlink(): ByteString | number {
    return this.#text();
  }
}

/** What a directory of /proc holds: names that are always there, and those that come and go. */
export interface ProcContent {
  readonly entries?: Readonly<Record<ByteString, (directory: ProcDirectory) => Inode>>;
  /** Names now, and the inode of one; undefined if there is none. */
  readonly names?: () => readonly { readonly name: ByteString; readonly type: number }[];
  readonly find?: (directory: ProcDirectory, name: ByteString) => Inode | undefined;
}

/** A directory of /proc. Inodes are made at the first look and kept. */
export class ProcDirectory extends ProcInode {
  readonly #content: ProcContent;
  readonly #made = new Map<ByteString, Inode>();

  constructor(fileSystem: ProcSuper, owner: () => Owner, content: ProcContent, mode = 0o555) {
    super(fileSystem, S.IFDIR | mode, owner);
    this.#content = content;
  }

  override lookup(name: ByteString): Inode | number {
    const { entries, find } = this.#content;
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    if (entries !== undefined && Object.hasOwn(entries, name)) {
      const made = entries[name]!(this);
      this.#made.set(name, made);
      return made;
    }
    return find?.(this, name) ?? -E.ENOENT;
  }

  override list(): readonly DirectoryEntry[] {
    const fixed = Object.keys(this.#content.entries ?? {}).map((name) => ({ name, inode: this.lookup(name) }));
    const listed: DirectoryEntry[] = [];
    for (const { name, inode } of fixed) if (typeof inode !== 'number') listed.push({ name, ino: inode.ino, type: inode.type });
    for (const { name, type } of this.#content.names?.() ?? []) {
      const inode = this.lookup(name);
      if (typeof inode !== 'number') listed.push({ name, ino: inode.ino, type });
    }
    return listed.sort((a, b) => compareBytes(a.name, b.name));
  }

  /** A text file, owned as the directory. */
  makeFile(read: () => ByteString | Uint8Array | number, mode = 0o444, write: ((bytes: Uint8Array) => number) | null = null): Inode {
    return new ProcFile(this.fileSystem, mode, this.owner, read, write);
  }
  makeLink(text: () => ByteString | number, target: (() => Dentry | number) | null = null): Inode {
    return new ProcLink(this.fileSystem, this.owner, text, target);
  }
  makeDirectory(content: ProcContent): ProcDirectory {
    return new ProcDirectory(this.fileSystem, this.owner, content);
  }
}

/** The kernel, once the machine is put together. */
export function boundKernel(kernel: Kernel | null): Kernel {
  if (kernel === null) throw new EmulatorError('E_STATE', '/proc has no kernel yet: call bind first');
  return kernel;
}
