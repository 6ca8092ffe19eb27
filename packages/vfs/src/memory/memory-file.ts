import { E, FALLOC, O } from '@tally86/abi';
import type { Mappable, NewInode, OpenNode } from '@tally86/core';
import type { MemoryFileSystem } from './memory-file-system.ts';
import { type LowerInode, MemoryInode } from './memory-inode.ts';
import { SparseBytes } from './sparse-bytes.ts';

const PAGE = 4096;

/** A regular file. Its pages live until no name, no opening and no mapping can reach them. */
export class MemoryFile extends MemoryInode {
  readonly #content: SparseBytes;
  #size: number;
  #opened = 0;
  #mappable: Mappable | null = null;
  /** The file below, open while this one is or can be mapped. */
  #below: OpenNode | null = null;

  constructor(fileSystem: MemoryFileSystem, inode: NewInode, lower: LowerInode | null = null) {
    super(fileSystem, inode, lower);
    this.#size = lower?.attributes.size ?? 0;
    const base = lower && { size: this.#size, read: (offset: number, into: Uint8Array) => this.#below?.read(offset, into) ?? -E.EIO };
    this.#content = new SparseBytes(fileSystem.budget, base);
  }

  override get size(): number {
    return this.#size;
  }
  override get blocks(): number {
    return Math.max(super.blocks, this.#content.pageCount * (PAGE / 512));
  }

  override get mappable(): Mappable {
    return (this.#mappable ??= {
      size: () => this.#size,
      readPage: (index, into) => {
        if (this.#content.read(index * PAGE, into) < 0) into.fill(0);
      },
      writePage: (index, from, length) => {
        this.#content.write(index * PAGE, from.subarray(0, length));
        this.touchModified();
      },
    });
  }

  override open(_accessMode: number): OpenNode | number {
    if (this.lower !== null && this.#below === null) {
      const below = this.lower.inode.open(O.RDONLY);
      if (typeof below === 'number') return below;
      this.#below = below;
    }
    this.#opened += 1;
    return {
      size: () => this.#size,
      read: (offset, into) => this.#read(offset, into),
      write: (offset, from) => this.#write(offset, from),
      truncate: (size) => this.#truncate(size),
      allocate: (mode, offset, length) => this.#allocate(mode, offset, length),
      seekData: (offset) => {
        const at = offset < this.#size ? this.#content.nextData(offset) : Infinity;
        return at < this.#size ? at : -E.ENXIO;
      },
      seekHole: (offset) => (offset < this.#size ? Math.min(this.#content.nextHole(offset), this.#size) : -E.ENXIO),
      sync: () => 0,
      close: () => this.#close(),
    };
  }

  #read(offset: number, into: Uint8Array): number {
    const count = Math.max(0, Math.min(into.length, this.#size - offset));
    if (count === 0) return 0;
    const error = this.#content.read(offset, into.subarray(0, count));
    if (error < 0) return error;
    this.touchAccess();
    return count;
  }

  #write(offset: number, from: Uint8Array): number {
    if (from.length === 0) return 0;
    const room = this.fileSystem.maxFileSize - offset;
    if (room <= 0) return -E.EFBIG;
    const done = this.#content.write(offset, from.length > room ? from.subarray(0, room) : from);
    if (done < 0) return done;
    if (done === 0) return -E.ENOSPC;
    this.#size = Math.max(this.#size, offset + done);
    this.touchModified();
    return done;
  }

  #truncate(size: number): number {
    if (size > this.fileSystem.maxFileSize) return -E.EFBIG;
    if (size < this.#size) this.#content.truncate(size);
    this.#size = size;
    this.touchModified();
    return 0;
  }

  #allocate(mode: number, offset: number, length: number): number {
    const end = offset + length;
    if (end > this.fileSystem.maxFileSize) return -E.EFBIG;
    if (mode === (FALLOC.PUNCH_HOLE | FALLOC.KEEP_SIZE)) {
      if (!this.#content.punch(offset, end)) return -E.ENOSPC;
    } else if ((mode & ~FALLOC.KEEP_SIZE) === 0) {
      // More than everything there is cannot succeed: do not fill the budget first.
      if (length > this.fileSystem.budget.limit || !this.#content.allocate(offset, end)) return -E.ENOSPC;
      if ((mode & FALLOC.KEEP_SIZE) === 0) this.#size = Math.max(this.#size, end);
    } else {
      return -E.EOPNOTSUPP;
    }
    this.touchModified();
    return 0;
  }

  #close(): void {
    this.#opened -= 1;
    if (this.#opened > 0 || this.#mappable !== null) return;
    this.#below?.close();
    this.#below = null;
    if (this.nlink === 0) {
      this.release();
      this.#free();
    }
  }

  override release(): void {
    super.release();
    // The seam has no word for the end of a mapping: what was ever mapped keeps its pages.
    if (this.#opened === 0 && this.#mappable === null) this.#free();
  }

  #free(): void {
    this.#content.truncate(0);
    this.#size = 0;
  }
}
