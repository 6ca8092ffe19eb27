import type { Mappable } from './mmu.ts';

/**
 * The seam of file systems. Everything is synchronous; guest errors are values: a negative number is −errno.
 * Names and paths are *byte strings*: one UTF-16 unit (0 to 255) for each byte, so that names that are not UTF-8 stay intact
 * and comparison by `<` is bytewise.
 */
export type ByteString = string;

/** Nanoseconds since 1970. */
export type Timestamp = bigint;

/** What stat(2) shows of an inode, without device and inode number. */
export interface InodeAttributes {
  /** File type and permission bits. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  /** Units of 512 bytes. */
  readonly blocks: number;
  /** Preferred transfer size in bytes. */
  readonly blockSize: number;
  readonly atime: Timestamp;
  readonly mtime: Timestamp;
  readonly ctime: Timestamp;
  readonly btime: Timestamp;
}

/** A change of attributes; absent fields stay. Sizes change through {@link OpenNode.truncate}. */
export interface AttributeChange {
  /** Permission bits, without the type. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly atime?: Timestamp;
  readonly mtime?: Timestamp;
}

/** An inode to be made; the type comes with the mode. */
export interface NewInode {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Devices only. */
  readonly rdev?: number;
  /** Symbolic links only. */
  readonly target?: ByteString;
}

export interface DirectoryEntry {
  readonly name: ByteString;
  readonly ino: number;
  /** S_IFMT bits. */
  readonly type: number;
}

/**
 * A file, directory, link or device of a file system (struct inode). One object for each inode, as long as somebody holds it.
 * Operations that do not fit the type answer −ENOTDIR, −EISDIR or −EINVAL. Permissions, read-only mounts and the length of names
 * are checked by the caller.
 */
export interface Inode {
  readonly fileSystem: FileSystem;
  readonly ino: number;
  /** S_IFMT bits; never change. */
  readonly type: number;
  /** Device number (makedev) of a character or block device, else 0. */
  readonly rdev: number;
  getAttributes(): InodeAttributes | number;
  /** Sets what is named; ctime becomes now. */
  setAttributes(change: AttributeChange): number;

  /** Directories: the inode of a name, never `.` or `..`; −ENOENT. */
  lookup(name: ByteString): Inode | number;
  /** Directories: all entries but `.` and `..`, in rising order of their bytes. The array is not changed afterwards. */
  list(): readonly DirectoryEntry[] | number;
  /** Directories: makes an inode of any type; −EEXIST. */
  create(name: ByteString, inode: NewInode): Inode | number;
  /** Directories: one more name of an inode of the same file system; −EEXIST, −EPERM for a directory, −EMLINK. */
  link(name: ByteString, inode: Inode): number;
  /** Directories: removes a name of anything but a directory; −EISDIR. */
  unlink(name: ByteString): number;
  /** Directories: removes an empty directory; −ENOTEMPTY, −ENOTDIR. */
  rmdir(name: ByteString): number;
  /** Directories: a regular file without a name (O_TMPFILE), which link() can give one. Absent: not offered. */
  createUnnamed?(inode: NewInode): Inode | number;

  /** Symbolic links: their text. */
  readlink(): ByteString | number;
  /** Symbolic links that lead to an object and not to a text (/proc/self/fd/0). */
  jump?(): Dentry | number;

  /** Regular files: opened for what the access mode (O_RDONLY, O_WRONLY, O_RDWR) says. */
  open(accessMode: number): OpenNode | number;
  /** What pages of this inode come from: always the same object; null if it cannot be mapped. Never asked before an open succeeded. */
  readonly mappable: Mappable | null;
  /** Names of extended attributes are not kept by any of our drivers; absent: none. */
  getExtendedAttribute?(name: ByteString): Uint8Array | number;
}

/** A regular file that is open. Offsets and sizes are bytes below 2^53. */
export interface OpenNode {
  size(): number;
  /** Bytes read, fewer than asked only at the end of the file; −errno. */
  read(offset: number, into: Uint8Array): number;
  /** Bytes written, fewer than asked if space ran out on the way; −ENOSPC, −EFBIG. */
  write(offset: number, from: Uint8Array): number;
  truncate(size: number): number;
  /** fallocate(2) with its mode bits; −EOPNOTSUPP. */
  allocate(mode: number, offset: number, length: number): number;
  /** SEEK_DATA and SEEK_HOLE of lseek(2): −ENXIO at or beyond the end. */
  seekData(offset: number): number;
  seekHole(offset: number): number;
  sync(dataOnly: boolean): number;
  /** Exactly once. */
  close(): void;
}

/** statfs(2). */
export interface FileSystemStatus {
  /** Magic number (linux/magic.h). */
  readonly magic: number;
  readonly blockSize: number;
  /** In blocks. */
  readonly blocks: number;
  readonly blocksFree: number;
  readonly blocksAvailable: number;
  readonly files: number;
  readonly filesFree: number;
  readonly nameMax: number;
}

/** A mounted (or mountable) file system (struct super_block). */
export interface FileSystem {
  /** Type as in /proc/mounts: `tmpfs`, `overlay`, `proc`. */
  readonly type: string;
  readonly root: Inode;
  /** Largest size of a file and largest offset, in bytes. */
  readonly maxFileSize: number;
  status(): FileSystemStatus | number;
  /**
   * Moves a name within this file system; `flags` are those of renameat2(2). Same inode on both sides: nothing happens.
   * −ENOENT, −EEXIST (RENAME_NOREPLACE), −ENOTDIR, −EISDIR, −ENOTEMPTY, −EINVAL (into itself).
   */
  rename(fromDirectory: Inode, fromName: ByteString, toDirectory: Inode, toName: ByteString, flags: number): number;
  /** Writes everything out. */
  sync(): number;
}

export interface MountFlags {
  readonly readOnly?: boolean;
  readonly noExec?: boolean;
  readonly noSuid?: boolean;
  readonly noDev?: boolean;
}

/** A file system at its place in the tree (struct mount). */
export interface Mount {
  readonly id: number;
  readonly fileSystem: FileSystem;
  /** st_dev of everything on it. */
  readonly device: number;
  /** What /proc/mounts shows in its first column. */
  readonly source: string;
  readonly flags: MountFlags;
  readonly root: Dentry;
  /** The place it covers; null: the root of the tree, or a mount without a place (pipes). */
  readonly parent: Dentry | null;
  /** Name below `parent`. */
  readonly name: ByteString;
}

/** A name in the tree and its inode (struct dentry, with its mount). */
export interface Dentry {
  readonly mount: Mount;
  /** null: root of its mount. */
  readonly parent: Dentry | null;
  readonly name: ByteString;
  readonly inode: Inode;
  /** The name was removed or taken by something else. */
  readonly deleted: boolean;
}
