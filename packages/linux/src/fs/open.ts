import { E, O, RESTART, S } from '@tally86/abi';
import type { ByteString, Dentry } from '@tally86/core';
import { openAt, type WalkContext, type WalkOptions } from '@tally86/vfs';
import type { Task } from '../kernel/types.ts';
import type { SyscallResult, Wait } from '../sched/wait.ts';
import { tableOf } from './access.ts';
import { DirectoryFile } from './directory-file.ts';
import { type FileOperations, NO_OPERATIONS, OpenFile } from './open-file.ts';
import { Pipe, PipeEnd } from './pipe.ts';
import { RegularFile } from './regular-file.ts';
import { StreamFile } from './stream-file.ts';
import type { FileWorld } from './world.ts';

/** Flags that open(2) leaves in the description. */
const KEPT = O.ACCMODE | O.APPEND | O.NONBLOCK | O.DSYNC | O.SYNC | O.DIRECT | O.NOATIME | O.FASYNC | O.DIRECTORY | O.NOFOLLOW | O.PATH | O.TMPFILE;
/** Flags that mean something beside O_PATH. */
const WITH_PATH = O.PATH | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC;

const effectiveFlags = (asked: number): number => ((asked & O.PATH) !== 0 ? asked & WITH_PATH : asked);

/** Flags that no open accepts together: −EINVAL (fs/open.c, build_open_flags). */
export function checkFlags(asked: number): number {
  const flags = effectiveFlags(asked);
  const temporary = (flags & O.TMPFILE) === O.TMPFILE;
  if (temporary) return (flags & O.ACCMODE) === O.RDONLY ? -E.EINVAL : 0;
  return (flags & (O.CREAT | O.DIRECTORY)) === (O.CREAT | O.DIRECTORY) ? -E.EINVAL : 0;
}

/** open(2) in all its forms: a descriptor, −errno, or a sleep (a FIFO without its other end). The flags were checked, the umask is already off `mode`. */
export function openPath(task: Task, world: FileWorld, context: WalkContext, path: ByteString, asked: number, mode: number, options: WalkOptions = {}): SyscallResult {
  const table = tableOf(task);
  const { limits } = task.process;
  const flags = effectiveFlags(asked);
  const room = table.freeForOpen(limits);
  if (room < 0) return room;
  const opened = openAt(world.vfs, context, path, flags, mode, options);
  if (typeof opened === 'number') return opened;
  const { dentry, created } = opened;
  if (dentry.inode.type === S.IFIFO && (flags & O.PATH) === 0) return openFifo(task, world, dentry, flags);
  const operations = operationsFor(world, dentry, flags);
  if (typeof operations === 'number') return operations;
  const file = new OpenFile(dentry, operations, (flags & KEPT) | ((flags & O.PATH) === 0 ? O.LARGEFILE : 0));
  let truncated = false;
  if ((flags & O.TRUNC) !== 0 && !created && operations instanceof RegularFile) {
    const error = operations.truncate(file, 0);
    if (error < 0) {
      file.release();
      return error;
    }
    truncated = true;
  }
  const fd = table.add(limits, file, (flags & O.CLOEXEC) !== 0);
  if (truncated) world.notify.modified(file);
  return fd;
}

/** What an inode of any type but a FIFO does when open; −errno. */
export function operationsFor(world: FileWorld, dentry: Dentry, flags: number): FileOperations | number {
  if ((flags & O.PATH) !== 0) return NO_OPERATIONS;
  const { inode } = dentry;
  const stream = world.streamOf.get(inode);
  if (stream !== undefined) return new StreamFile(stream, stream.kind === 'terminal' ? world.terminal : null);
  switch (inode.type) {
    case S.IFREG: {
      const node = inode.open(flags & O.ACCMODE);
      return typeof node === 'number' ? node : new RegularFile(node, world);
    }
    case S.IFDIR:
      return new DirectoryFile(world.vfs);
    case S.IFCHR: {
      const driver = world.drivers.get(inode.rdev) ?? world.drivers.get(inode.rdev & ~0xff);
      return driver === undefined ? -E.ENXIO : driver(world, inode.rdev & 0xff, flags);
    }
    default:
      return -E.ENXIO;
  }
}

/** Both ends must be there: an opener waits for the other one, unless it asked not to, or opens a pipe without a name by its descriptor's (fs/pipe.c, fifo_open). */
function openFifo(task: Task, world: FileWorld, dentry: Dentry, flags: number): SyscallResult {
  const { inode } = dentry;
  const stream = world.streamOf.get(inode);
  if (stream !== undefined) {
    const file = new OpenFile(dentry, new StreamFile(stream, null), (flags & KEPT) | O.LARGEFILE);
    return tableOf(task).add(task.process.limits, file, (flags & O.CLOEXEC) !== 0);
  }
  let pipe = world.pipeOf.get(inode);
  if (pipe === undefined) world.pipeOf.set(inode, (pipe = new Pipe(world.pipeSpace)));
  const access = flags & O.ACCMODE;
  const [reads, writes] = [access === O.RDONLY || access === O.RDWR, access === O.WRONLY || access === O.RDWR];
  const named = inode.fileSystem !== world.pipes;
  if (named && access === O.WRONLY && (flags & O.NONBLOCK) !== 0 && pipe.readers === 0) return -E.ENXIO;
  const file = new OpenFile(dentry, new PipeEnd(pipe, reads, writes), (flags & KEPT) | O.LARGEFILE);
  const finish = (): number => tableOf(task).add(task.process.limits, file, (flags & O.CLOEXEC) !== 0);
  if (!named || access === O.RDWR || (flags & O.NONBLOCK) !== 0) return finish();
  const seen = access === O.RDONLY ? pipe.writerOpenings : pipe.readerOpenings;
  const partner = (): boolean => {
    const { readers, writers, readerOpenings, writerOpenings } = pipe;
    return access === O.RDONLY ? writers > 0 || writerOpenings !== seen : readers > 0 || readerOpenings !== seen;
  };
  if (partner()) return finish();
  let ended = false;
  const end = (result: number): number => {
    ended = true;
    return result;
  };
  const wait: Wait = {
    kind: 'wait',
    what: `open of the FIFO ${dentry.name}`,
    queues: [pipe.dataQueue, pipe.roomQueue],
    deadline: Infinity,
    wake: () => (partner() ? end(finish()) : wait),
    interrupt() {
      file.release();
      return end(-RESTART.ERESTARTSYS);
    },
    done() {
      // Its process ends: nobody will close this end.
      if (!ended && task.process.exit !== null) file.release();
    },
  };
  return wait;
}
