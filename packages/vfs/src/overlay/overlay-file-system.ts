import { S } from '@tally86/abi';
import { EmulatorError, type FileSystem, type Inode, type NewInode } from '@tally86/core';
import type { InodeNumber } from '../inode-base.ts';
import { MemoryDirectory } from '../memory/memory-directory.ts';
import { MemoryFile } from '../memory/memory-file.ts';
import { MemoryFileSystem, type MemoryOptions } from '../memory/memory-file-system.ts';
import { type LowerInode, MemoryInode, MemorySymlink } from '../memory/memory-inode.ts';
import { OverlayDirectory } from './overlay-directory.ts';

/** linux/magic.h */
const OVERLAYFS_SUPER_MAGIC = 0x794c_7630;

export interface OverlayOptions extends Pick<MemoryOptions, 'maxBytes' | 'now'> {
  /** Shows where nothing was changed, and is never changed. */
  readonly lower: FileSystem;
}

/**
 * Memory over any file system. An inode object stands over each inode of the lower one; objects that were changed are kept, the
 * others can go and come again. A changed file holds the pages that were written; the rest still comes from below.
 */
export class OverlayFileSystem extends MemoryFileSystem {
  override readonly magic = OVERLAYFS_SUPER_MAGIC;
  readonly #lower: FileSystem;
  readonly #over = new WeakMap<Inode, MemoryInode>();
  readonly #changed = new Set<MemoryInode>();
  #lastUpper = 0;

  constructor(options: OverlayOptions) {
    super({ ...options, type: 'overlay' });
    this.#lower = options.lower;
  }

  override makeRoot(_inode: NewInode): MemoryDirectory {
    const root = this.over(this.#lower.root, null);
    if (!(root instanceof MemoryDirectory)) throw new EmulatorError('E_OPTION', 'the lower file system of an overlay must have a directory as its root');
    return root;
  }

  /** The inode that stands over `below`; −errno. */
  over(below: Inode, parent: MemoryDirectory | null): MemoryInode | number {
    const known = this.#over.get(below);
    if (known !== undefined) return known;
    const attributes = below.getAttributes();
    if (typeof attributes === 'number') return attributes;
    const lower: LowerInode = { inode: below, attributes };
    const made = this.#make(lower, parent);
    if (typeof made !== 'number') this.#over.set(below, made);
    return made;
  }

  #make(lower: LowerInode, parent: MemoryDirectory | null): MemoryInode | number {
    const { mode, uid, gid } = lower.attributes;
    const inode = { mode, uid, gid, rdev: lower.inode.rdev };
    switch (mode & S.IFMT) {
      case S.IFREG: return new MemoryFile(this, inode, lower);
      case S.IFDIR: return new OverlayDirectory(this, inode, parent, lower);
      case S.IFLNK: {
        const target = lower.inode.readlink();
        return typeof target === 'number' ? target : new MemorySymlink(this, { ...inode, target }, lower);
      }
      default: return new MemoryInode(this, inode, lower);
    }
  }

  override makeDirectory(inode: NewInode, parent: MemoryDirectory): MemoryDirectory {
    return new OverlayDirectory(this, inode, parent, null);
  }

  /** Even numbers stand over the lower ones: nothing has to be remembered to find them again. */
  numberOver(lowerIno: number): number {
    return lowerIno * 2;
  }

  override numberFor(lower: LowerInode | null): InodeNumber {
    return lower === null ? (this.#lastUpper += 1) * 2 + 1 : () => this.numberOver(lower.inode.ino);
  }

  override keep(inode: MemoryInode): void {
    this.#changed.add(inode);
  }

}

/** An overlay: `lower` below, memory above. Throws E_OPTION if the lower root is no directory. */
export function createOverlayFileSystem(options: OverlayOptions): FileSystem {
  const fileSystem = new OverlayFileSystem(options);
  void fileSystem.root;
  return fileSystem;
}
