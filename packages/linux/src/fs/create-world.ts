import { O, S } from '@tally86/abi';
import { EmulatorError, type FileSystem, type HostStream } from '@tally86/core';
import { createMemoryFileSystem, createVfs, type MountSpec, utf8, type Vfs } from '@tally86/vfs';
import { createDevFileSystem, createPtsFileSystem } from '../dev/dev-file-system.ts';
import { DEVICE, DRIVERS } from '../dev/devices.ts';
import type { Credentials } from '../kernel/identity.ts';
import type { FileContext, FileTable } from '../kernel/file-seam.ts';
import type { Kernel } from '../kernel/types.ts';
import { createProcFileSystem } from '../proc/proc-file-system.ts';
import { PtyTable } from '../tty/pty-table.ts';
import { DescriptorTable } from './descriptor-table.ts';
import { ProcessFileContext } from './file-context.ts';
import { LockTable } from './locks.ts';
import { NO_OPERATIONS, OpenFile } from './open-file.ts';
import { operationsFor } from './open.ts';
import { PseudoFileSystem, PseudoInode } from './pseudo-file-system.ts';
import { StreamFile } from './stream-file.ts';
import { Terminal } from './terminal.ts';
import { FileWorld } from './world.ts';

/** linux/magic.h */
const PIPEFS_MAGIC = 0x5049_5045;
const ANON_INODE_FS_MAGIC = 0x0904_1934;
const SOCKFS_MAGIC = 0x534f_434b;

export interface FilesOptions {
  readonly root: FileSystem;
  readonly rootSource?: string;
  readonly rootReadOnly?: boolean;
  /** Mounted after /proc, /dev, /dev/pts and /dev/shm, in order. */
  readonly mounts?: readonly MountSpec[];
  readonly sysroot?: string;
  /** Working directory of the first process: an absolute path of the guest. Default `/`. */
  readonly cwd?: string;
  readonly umask?: number;
  /** Standard input, output and error; absent ones are /dev/null. */
  readonly stdin?: HostStream;
  readonly stdout?: HostStream;
  readonly stderr?: HostStream;
  /** Ids of the first process, as given to spawn: they own streams and terminal. */
  readonly credentials: Pick<Credentials, 'fsuid' | 'fsgid' | 'groups'>;
  /** Bytes that /dev/shm and memory files may hold. Default 256 MiB. */
  readonly memoryFileBytes?: number;
}

/** The files of a machine. Give `files` and `fs` to Machine.spawn, and the machine to `bind` before that. */
export interface MachineFiles {
  readonly vfs: Vfs;
  readonly files: FileTable;
  readonly fs: FileContext;
  bind(kernel: Kernel): void;
}

/** A tree with /proc and /dev, and the first process's descriptors. Throws E_OPTION for mounts and directories that cannot be. */
export function createMachineFiles(options: FilesOptions): MachineFiles {
  let kernel: Kernel | null = null;
  const now = (): bigint => kernel?.clock.realtime() ?? 0n;
  const { credentials } = options;
  const { fsuid, fsgid } = credentials;
  const streams = [options.stdin, options.stdout, options.stderr];
  const terminalStream = joinTerminals(streams);
  const maxBytes = options.memoryFileBytes ?? 256 * 1024 * 1024;
  const pts = createPtsFileSystem(now, terminalStream === null ? null : fsuid);
  const vfs = createVfs({
    root: options.root,
    ...(options.rootSource === undefined ? {} : { rootSource: options.rootSource }),
    rootFlags: { readOnly: options.rootReadOnly ?? false },
    mounts: [
      { at: '/proc', fileSystem: createProcFileSystem(() => kernel), source: 'proc', flags: { noExec: true, noSuid: true, noDev: true } },
      { at: '/dev', fileSystem: createDevFileSystem(now), source: 'udev', flags: { noSuid: true } },
      { at: '/dev/pts', fileSystem: pts, source: 'devpts', flags: { noExec: true, noSuid: true } },
      { at: '/dev/shm', fileSystem: createMemoryFileSystem({ now, mode: 0o1777, maxBytes }), flags: { noSuid: true, noDev: true } },
      ...(options.mounts ?? []),
    ],
    ...(options.sysroot === undefined ? {} : { sysroot: options.sysroot }),
  });
  const pipes = new PseudoFileSystem('pipefs', PIPEFS_MAGIC, now);
  const world = new FileWorld({
    vfs, pipes, terminalStream,
    anonymous: new PseudoFileSystem('anon_inodefs', ANON_INODE_FS_MAGIC, now),
    sockets: new PseudoFileSystem('sockfs', SOCKFS_MAGIC, now),
    memory: vfs.mountNowhere(createMemoryFileSystem({ now, maxBytes })),
    locks: new LockTable(),
    terminal: terminalStream === null ? null : new Terminal(terminalStream.terminal!, DEVICE.pts),
    ptys: new PtyTable(pts.root, terminalStream === null ? 0 : 1),
    drivers: DRIVERS,
    kernel: () => kernel,
  });
  const files = new DescriptorTable(world);
  streams.forEach((stream, fd) => {
    const access = fd === 0 ? O.RDONLY : O.WRONLY;
    const file = streamFile(world, stream, access, credentials);
    files.install(fd, file, false);
  });
  const start = { root: vfs.root, cwd: vfs.root, who: { fsuid, fsgid, groups: credentials.groups } };
  const cwd = vfs.walk(start, utf8(options.cwd ?? '/'));
  if (typeof cwd === 'number' || cwd.inode.type !== S.IFDIR) throw new EmulatorError('E_OPTION', `${options.cwd}: no such directory in the guest's tree`);
  return {
    vfs, files,
    fs: new ProcessFileContext(world, vfs.root, cwd, options.umask ?? 0o022),
    bind(bound) {
      kernel = bound;
    },
  };
}

/** A standard stream: the terminal, the null device, or an inode of its own. */
function streamFile(world: FileWorld, stream: HostStream | undefined, access: number, { fsuid, fsgid }: FilesOptions['credentials']): OpenFile {
  const path = stream === undefined || stream.kind === 'null' ? 'dev/null' : stream.kind === 'terminal' ? 'dev/pts/0' : null;
  const flags = (stream?.kind === 'terminal' ? O.RDWR : access) | O.LARGEFILE;
  if (path !== null) {
    const { root } = world.vfs;
    const dentry = world.vfs.walk({ root, cwd: root, who: { fsuid: 0, fsgid: 0, groups: [] } }, path);
    if (typeof dentry !== 'number') {
      const terminal = stream?.kind === 'terminal' ? new StreamFile(stream, world.terminal) : null;
      const operations = terminal ?? operationsFor(world, dentry, flags);
      if (typeof operations !== 'number') return new OpenFile(dentry, operations, flags);
    }
  }
  const isFile = stream?.kind === 'file';
  const mode = isFile ? S.IFREG | 0o644 : S.IFIFO | 0o600;
  const inode = new PseudoInode(isFile ? world.anonymous : world.pipes, mode, fsuid, fsgid, () => Math.max(0, stream?.file?.size() ?? 0));
  if (stream !== undefined) world.streamOf.set(inode, stream);
  const name = isFile ? `anon_inode:[file ${inode.ino}]` : `pipe:[${inode.ino}]`;
  const dentry = world.vfs.looseEntry(isFile ? world.anonymousMount : world.pipeMount, name, inode);
  const operations = stream === undefined ? NO_OPERATIONS : operationsFor(world, dentry, flags);
  return new OpenFile(dentry, typeof operations === 'number' ? NO_OPERATIONS : operations, flags);
}

/** The terminal as /dev/tty opens it: input and output can be different streams. */
function joinTerminals(streams: readonly (HostStream | undefined)[]): HostStream | null {
  const terminals = streams.filter((stream) => stream?.kind === 'terminal') as HostStream[];
  const [first] = terminals;
  if (first === undefined) return null;
  const output = streams.slice(1).find((stream) => stream?.kind === 'terminal') ?? first;
  return { ...first, write: (from) => output.write(from) };
}
