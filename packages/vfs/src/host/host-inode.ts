import {
  type BigIntStats, chmodSync, constants, fchmodSync, fchownSync, fstatSync, futimesSync, lchownSync, lstatSync, lutimesSync, openSync, readlinkSync,
} from 'node:fs';
import { E, O, S } from '@tally86/abi';
import type { AttributeChange, ByteString, InodeAttributes, Mappable, OpenNode } from '@tally86/core';
import { byteString } from '../bytes.ts';
import { InodeBase, type InodeNumber } from '../inode-base.ts';
import { fileKey, showAttributes, type GuestTimes } from './attributes.ts';
import { closeQuietly, type DescriptorHolder } from './descriptors.ts';
import { attempt, hostErrno } from './errors.ts';
import { createHostOpenNode, readHost, writeHost } from './host-open-node.ts';
import type { HostDirectory } from './host-directory.ts';
import type { HostFileSystem } from './host-file-system.ts';

const PAGE = 4096;
/** A FIFO or a link that took the place of the file must neither block nor be followed. */
const OPEN_SAFELY = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Where a host file was seen last; null once that name was removed through us. */
export interface HostLocation {
  /** null: the root of the file system. */
  readonly directory: HostDirectory | null;
  readonly name: ByteString;
}

/** Any host file. */
export class HostInode extends InodeBase implements DescriptorHolder {
  override readonly fileSystem: HostFileSystem;
  readonly key: string;
  location: HostLocation | null;
  /** What a lookup has just seen; good for one look. */
  recent: BigIntStats | null;
  /** What it was when its last name went, for those who still have it open. */
  last: BigIntStats | null = null;
  #readFd = -1;
  /** Opened for reading too, if the host allows it. */
  #writeFd = -1;
  #writeFdReads = false;
  #opened = 0;
  #mappable: Mappable | null = null;
  #times: GuestTimes = {};
  /** Times that the host kept less exactly than the guest gave them, with what the host made of them. */
  #rounded: { atime?: bigint; mtime?: bigint } = {};

  constructor(fileSystem: HostFileSystem, ino: InodeNumber, stats: BigIntStats, location: HostLocation) {
    const type = Number(stats.mode) & S.IFMT;
    super(fileSystem, ino, type, type === S.IFCHR || type === S.IFBLK ? Number(stats.rdev) : 0);
    this.fileSystem = fileSystem;
    this.key = fileKey(stats);
    this.location = location;
    this.recent = stats;
  }

  /** Path on the host, or null if no name is known, or another tree moved a directory on the way. */
  path(): Buffer | null {
    const above = this.location?.directory ?? null;
    return above === null || above.isInPlace() ? this.rememberedPath() : null;
  }

  protected rememberedPath(): Buffer | null {
    const parts: string[] = [];
    for (let at: HostInode = this; ; ) {
      const { location } = at;
      if (location === null) return null;
      if (location.directory === null) return Buffer.from([this.fileSystem.rootPath, ...parts].join('/') || '/', 'latin1');
      parts.unshift(location.name);
      at = location.directory;
    }
  }

  stats(): BigIntStats | number {
    const { recent } = this;
    this.recent = null;
    if (recent !== null) return recent;
    try {
      const fd = this.#readFd >= 0 ? this.#readFd : this.#writeFd;
      if (fd >= 0) return fstatSync(fd, { bigint: true });
      const path = this.path();
      if (path === null) return this.last ?? -E.ENOENT;
      const stats = lstatSync(path, { bigint: true });
      return fileKey(stats) === this.key ? stats : -E.ESTALE;
    } catch (error) {
      return hostErrno(error);
    }
  }

  /** Whether this is below one of the file system's installed paths. */
  #installed(): boolean {
    const { installedPaths, view } = this.fileSystem;
    if (view.fixedTime === null || installedPaths.length === 0) return false;
    const path = this.path();
    return path !== null && installedPaths.some((directory) => `${path.toString('latin1')}/`.startsWith(directory));
  }

  getAttributes(): InodeAttributes | number {
    const stats = this.stats();
    if (typeof stats === 'number') return stats;
    const { atime, mtime } = this.#times;
    // Somebody else set the time since.
    if (atime !== undefined && this.#rounded.atime !== undefined && this.#rounded.atime !== stats.atimeNs) delete this.#times.atime;
    if (mtime !== undefined && this.#rounded.mtime !== undefined && this.#rounded.mtime !== stats.mtimeNs) delete this.#times.mtime;
    return showAttributes(stats, this.fileSystem.view, this.#times, this.#installed());
  }

  override setAttributes(change: AttributeChange): number {
    const path = this.path();
    const fd = this.#readFd >= 0 ? this.#readFd : this.#writeFd;
    if (path === null && fd < 0) return -E.ENOENT;
    this.recent = null;
    const { mode, atime, mtime } = change;
    let error = this.#changeOwner(change, path, fd);
    if (error === 0 && mode !== undefined) {
      error = this.type === S.IFLNK ? -E.EOPNOTSUPP : attempt(() => (fd >= 0 ? fchmodSync(fd, mode) : chmodSync(path!, mode)));
    }
    if (error === 0 && (atime !== undefined || mtime !== undefined)) error = this.#changeTimes(atime, mtime, path, fd);
    if (error === 0) this.touched({ ctime: this.fileSystem.now() });
    return error;
  }

  #changeOwner(change: AttributeChange, path: Buffer | null, fd: number): number {
    const current = change.uid === undefined && change.gid === undefined ? 0 : this.getAttributes();
    if (typeof current === 'number') return current;
    const uid = change.uid ?? current.uid;
    const gid = change.gid ?? current.gid;
    if (this.fileSystem.view.owner !== null) return uid === current.uid && gid === current.gid ? 0 : -E.EPERM;
    return attempt(() => (fd >= 0 ? fchownSync(fd, uid, gid) : lchownSync(path!, uid, gid)));
  }

  #changeTimes(atime: bigint | undefined, mtime: bigint | undefined, path: Buffer | null, fd: number): number {
    const before = this.stats();
    if (typeof before === 'number') return before;
    // node:fs takes seconds as a double: about 200 ns of precision today.
    const seconds = (ns: bigint) => Number(ns / 1_000_000_000n) + Number(ns % 1_000_000_000n) / 1e9;
    const [a, m] = [seconds(atime ?? before.atimeNs), seconds(mtime ?? before.mtimeNs)];
    const error = attempt(() => (fd >= 0 ? futimesSync(fd, a, m) : lutimesSync(path!, a, m)));
    if (error < 0) return error;
    const after = this.stats();
    if (typeof after === 'number') return after;
    const exactly: GuestTimes = { atime: atime ?? this.#times.atime ?? before.atimeNs, mtime: mtime ?? this.#times.mtime ?? before.mtimeNs };
    if (this.fileSystem.view.fixedTime !== null) {
      this.touched({ ...(atime === undefined ? {} : { atime }), ...(mtime === undefined ? {} : { mtime }) });
    } else if (exactly.atime !== after.atimeNs || exactly.mtime !== after.mtimeNs) {
      Object.assign(this.#times, exactly);
      this.#rounded = { atime: after.atimeNs, mtime: after.mtimeNs };
      this.fileSystem.keep(this);
    }
    return 0;
  }

  /** The guest did something that changes times. Only seen where host times are not. */
  touched(times: GuestTimes): void {
    this.recent = null;
    if (this.fileSystem.view.fixedTime === null) return;
    Object.assign(this.#times, times);
    this.fileSystem.keep(this);
  }

  modified(): void {
    const now = this.fileSystem.now();
    this.touched({ mtime: now, ctime: now });
  }

  override readlink(): ByteString | number {
    if (this.type !== S.IFLNK) return -E.EINVAL;
    const path = this.path();
    if (path === null) return -E.ENOENT;
    try {
      return byteString(readlinkSync(path, 'buffer'));
    } catch (error) {
      return hostErrno(error);
    }
  }

  override open(accessMode: number): OpenNode | number {
    if (this.type === S.IFDIR) return -E.EISDIR;
    if (this.type !== S.IFREG) return -E.ENXIO;
    const write = (accessMode & O.ACCMODE) !== O.RDONLY;
    const fd = write ? this.writeFd((accessMode & O.ACCMODE) === O.RDWR) : this.readFd();
    if (fd < 0) return fd;
    this.#opened += 1;
    return createHostOpenNode(this);
  }

  closeOne(): void {
    this.#opened -= 1;
    if (this.#opened === 0 && this.#mappable === null) this.releaseDescriptors();
  }

  /** A host descriptor to read from, or −errno. */
  readFd(): number {
    if (this.#readFd < 0) {
      if (this.#writeFd >= 0 && this.#writeFdReads) return this.#use(this.#writeFd);
      const fd = this.#openHost(constants.O_RDONLY);
      if (fd < 0) return fd;
      this.#readFd = fd;
    }
    return this.#use(this.#readFd);
  }

  writeFd(alsoRead = false): number {
    if (this.#writeFd < 0) {
      let fd = this.#openHost(constants.O_RDWR);
      const reads = fd >= 0;
      if (fd === -E.EACCES && !alsoRead) fd = this.#openHost(constants.O_WRONLY);
      if (fd < 0) return fd;
      this.adoptWriteFd(fd, reads);
    }
    return this.#use(this.#writeFd);
  }

  adoptWriteFd(fd: number, reads: boolean): void {
    this.#writeFd = fd;
    this.#writeFdReads = reads;
    this.fileSystem.descriptors.used(this);
  }

  #use(fd: number): number {
    this.fileSystem.descriptors.used(this);
    return fd;
  }

  #openHost(mode: number): number {
    const path = this.path();
    if (path === null) return -E.ENOENT;
    const quiet = mode === constants.O_RDONLY && this.fileSystem.keepAccessTimes ? constants.O_NOATIME : 0;
    let fd: number;
    try {
      fd = openSync(path, mode | OPEN_SAFELY | quiet);
    } catch (error) {
      const errno = hostErrno(error);
      // Only the owner may ask for O_NOATIME.
      if (quiet === 0 || errno !== -E.EPERM) return errno;
      try {
        fd = openSync(path, mode | OPEN_SAFELY);
      } catch (again) {
        return hostErrno(again);
      }
    }
    if (fileKey(fstatSync(fd, { bigint: true })) === this.key) return fd;
    closeQuietly(fd);
    return -E.ESTALE;
  }

  override get mappable(): Mappable | null {
    if (this.type !== S.IFREG) return null;
    return (this.#mappable ??= {
      size: () => {
        const stats = this.stats();
        return typeof stats === 'number' ? 0 : Number(stats.size);
      },
      readPage: (index, into) => into.fill(0, Math.max(0, readHost(this, index * PAGE, into))),
      writePage: (index, from, length) => void writeHost(this, index * PAGE, from.subarray(0, length)),
    });
  }

  /** Before its name goes away: what is open or mapped must stay reachable. */
  holdDescriptors(): void {
    if ((this.#opened > 0 || this.#mappable !== null) && this.#readFd < 0 && this.#writeFd < 0 && this.type === S.IFREG) this.readFd();
  }

  canRelease(): boolean {
    return this.location !== null;
  }

  /** Its last name is gone: without an opening or a mapping nobody will ask for it again. */
  releaseUnused(): void {
    if (this.#opened === 0 && this.#mappable === null) this.releaseDescriptors();
  }

  releaseDescriptors(): void {
    closeQuietly(this.#readFd);
    closeQuietly(this.#writeFd);
    this.#readFd = this.#writeFd = -1;
    this.fileSystem.descriptors.forget(this);
  }
}
