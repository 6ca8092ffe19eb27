import { E, RENAME, S } from '@tally86/abi';
import type { ByteString, DirectoryEntry, Inode, NewInode } from '@tally86/core';
import { compareBytes } from '../bytes.ts';
import type { MemoryFileSystem } from './memory-file-system.ts';
import { type LowerInode, MemoryInode } from './memory-inode.ts';

/** What an entry adds to st_size of a directory (mm/shmem.c, BOGO_DIRENT_SIZE). */
const DIRENT_SIZE = 20;

/** A directory. Where its names are kept is for the four methods at the end, which an overlay replaces. */
export class MemoryDirectory extends MemoryInode {
  readonly entries = new Map<ByteString, MemoryInode>();
  /** The sorted view; shared by all readers until something changes. */
  #listing: readonly DirectoryEntry[] | null = null;
  parent: MemoryDirectory;
  /** Removed: nothing can be made in it. */
  #dead = false;

  constructor(fileSystem: MemoryFileSystem, inode: NewInode, parent: MemoryDirectory | null, lower: LowerInode | null = null) {
    super(fileSystem, inode, lower);
    this.parent = parent ?? this;
    if (lower === null) this.nlink = 2;
  }

  override get size(): number {
    return this.lower === null ? (this.entries.size + 2) * DIRENT_SIZE : super.size;
  }

  override lookup(name: ByteString): Inode | number {
    return this.get(name);
  }

  override list(): readonly DirectoryEntry[] | number {
    this.touchAccess();
    return (this.#listing ??= [...this.entries]
      .map(([name, { ino, type }]) => ({ name, ino, type }))
      .sort((a, b) => compareBytes(a.name, b.name)));
  }

  override create(name: ByteString, inode: NewInode): Inode | number {
    const error = this.#mayAdd(name);
    if (error < 0) return error;
    const made = this.fileSystem.make(inode, this);
    if (typeof made === 'number') {
      this.fileSystem.giveName(name);
      return made;
    }
    this.#put(name, made);
    return made;
  }

  createUnnamed(inode: NewInode): Inode | number {
    const made = this.fileSystem.make(inode, this);
    if (typeof made !== 'number') made.nlink = 0;
    return made;
  }

  override link(name: ByteString, inode: Inode): number {
    if (!(inode instanceof MemoryInode) || inode.fileSystem !== this.fileSystem) return -E.EXDEV;
    if (inode.type === S.IFDIR) return -E.EPERM;
    if (!inode.linkable) return -E.ENOENT;
    const error = this.#mayAdd(name);
    if (error < 0) return error;
    inode.nlink += 1;
    inode.touchChanged();
    this.#put(name, inode);
    return 0;
  }

  override unlink(name: ByteString): number {
    const inode = this.get(name);
    if (typeof inode === 'number') return inode;
    if (inode.type === S.IFDIR) return -E.EISDIR;
    this.#take(name, inode);
    inode.dropLink();
    return 0;
  }

  override rmdir(name: ByteString): number {
    const inode = this.get(name);
    if (typeof inode === 'number') return inode;
    if (!(inode instanceof MemoryDirectory)) return -E.ENOTDIR;
    const error = inode.#mustBeEmpty();
    if (error < 0) return error;
    this.#take(name, inode);
    inode.#die();
    return 0;
  }

  /** See {@link FileSystem.rename}. */
  moveTo(name: ByteString, target: MemoryDirectory, newName: ByteString, flags: number): number {
    const inode = this.get(name);
    if (typeof inode === 'number') return inode;
    if (inode instanceof MemoryDirectory && target.#isWithin(inode)) return -E.EINVAL;
    const found = target.get(newName);
    if (typeof found === 'number' && found !== -E.ENOENT) return found;
    const other = typeof found === 'number' ? null : found;
    if ((flags & RENAME.EXCHANGE) !== 0) return this.#exchange(name, inode, target, newName, other);
    if (other !== null && (flags & RENAME.NOREPLACE) !== 0) return -E.EEXIST;
    if (target.#dead) return -E.ENOENT;
    if (other === inode) return 0;
    if (other instanceof MemoryDirectory) {
      if (!(inode instanceof MemoryDirectory)) return -E.EISDIR;
      if (this.#isWithin(other)) return -E.ENOTEMPTY;
      const error = other.#mustBeEmpty();
      if (error < 0) return error;
      target.#take(newName, other);
      other.#die();
    } else if (other !== null) {
      if (inode instanceof MemoryDirectory) return -E.ENOTDIR;
      target.#take(newName, other);
      other.dropLink();
    }
    // A longer name can cost more than the old one gave back; the few bytes are not worth a failure half-way.
    this.#take(name, inode);
    this.fileSystem.forceName(newName);
    target.#put(newName, inode);
    inode.touchChanged();
    return 0;
  }

  #exchange(name: ByteString, inode: MemoryInode, target: MemoryDirectory, newName: ByteString, other: MemoryInode | null): number {
    if (other === null) return -E.ENOENT;
    if (other instanceof MemoryDirectory && this.#isWithin(other)) return -E.EINVAL;
    if (other === inode) return 0;
    this.#unput(name, inode);
    target.#unput(newName, other);
    this.#put(name, other);
    target.#put(newName, inode);
    inode.touchChanged();
    other.touchChanged();
    return 0;
  }

  /** 0 and the name is paid for. */
  #mayAdd(name: ByteString): number {
    const found = this.get(name);
    if (typeof found !== 'number') return -E.EEXIST;
    if (found !== -E.ENOENT) return found;
    if (this.#dead) return -E.ENOENT;
    return this.fileSystem.takeName(name) ? 0 : -E.ENOSPC;
  }

  #mustBeEmpty(): number {
    const count = this.count();
    return count > 0 ? -E.ENOTEMPTY : count;
  }

  #isWithin(ancestor: MemoryDirectory): boolean {
    for (let at: MemoryDirectory = this; ; at = at.parent) {
      if (at === ancestor) return true;
      if (at.parent === at) return false;
    }
  }

  #put(name: ByteString, inode: MemoryInode): void {
    this.setEntry(name, inode);
    if (inode instanceof MemoryDirectory) {
      inode.parent = this;
      this.nlink += 1;
    }
    this.#listing = null;
    this.touchModified();
  }

  #unput(name: ByteString, inode: MemoryInode): void {
    if (inode instanceof MemoryDirectory) this.nlink -= 1;
    this.deleteEntry(name);
    this.#listing = null;
    this.touchModified();
  }

  #take(name: ByteString, inode: MemoryInode): void {
    this.#unput(name, inode);
    this.fileSystem.giveName(name);
  }

  #die(): void {
    this.#dead = true;
    this.parent = this;
    this.touchChanged();
    this.release();
  }

  /** −ENOENT if the name is free. */
  get(name: ByteString): MemoryInode | number {
    return this.entries.get(name) ?? -E.ENOENT;
  }
  /** Number of entries, or −errno. */
  count(): number {
    return this.entries.size;
  }
  setEntry(name: ByteString, inode: MemoryInode): void {
    this.entries.set(name, inode);
  }
  deleteEntry(name: ByteString): void {
    this.entries.delete(name);
  }
}
