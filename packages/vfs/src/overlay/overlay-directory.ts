import { E } from '@tally86/abi';
import type { ByteString, DirectoryEntry, NewInode } from '@tally86/core';
import { compareBytes } from '../bytes.ts';
import { MemoryDirectory } from '../memory/memory-directory.ts';
import type { LowerInode, MemoryInode } from '../memory/memory-inode.ts';
import type { OverlayFileSystem } from './overlay-file-system.ts';

/** A directory that shows the names of the one below it, but for those that were changed here. */
export class OverlayDirectory extends MemoryDirectory {
  readonly #overlay: OverlayFileSystem;
  /** Names of the lower directory that do not show any more. */
  readonly #whiteouts = new Set<ByteString>();

  constructor(fileSystem: OverlayFileSystem, inode: NewInode, parent: MemoryDirectory | null, lower: LowerInode | null) {
    super(fileSystem, inode, parent, lower);
    this.#overlay = fileSystem;
  }

  override get(name: ByteString): MemoryInode | number {
    const own = this.entries.get(name);
    if (own !== undefined) return own;
    if (this.lower === null || this.#whiteouts.has(name)) return -E.ENOENT;
    const below = this.lower.inode.lookup(name);
    return typeof below === 'number' ? below : this.#overlay.over(below, this);
  }

  override list(): readonly DirectoryEntry[] | number {
    const own = super.list();
    if (this.lower === null || typeof own === 'number') return own;
    const below = this.lower.inode.list();
    if (typeof below === 'number') return below;
    const shown = below
      .filter(({ name }) => !this.#whiteouts.has(name) && !this.entries.has(name))
      .map(({ name, ino, type }) => ({ name, ino: this.#overlay.numberOver(ino), type }));
    return own.length === 0 ? shown : [...own, ...shown].sort((a, b) => compareBytes(a.name, b.name));
  }

  override count(): number {
    const all = this.list();
    return typeof all === 'number' ? all : all.length;
  }

  override setEntry(name: ByteString, inode: MemoryInode): void {
    this.#uncover(name);
    super.setEntry(name, inode);
  }

  override deleteEntry(name: ByteString): void {
    super.deleteEntry(name);
    if (this.lower === null) return;
    if (typeof this.lower.inode.lookup(name) === 'number') return;
    this.#whiteouts.add(name);
    this.fileSystem.forceName(name);
  }

  /** An own entry hides what is below just as a whiteout does. */
  #uncover(name: ByteString): void {
    if (this.#whiteouts.delete(name)) this.fileSystem.giveName(name);
  }
}
