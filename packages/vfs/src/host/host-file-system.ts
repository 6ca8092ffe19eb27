import { type BigIntStats, lstatSync, realpathSync, renameSync, statfsSync } from 'node:fs';
import { E, ERRNO_MESSAGES, RENAME, S } from '@tally86/abi';
import { EmulatorError, type ByteString, type FileSystem, type FileSystemStatus, type Inode, type Timestamp } from '@tally86/core';
import { byteString } from '../bytes.ts';
import { type AttributeView, fileKey } from './attributes.ts';
import { DescriptorPool } from './descriptors.ts';
import { attempt, hostErrno } from './errors.ts';
import { HostDirectory } from './host-directory.ts';
import { HostInode, type HostLocation } from './host-inode.ts';
import { directoryMoves } from './moves.ts';
import type { HostOptions } from './options.ts';

/** linux/magic.h */
const EXT4_SUPER_MAGIC = 0xef53;
const PROC_SUPER_MAGIC = 0x9fa0;
const DESCRIPTORS = 512;

export class HostFileSystem implements FileSystem {
  readonly type = 'host';
  readonly maxFileSize = 2 ** 44 - 4096;
  readonly root: HostInode;
  /** As a byte string, without a slash at the end: '' is the host's root. */
  readonly rootPath: ByteString;
  readonly view: AttributeView;
  readonly now: () => Timestamp;
  readonly keepAccessTimes: boolean;
  /** As byte strings, with a slash at the end. */
  readonly installedPaths: readonly ByteString[];
  readonly descriptors = new DescriptorPool(DESCRIPTORS);
  readonly #live = new Map<string, WeakRef<HostInode>>();
  readonly #collected = new FinalizationRegistry<string>((key) => {
    if (this.#live.get(key)?.deref() === undefined) this.#live.delete(key);
  });
  /** Inode numbers in the order in which the guest asks: the same wherever it does the same, however deep the directory it starts in. */
  readonly #numbers = new Map<string, number>();
  /** Inodes that know more than the host does. */
  readonly #kept = new Set<HostInode>();
  /** Devices seen so far, and whether they are procfs of the host. */
  readonly #devices = new Map<bigint, boolean>();
  #lastNumber = 0;

  constructor(options: HostOptions) {
    const fixedTime = options.fixedTime ?? 0n;
    this.view = { fixedTime: options.attributes === 'fixed' ? fixedTime : null, owner: options.owner ?? null };
    this.now = options.now ?? (() => fixedTime);
    this.keepAccessTimes = options.keepAccessTimes ?? false;
    this.installedPaths = (options.installedPaths ?? []).map((path) => `${byteString(Buffer.from(path)).replace(/\/+$/, '')}/`);
    let stats: BigIntStats;
    try {
      const path = byteString(realpathSync(options.path, 'buffer'));
      this.rootPath = path === '/' ? '' : path;
      stats = lstatSync(Buffer.from(path, 'latin1'), { bigint: true });
    } catch (cause) {
      const errno = -hostErrno(cause);
      throw new EmulatorError('E_OPTION', `${options.path}: ${ERRNO_MESSAGES[errno] ?? `error ${errno}`}`, { cause, details: { path: options.path, errno } });
    }
    if (this.isProc(stats, () => Buffer.from(this.rootPath || '/', 'latin1'))) throw new EmulatorError('E_OPTION', `${options.path}: the host's processes cannot be shown to a guest`);
    this.root = this.inodeOf(stats, { directory: null, name: '' });
  }

  /**
   * Whether it lies on a procfs of the host. None is shown, wherever it is mounted: its /proc/self is this process, whose memory is a file there.
   * `path` must name it and be no link on a device that was not seen yet.
   */
  isProc({ dev, mode }: BigIntStats, path: () => Buffer): boolean {
    let known = this.#devices.get(dev);
    if (known === undefined) {
      // statfs would follow the link; what it lies on was seen as its directory
      if ((Number(mode) & S.IFMT) === S.IFLNK) return false;
      try {
        known = statfsSync(path()).type === PROC_SUPER_MAGIC;
      } catch {
        return false;
      }
      this.#devices.set(dev, known);
    }
    return known;
  }

  /** The inode of what was just seen there. */
  inodeOf(stats: BigIntStats, location: HostLocation): HostInode {
    const known = this.#live.get(fileKey(stats))?.deref();
    if (known === undefined || known.type !== (Number(stats.mode) & S.IFMT)) {
      return this.#makeInode(stats, location);
    }
    known.location = location;
    known.recent = stats;
    return known;
  }

  /** The inode of what was just made there: never one seen before, even if the host uses its number again. */
  newInodeOf(stats: BigIntStats, location: HostLocation): HostInode {
    this.#numbers.delete(fileKey(stats));
    return this.#makeInode(stats, location);
  }

  #makeInode(stats: BigIntStats, location: HostLocation): HostInode {
    const key = fileKey(stats);
    const ino = () => this.#numberOf(key);
    const isDirectory = (Number(stats.mode) & S.IFMT) === S.IFDIR;
    const inode = isDirectory ? new HostDirectory(this, ino, stats, location) : new HostInode(this, ino, stats, location);
    this.#live.set(inode.key, new WeakRef(inode));
    this.#collected.register(inode, inode.key);
    return inode;
  }

  numberOf(stats: BigIntStats): number {
    return this.#numberOf(fileKey(stats));
  }

  #numberOf(key: string): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#lastNumber += 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  /** What the host has no more lives as long as somebody holds it. */
  keep(inode: HostInode): void {
    if (inode.last === null) this.#kept.add(inode);
  }

  /** The host has no such file any more. */
  forget(inode: HostInode): void {
    this.#kept.delete(inode);
    if (this.#live.get(inode.key)?.deref() === inode) this.#live.delete(inode.key);
    this.#numbers.delete(inode.key);
  }

  rename(fromDirectory: Inode, fromName: ByteString, toDirectory: Inode, toName: ByteString, flags: number): number {
    if (!(fromDirectory instanceof HostDirectory) || !(toDirectory instanceof HostDirectory)) return -E.ENOTDIR;
    if ((flags & ~RENAME.NOREPLACE) !== 0) return -E.EINVAL;
    const from = fromDirectory.pathOf(fromName);
    const to = toDirectory.pathOf(toName);
    if (typeof from === 'number') return from;
    if (typeof to === 'number') return to;
    const inode = fromDirectory.lookup(fromName);
    if (typeof inode === 'number') return inode;
    const other = toDirectory.lookup(toName);
    if (typeof other === 'number' && other !== -E.ENOENT) return other;
    if (typeof other !== 'number' && (flags & RENAME.NOREPLACE) !== 0) return -E.EEXIST;
    if (other === inode) return 0;
    const forget = typeof other === 'number' ? null : toDirectory.aboutToRemove(toName, other);
    const error = attempt(() => renameSync(from, to));
    if (error < 0) return error;
    if (inode.type === S.IFDIR) directoryMoves.count++;
    forget?.();
    if (inode instanceof HostInode) {
      inode.location = { directory: toDirectory, name: toName };
      inode.touched({ ctime: this.now() });
    }
    fromDirectory.modified();
    toDirectory.modified();
    return 0;
  }

  status(): FileSystemStatus | number {
    if (this.view.fixedTime !== null) {
      const blocks = 2 ** 28;
      return { magic: EXT4_SUPER_MAGIC, blockSize: 4096, blocks, blocksFree: blocks / 2, blocksAvailable: blocks / 2, files: 2 ** 26, filesFree: 2 ** 25, nameMax: 255 };
    }
    try {
      const s = statfsSync(this.root.path() ?? '/');
      return {
        magic: s.type, blockSize: s.bsize, blocks: s.blocks, blocksFree: s.bfree, blocksAvailable: s.bavail,
        files: s.files, filesFree: s.ffree, nameMax: 255,
      };
    } catch (error) {
      return hostErrno(error);
    }
  }

  /** Nothing of ours is held back; the host writes out when it likes, and fsync(2) makes it. */
  sync(): number {
    return 0;
  }
}
