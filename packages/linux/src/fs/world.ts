import { E, O, S } from '@tally86/abi';
import { EmulatorError, type Dentry, type HostStream, type Inode, type Mappable, type Mount, type PageCache } from '@tally86/core';
import { pathOf, type Vfs } from '@tally86/vfs';
import type { MapSource } from '../kernel/file-seam.ts';
import type { Kernel } from '../kernel/types.ts';
import { NetStack } from '../net/stack.ts';
import type { PtyTable } from '../tty/pty-table.ts';
import { EpollSpace } from './epoll-space.ts';
import type { DescriptorTable, TableHooks } from './descriptor-table.ts';
import type { LockTable } from './locks.ts';
import { NotifyTable } from './notify.ts';
import { OpenFile, type FileOperations, type OpenFileCount } from './open-file.ts';
import { type Pipe, PipeSpace } from './pipe.ts';
import { type PseudoFileSystem, PseudoInode } from './pseudo-file-system.ts';
import { RegularFile, type MappedInodes } from './regular-file.ts';
import { SealTable, WRITE_SEALS } from './seals.ts';
import type { Terminal } from './terminal.ts';

/** A driver of character devices: what an open device does; −errno. */
export type DeviceDriver = (world: FileWorld, minor: number, flags: number) => FileOperations | number;

/** What all processes share below their descriptors: the tree, mounts without a place, devices, locks. */
export class FileWorld implements MappedInodes, TableHooks {
  readonly vfs: Vfs;
  readonly locks: LockTable;
  readonly terminal: Terminal | null;
  readonly ptys: PtyTable;
  /** The stream that /dev/tty opens. */
  readonly terminalStream: HostStream | null;
  readonly pipes: PseudoFileSystem;
  readonly pipeMount: Mount;
  readonly anonymous: PseudoFileSystem;
  readonly anonymousMount: Mount;
  /** The one inode behind event files (fs/anon_inodes.c). */
  readonly anonymousInode: PseudoInode;
  readonly epollSpace = new EpollSpace();
  readonly seals = new SealTable();
  readonly notify = new NotifyTable();
  readonly memory: Mount;
  readonly sockets: PseudoFileSystem;
  readonly socketMount: Mount;
  readonly net: NetStack;
  readonly drivers: ReadonlyMap<number, DeviceDriver>;
  /** Pipes of FIFOs, and of the inodes that pipe(2) makes. */
  readonly pipeOf = new WeakMap<Inode, Pipe>();
  readonly pipeSpace = new PipeSpace();
  /** Streams of the host behind inodes, for /dev/stdin and /proc/self/fd. */
  readonly streamOf = new WeakMap<Inode, HostStream>();
  readonly openFiles: OpenFileCount = { count: 0 };
  #lastEventId = 0;
  /** Files that may have pages in the page cache. */
  readonly #mapped = new WeakSet<Inode>();
  readonly #kernel: () => Kernel | null;

  constructor(parts: {
    vfs: Vfs; locks: LockTable; terminal: Terminal | null; ptys: PtyTable; terminalStream: HostStream | null; pipes: PseudoFileSystem; anonymous: PseudoFileSystem;
    sockets: PseudoFileSystem; memory: Mount; drivers: ReadonlyMap<number, DeviceDriver>; kernel: () => Kernel | null;
  }) {
    this.vfs = parts.vfs;
    this.locks = parts.locks;
    this.terminal = parts.terminal;
    this.ptys = parts.ptys;
    this.terminalStream = parts.terminalStream;
    this.pipes = parts.pipes;
    this.pipeMount = parts.vfs.mountNowhere(parts.pipes);
    this.anonymous = parts.anonymous;
    this.anonymousMount = parts.vfs.mountNowhere(parts.anonymous);
    this.anonymousInode = new PseudoInode(parts.anonymous, 0o600, 0, 0);
    this.memory = parts.memory;
    this.sockets = parts.sockets;
    this.socketMount = parts.vfs.mountNowhere(parts.sockets);
    this.net = new NetStack(() => this.kernel);
    this.drivers = parts.drivers;
    this.#kernel = parts.kernel;
  }

  /** The kernel whose files these are. Throws E_STATE before it was bound. */
  get kernel(): Kernel {
    const kernel = this.#kernel();
    if (kernel === null) throw new EmulatorError('E_STATE', 'the file world has no kernel yet: call bind first');
    return kernel;
  }

  get cache(): PageCache | null {
    return this.#kernel()?.current.process.mm.mmu.cache ?? null;
  }

  /** From now on reads and writes of this file look into the page cache. */
  willMap(inode: Inode): Mappable | null {
    this.#mapped.add(inode);
    return inode.mappable;
  }

  cacheOf({ inode }: Dentry): { readonly cache: PageCache; readonly mappable: Mappable } | null {
    if (!this.#mapped.has(inode)) return null;
    const { cache } = this;
    const { mappable } = inode;
    return cache === null || mappable === null ? null : { cache, mappable };
  }

  mapSource(file: OpenFile): MapSource | null | number {
    const { dentry } = file;
    if ((file.flags & O.PATH) !== 0) return -E.EBADF;
    if (dentry.inode.type === S.IFDIR) return -E.ENODEV;
    if (file.operations.mapsAnonymous === true) return file.readable ? null : -E.EACCES;
    const mappable = file.operations instanceof RegularFile ? this.willMap(dentry.inode) : null;
    if (mappable === null) return -E.ENODEV;
    return {
      readable: file.readable,
      writable: file.writable,
      noexec: dentry.mount.flags.noExec === true,
      sealed: (this.seals.of(dentry.inode) & WRITE_SEALS) !== 0,
      mappable,
      path: this.pathOf(dentry),
      device: dentry.mount.device,
      inode: dentry.inode.ino,
    };
  }

  /** eventfd-id of /proc/PID/fdinfo. */
  nextEventId(): number {
    return (this.#lastEventId += 1) - 1;
  }

  roomFor(files: number): number {
    const kernel = this.#kernel();
    if (kernel === null || this.openFiles.count + files <= kernel.maxFiles) return 0;
    kernel.note(`the budget of ${kernel.maxFiles} open files is spent: ENFILE`);
    return -E.ENFILE;
  }

  onOpen(file: OpenFile): void {
    this.openFiles.count += 1;
    file.counted = this.openFiles;
    this.notify.opened(file);
  }

  onClose(table: DescriptorTable, file: OpenFile): void {
    this.locks.closed(table, file);
    if (file.references === 1) this.notify.closed(file);
  }

  /** Absolute path as /proc shows it. */
  pathOf(dentry: Dentry): string {
    return pathOf(dentry, this.vfs.root);
  }

  /** A file that no path leads to. */
  looseFile(mount: Mount, name: string, inode: Inode, operations: FileOperations, flags: number): OpenFile {
    return new OpenFile(this.vfs.looseEntry(mount, name, inode), operations, flags);
  }
}
