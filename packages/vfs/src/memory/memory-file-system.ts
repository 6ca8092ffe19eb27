import { E, S } from '@tally86/abi';
import type { ByteString, FileSystem, FileSystemStatus, Inode, NewInode, Timestamp } from '@tally86/core';
import { createByteBudget, type ByteBudget } from '../budget.ts';
import type { InodeNumber } from '../inode-base.ts';
import { MemoryDirectory } from './memory-directory.ts';
import { MemoryFile } from './memory-file.ts';
import { type LowerInode, MemoryInode, MemorySymlink } from './memory-inode.ts';

/** linux/magic.h */
const TMPFS_MAGIC = 0x0102_1994;
/** What an inode or a name costs the host beside its bytes, rounded up. */
const INODE_COST = 1024;
const NAME_COST = 128;

export interface MemoryOptions {
  /** Host memory that content, names and inodes may take, in bytes. Default 1 GiB. Behind it: ENOSPC. */
  readonly maxBytes?: number;
  /** Type in /proc/mounts. Default `tmpfs`. */
  readonly type?: string;
  /** Of the root directory. Default 0o755, uid 0, gid 0. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** The time for time stamps; default: always 0. */
  readonly now?: () => Timestamp;
}

export class MemoryFileSystem implements FileSystem {
  readonly type: string;
  readonly magic: number = TMPFS_MAGIC;
  /** Exact as a number with room for sums. */
  readonly maxFileSize = 2 ** 52;
  readonly budget: ByteBudget;
  readonly now: () => Timestamp;
  readonly #rootInode: NewInode;
  #root: MemoryDirectory | null = null;
  #inodes = 0;
  #lastIno = 0;

  constructor(options: MemoryOptions) {
    this.type = options.type ?? 'tmpfs';
    this.budget = createByteBudget(options.maxBytes ?? 2 ** 30);
    this.now = options.now ?? (() => 0n);
    this.#rootInode = { mode: S.IFDIR | ((options.mode ?? 0o755) & 0o7777), uid: options.uid ?? 0, gid: options.gid ?? 0 };
  }

  get root(): MemoryDirectory {
    return (this.#root ??= this.makeRoot(this.#rootInode));
  }

  makeRoot(inode: NewInode): MemoryDirectory {
    return new MemoryDirectory(this, inode, null);
  }

  /** Inode number of a new inode object. */
  numberFor(_lower: LowerInode | null): InodeNumber {
    return (this.#lastIno += 1);
  }

  /** An inode without a name; −ENOSPC. */
  make(inode: NewInode, parent: MemoryDirectory): MemoryInode | number {
    if (!this.budget.take(INODE_COST + (inode.target?.length ?? 0))) return -E.ENOSPC;
    this.#inodes += 1;
    switch (inode.mode & S.IFMT) {
      case S.IFREG: return new MemoryFile(this, inode);
      case S.IFDIR: return this.makeDirectory(inode, parent);
      case S.IFLNK: return new MemorySymlink(this, inode);
      default: return new MemoryInode(this, inode);
    }
  }

  makeDirectory(inode: NewInode, parent: MemoryDirectory): MemoryDirectory {
    return new MemoryDirectory(this, inode, parent);
  }

  /** An inode with something below it was changed. */
  keep(_inode: MemoryInode): void {}

  /** An inode lost its last name. */
  forget(inode: MemoryInode): void {
    if (inode.lower !== null) return;
    this.#inodes -= 1;
    this.budget.give(INODE_COST + (inode instanceof MemorySymlink ? inode.target.length : 0));
  }

  takeName(name: ByteString): boolean {
    return this.budget.take(NAME_COST + name.length);
  }
  forceName(name: ByteString): void {
    this.budget.give(-(NAME_COST + name.length));
  }
  giveName(name: ByteString): void {
    this.budget.give(NAME_COST + name.length);
  }

  rename(fromDirectory: Inode, fromName: ByteString, toDirectory: Inode, toName: ByteString, flags: number): number {
    if (!(fromDirectory instanceof MemoryDirectory) || !(toDirectory instanceof MemoryDirectory)) return -E.ENOTDIR;
    return fromDirectory.moveTo(fromName, toDirectory, toName, flags);
  }

  status(): FileSystemStatus {
    const blocks = Math.floor(this.budget.limit / 4096);
    const blocksFree = Math.floor(Math.max(0, this.budget.limit - this.budget.used) / 4096);
    const filesFree = Math.floor((blocksFree * 4096) / INODE_COST);
    return {
      magic: this.magic, blockSize: 4096, blocks, blocksFree, blocksAvailable: blocksFree,
      files: this.#inodes + filesFree, filesFree, nameMax: 255,
    };
  }

  sync(): number {
    return 0;
  }
}

/** A file system in memory, with everything tmpfs(5) has but quotas. */
export function createMemoryFileSystem(options: MemoryOptions = {}): FileSystem {
  return new MemoryFileSystem(options);
}
