import { E, S } from '@tally86/abi';
import type { AttributeChange, ByteString, Inode, InodeAttributes, NewInode } from '@tally86/core';
import { InodeBase } from '../inode-base.ts';
import type { MemoryFileSystem } from './memory-file-system.ts';

/** An inode of another file system that shows until something is changed, with its attributes. */
export interface LowerInode {
  readonly inode: Inode;
  readonly attributes: InodeAttributes;
}

/** What every inode of a memory file system has; by itself a device, a FIFO or a socket. */
export class MemoryInode extends InodeBase {
  override readonly fileSystem: MemoryFileSystem;
  readonly lower: LowerInode | null;
  permissions: number;
  uid: number;
  gid: number;
  nlink: number;
  atime: bigint;
  mtime: bigint;
  ctime: bigint;
  readonly btime: bigint;
  #released = false;

  constructor(fileSystem: MemoryFileSystem, inode: NewInode, lower: LowerInode | null = null) {
    const type = inode.mode & S.IFMT;
    super(fileSystem, fileSystem.numberFor(lower), type, type === S.IFCHR || type === S.IFBLK ? (inode.rdev ?? 0) : 0);
    this.fileSystem = fileSystem;
    this.lower = lower;
    this.permissions = inode.mode & 0o7777;
    this.uid = inode.uid;
    this.gid = inode.gid;
    const now = lower === null ? fileSystem.now() : 0n;
    this.nlink = lower?.attributes.nlink ?? 1;
    this.atime = lower?.attributes.atime ?? now;
    this.mtime = lower?.attributes.mtime ?? now;
    this.ctime = lower?.attributes.ctime ?? now;
    this.btime = lower?.attributes.btime ?? now;
  }

  get size(): number {
    return this.lower?.attributes.size ?? 0;
  }
  get blocks(): number {
    return this.lower?.attributes.blocks ?? 0;
  }

  getAttributes(): InodeAttributes {
    const { nlink, uid, gid, size, blocks, atime, mtime, ctime, btime } = this;
    return { mode: this.type | this.permissions, nlink, uid, gid, size, blocks, blockSize: 4096, atime, mtime, ctime, btime };
  }

  override setAttributes(change: AttributeChange): number {
    this.touchChanged();
    if (change.mode !== undefined) this.permissions = change.mode & 0o7777;
    this.uid = change.uid ?? this.uid;
    this.gid = change.gid ?? this.gid;
    this.atime = change.atime ?? this.atime;
    this.mtime = change.mtime ?? this.mtime;
    return 0;
  }

  /** As a mount with relatime does: only when the last change is younger than the last access, or after a day. */
  touchAccess(): void {
    // What still lies below keeps its times, as overlayfs has it.
    if (this.lower !== null) return;
    const now = this.fileSystem.now();
    if (this.atime <= this.mtime || this.atime <= this.ctime || now - this.atime > 86_400_000_000_000n) this.atime = now;
  }

  touchModified(): void {
    this.touchChanged();
    this.mtime = this.ctime;
  }

  touchChanged(): void {
    this.ctime = this.fileSystem.now();
    if (this.lower !== null) this.fileSystem.keep(this);
  }

  /** One name less. */
  dropLink(): void {
    this.nlink -= 1;
    this.touchChanged();
    if (this.nlink <= 0) this.release();
  }

  /** False once no name leads here and none can any more. */
  get linkable(): boolean {
    return !this.#released;
  }

  /** No name leads here any more. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.nlink = 0;
    this.fileSystem.forget(this);
  }
}

/** A symbolic link. */
export class MemorySymlink extends MemoryInode {
  readonly target: ByteString;

  constructor(fileSystem: MemoryFileSystem, inode: NewInode, lower: LowerInode | null = null) {
    super(fileSystem, inode, lower);
    this.target = inode.target ?? '';
  }

  override get size(): number {
    return this.target.length;
  }

  override readlink(): ByteString | number {
    this.touchAccess();
    return this.target === '' ? -E.ENOENT : this.target;
  }
}
