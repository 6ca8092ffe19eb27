import { E, SEEK, S } from '@tally86/abi';
import type { DirectoryEntry } from '@tally86/core';
import type { Vfs } from '@tally86/vfs';
import { ALWAYS_READY, type FileOperations, NO_QUEUES, type OpenFile } from './open-file.ts';

/** Entries that all open directories of a tree together may hold: what a hostile guest can make the host keep. */
const MAX_ENTRIES = 4_194_304;
/** By tree: machines of one host process do not see each other. */
const held = new WeakMap<Vfs, number>();

/** A directory that is open. Its entries are those of the moment when reading began; a position is the number of an entry. */
export class DirectoryFile implements FileOperations {
  readonly seekable = true;
  readonly pollable = false;
  readonly queues = NO_QUEUES;
  readonly #vfs: Vfs;
  #entries: readonly DirectoryEntry[] | null = null;

  constructor(vfs: Vfs) {
    this.#vfs = vfs;
  }

  read(): number {
    return -E.EISDIR;
  }
  write(): number {
    return -E.EBADF;
  }
  poll(): number {
    return ALWAYS_READY;
  }

  /** All entries, `.` and `..` first; −ENOENT for a removed directory. */
  entries(file: OpenFile): readonly DirectoryEntry[] | number {
    if (file.dentry.deleted) return -E.ENOENT;
    if (this.#entries !== null && file.position > 0) return this.#entries;
    this.release();
    const list = this.#vfs.list(file.dentry);
    if (typeof list === 'number') return list;
    const others = held.get(this.#vfs) ?? 0;
    if (others + list.length > MAX_ENTRIES) return -E.ENOMEM;
    const above = this.#vfs.parentOf(file.dentry, this.#vfs.root);
    held.set(this.#vfs, others + list.length + 2);
    return (this.#entries = [
      { name: '.', ino: file.dentry.inode.ino, type: S.IFDIR },
      { name: '..', ino: above.inode.ino, type: S.IFDIR },
      ...list,
    ]);
  }

  seek(file: OpenFile, offset: number, whence: number): number {
    const to = whence === SEEK.SET ? offset : whence === SEEK.CUR ? file.position + offset : -1;
    return to < 0 ? -E.EINVAL : to;
  }

  release(): void {
    if (this.#entries !== null) held.set(this.#vfs, (held.get(this.#vfs) ?? 0) - this.#entries.length);
    this.#entries = null;
  }
}
