import { S } from '@tally86/abi';
import type { FileSystem, FileSystemStatus, InodeAttributes } from '@tally86/core';
import { InodeBase } from '@tally86/vfs';

/** A file system that no path leads to: pipes, host streams, and the like (fs/libfs.c, init_pseudo). */
export class PseudoFileSystem implements FileSystem {
  readonly type: string;
  readonly maxFileSize = 2 ** 52;
  readonly root: PseudoInode;
  readonly now: () => bigint;
  readonly #magic: number;
  #lastIno = 0;

  constructor(type: string, magic: number, now: () => bigint) {
    this.type = type;
    this.#magic = magic;
    this.now = now;
    this.root = new PseudoInode(this, S.IFDIR | 0o555, 0, 0);
  }

  nextIno(): number {
    return (this.#lastIno += 1);
  }

  status(): FileSystemStatus {
    return { magic: this.#magic, blockSize: 4096, blocks: 0, blocksFree: 0, blocksAvailable: 0, files: 0, filesFree: 0, nameMax: 255 };
  }
  rename(): number {
    return -1;
  }
  sync(): number {
    return 0;
  }
}

/** An inode of a pseudo file system. */
export class PseudoInode extends InodeBase {
  readonly #mode: number;
  readonly #uid: number;
  readonly #gid: number;
  readonly #time: bigint;
  readonly #size: () => number;

  constructor(fileSystem: PseudoFileSystem, mode: number, uid: number, gid: number, size: () => number = () => 0) {
    super(fileSystem, fileSystem.nextIno(), mode & S.IFMT);
    this.#mode = mode;
    this.#uid = uid;
    this.#gid = gid;
    this.#time = fileSystem.now();
    this.#size = size;
  }

  getAttributes(): InodeAttributes {
    const time = this.#time;
    return {
      mode: this.#mode, nlink: 1, uid: this.#uid, gid: this.#gid, size: this.#size(), blocks: 0, blockSize: 4096,
      atime: time, mtime: time, ctime: time, btime: time,
    };
  }
}
