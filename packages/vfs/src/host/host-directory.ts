import { type BigIntStats, chmodSync, constants, fchmodSync, linkSync, lchownSync, lstatSync, mkdirSync, openSync, readdirSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { E, S } from '@tally86/abi';
import type { ByteString, DirectoryEntry, Inode, NewInode } from '@tally86/core';
import { byteString, bytesOf, compareBytes } from '../bytes.ts';
import { fileKey } from './attributes.ts';
import { attempt, hostErrno } from './errors.ts';
import type { InodeNumber } from '../inode-base.ts';
import type { HostFileSystem } from './host-file-system.ts';
import { HostInode, type HostLocation } from './host-inode.ts';
import { directoryMoves } from './moves.ts';
import { makeSocket } from './sockets.ts';

/** A host directory. Every operation names the file by the path of the directory and one component, and follows no link. */
export class HostDirectory extends HostInode {
  /** The root of a procfs of the host: an empty directory. */
  readonly #hidden: boolean;
  /** Moves of directories when this one was last seen where it is remembered. */
  #seenAt = -1;

  constructor(fileSystem: HostFileSystem, ino: InodeNumber, stats: BigIntStats, location: HostLocation) {
    super(fileSystem, ino, stats, location);
    this.#hidden = fileSystem.isProc(stats, () => this.rememberedPath()!);
  }

  isInPlace(): boolean {
    if (this.#seenAt === directoryMoves.count) return true;
    const path = this.rememberedPath();
    if (path === null) return false;
    try {
      if (fileKey(lstatSync(path, { bigint: true })) !== this.key) return false;
    } catch {
      return false;
    }
    this.#seenAt = directoryMoves.count;
    return true;
  }

  override lookup(name: ByteString): Inode | number {
    const found = this.seeName(name);
    return typeof found === 'number' ? found : this.fileSystem.inodeOf(found, { directory: this, name });
  }

  override list(): readonly DirectoryEntry[] | number {
    const path = this.isInPlace() ? this.path() : null;
    if (path === null || this.#hidden) return [];
    try {
      const entries: DirectoryEntry[] = [];
      for (const name of readdirSync(path, 'buffer').map(byteString).sort(compareBytes)) {
        const stats = this.seeName(name);
        // It may be gone by now.
        if (typeof stats !== 'number') entries.push({ name, ino: this.fileSystem.numberOf(stats), type: Number(stats.mode) & S.IFMT });
      }
      return entries;
    } catch (error) {
      return hostErrno(error);
    }
  }

  override create(name: ByteString, inode: NewInode): Inode | number {
    const path = this.pathOf(name);
    if (typeof path === 'number') return path;
    const type = inode.mode & S.IFMT;
    const mode = inode.mode & 0o7777;
    let fd = -1;
    const error = attempt(() => {
      if (type === S.IFREG) {
        fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, mode & 0o777);
        fchmodSync(fd, mode);
      } else if (type === S.IFDIR) {
        mkdirSync(path, mode & 0o777);
        // Again, without the host's umask.
        chmodSync(path, mode);
      } else if (type === S.IFLNK) {
        symlinkSync(Buffer.from(bytesOf(inode.target ?? '')), path);
      } else if (type === S.IFSOCK) {
        makeSocket(path, mode);
      } else {
        throw Object.assign(new Error('node:fs makes no devices and no pipes'), { code: 'EPERM' });
      }
    });
    if (error < 0) return error;
    const stats = this.seeName(name);
    if (typeof stats === 'number') return stats;
    const made = this.fileSystem.newInodeOf(stats, { directory: this, name });
    // The file may be less accessible from now on than to its maker.
    if (fd >= 0) made.adoptWriteFd(fd, true);
    if (this.fileSystem.view.owner === null && (BigInt(inode.uid) !== stats.uid || BigInt(inode.gid) !== stats.gid)) {
      attempt(() => lchownSync(path, inode.uid, inode.gid));
      made.recent = null;
    }
    made.modified();
    this.modified();
    return made;
  }

  override link(name: ByteString, inode: Inode): number {
    if (!(inode instanceof HostInode) || inode.fileSystem !== this.fileSystem) return -E.EXDEV;
    const from = inode.path();
    const path = this.pathOf(name);
    if (typeof path === 'number') return path;
    if (from === null) return -E.ENOENT;
    const error = attempt(() => linkSync(from, path));
    if (error === 0) {
      inode.touched({ ctime: this.fileSystem.now() });
      this.modified();
    }
    return error;
  }

  override unlink(name: ByteString): number {
    return this.#remove(name, false);
  }

  override rmdir(name: ByteString): number {
    return this.#remove(name, true);
  }

  #remove(name: ByteString, directory: boolean): number {
    const path = this.pathOf(name);
    if (typeof path === 'number') return path;
    const inode = this.lookup(name);
    if (typeof inode === 'number') return inode;
    if (directory !== (inode.type === S.IFDIR)) return directory ? -E.ENOTDIR : -E.EISDIR;
    const forget = this.aboutToRemove(name, inode);
    const error = attempt(() => (directory ? rmdirSync(path) : unlinkSync(path)));
    if (error === 0) {
      if (directory) directoryMoves.count++;
      forget();
    }
    return error;
  }

  /** Prepares for the loss of a name; call the result once it is gone. */
  aboutToRemove(name: ByteString, inode: Inode): () => void {
    if (!(inode instanceof HostInode)) return () => {};
    inode.holdDescriptors();
    const stats = inode.stats();
    return () => {
      const last = inode.type === S.IFDIR || (typeof stats !== 'number' && stats.nlink <= 1n);
      if (last) this.fileSystem.forget(inode);
      if (last) inode.releaseUnused();
      if (last && typeof stats !== 'number') inode.last = Object.assign(Object.create(Object.getPrototypeOf(stats) as object), stats, { nlink: 0n });
      if (last || (inode.location?.directory === this && inode.location.name === name)) inode.location = null;
      inode.touched({ ctime: this.fileSystem.now() });
      this.modified();
    };
  }

  /** Host path of a name here; −errno for a name that could lead elsewhere. */
  pathOf(name: ByteString): Buffer | number {
    const own = this.isInPlace() ? this.path() : null;
    if (own === null || this.#hidden) return -E.ENOENT;
    if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) return -E.EINVAL;
    return Buffer.concat([own, Buffer.from(`/${name}`, 'latin1')]);
  }

  /** lstat of a name, or −errno. */
  seeName(name: ByteString): BigIntStats | number {
    const path = this.pathOf(name);
    if (typeof path === 'number') return path;
    try {
      const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      if (stats === undefined) return -E.ENOENT;
      // a directory shows that something is mounted there; a single file of a procfs, bound there, does not
      return !stats.isDirectory() && this.fileSystem.isProc(stats, () => path) ? -E.ENOENT : stats;
    } catch (error) {
      return hostErrno(error);
    }
  }
}
