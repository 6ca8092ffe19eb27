import { E, S } from '@tally86/abi';
import type {
  AttributeChange, ByteString, DirectoryEntry, FileSystem, Inode, InodeAttributes, Mappable, NewInode, OpenNode,
} from '@tally86/core';

/** An inode number, or how to get it when somebody asks for the first time. */
export type InodeNumber = number | (() => number);

/** Answers every operation as an inode does whose type does not have it; drivers override what theirs has. */
export abstract class InodeBase implements Inode {
  readonly fileSystem: FileSystem;
  readonly type: number;
  readonly rdev: number;
  #ino: InodeNumber;

  constructor(fileSystem: FileSystem, ino: InodeNumber, type: number, rdev = 0) {
    this.fileSystem = fileSystem;
    this.#ino = ino;
    this.type = type;
    this.rdev = rdev;
  }

  get ino(): number {
    if (typeof this.#ino !== 'number') this.#ino = this.#ino();
    return this.#ino;
  }

  abstract getAttributes(): InodeAttributes | number;

  setAttributes(_change: AttributeChange): number {
    return -E.EPERM;
  }
  lookup(_name: ByteString): Inode | number {
    return -this.#missing(E.ENOENT);
  }
  list(): readonly DirectoryEntry[] | number {
    return -E.ENOTDIR;
  }
  create(_name: ByteString, _inode: NewInode): Inode | number {
    return -this.#missing(E.EPERM);
  }
  link(_name: ByteString, _inode: Inode): number {
    return -this.#missing(E.EPERM);
  }
  unlink(_name: ByteString): number {
    return -this.#missing(E.EPERM);
  }
  rmdir(_name: ByteString): number {
    return -this.#missing(E.EPERM);
  }
  readlink(): ByteString | number {
    return -E.EINVAL;
  }
  open(_accessMode: number): OpenNode | number {
    return this.type === S.IFDIR ? -E.EISDIR : -E.ENXIO;
  }
  get mappable(): Mappable | null {
    return null;
  }

  #missing(inDirectory: number): number {
    return this.type === S.IFDIR ? inDirectory : E.ENOTDIR;
  }
}
