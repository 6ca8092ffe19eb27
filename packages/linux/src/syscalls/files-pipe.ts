import { E, MAX_RW_COUNT, O, S } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import type { SyscallResult } from '../sched/wait.ts';
import { fileAt, tableOf, worldOf } from '../fs/access.ts';
import type { OpenFile } from '../fs/open-file.ts';
import { Pipe, PipeEnd } from '../fs/pipe.ts';
import { PseudoInode } from '../fs/pseudo-file-system.ts';
import { RegularFile } from '../fs/regular-file.ts';
import { brokenPipe, sleepOn } from '../fs/transfer.ts';
import { bytesDestination, bytesSource, CHUNK, userDestination, userSource } from '../fs/user-io.ts';
import { full, partial } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

function pipe(task: Task, address: number, flags: number): number {
  if ((flags & ~(O.CLOEXEC | O.NONBLOCK | O.DIRECT)) !== 0) return -E.EINVAL;
  const world = worldOf(task);
  const table = tableOf(task);
  const { limits, credentials } = task.process;
  const room = table.roomFor(2);
  if (room < 0) return room;
  const first = table.free(limits);
  if (first < 0) return first;
  const second = table.free(limits, first + 1);
  if (second < 0) return second;
  const inode = new PseudoInode(world.pipes, S.IFIFO | 0o600, credentials.fsuid, credentials.fsgid);
  const made = new Pipe(world.pipeSpace);
  world.pipeOf.set(inode, made);
  const name = `pipe:[${inode.ino}]`;
  const status = flags & (O.NONBLOCK | O.DIRECT);
  const closeOnExec = (flags & O.CLOEXEC) !== 0;
  const pair = new Uint8Array(8);
  new DataView(pair.buffer).setInt32(0, first, true);
  new DataView(pair.buffer).setInt32(4, second, true);
  if (!task.user.write(address, pair)) return -E.EFAULT;
  table.install(first, world.looseFile(world.pipeMount, name, inode, new PipeEnd(made, true, false), O.RDONLY | status), closeOnExec);
  table.install(second, world.looseFile(world.pipeMount, name, inode, new PipeEnd(made, false, true), O.WRONLY | status), closeOnExec);
  return 0;
}

/** One side of a transfer inside the kernel: a file, and where in it; −1 for files without positions. */
interface Side {
  readonly file: OpenFile;
  /** The caller gave an offset: the file's position stays. */
  readonly given: boolean;
  offset: number;
}

function sideOf(file: OpenFile, offset: number | null): Side {
  return { file, given: offset !== null, offset: file.operations.seekable ? (offset ?? file.position) : -1 };
}

/** Moves at most `length` bytes; −EAGAIN if nothing can move now. */
function move(task: Task, from: Side, to: Side, length: number): number {
  const source = from.file.operations;
  const target = to.file.operations;
  // From pipe to pipe, the empty one is looked at first.
  if (target instanceof PipeEnd && target.pipe.readers === 0 && !(source instanceof PipeEnd && source.pipe.isEmpty)) {
    brokenPipe(task);
    return -E.EPIPE;
  }
  if (length === 0) return 0;
  if (from.file.isDirectory) return -E.EINVAL;
  const buffer = new Uint8Array(Math.min(CHUNK, length));
  let moved = 0;
  while (moved < length) {
    const room = target instanceof PipeEnd ? target.pipe.room : CHUNK;
    const want = Math.min(buffer.length, length - moved, room);
    if (want === 0) return moved > 0 ? moved : -E.EAGAIN;
    const count = source.read(from.file, bytesDestination(buffer.subarray(0, want)), from.offset, task);
    if (count <= 0) return moved > 0 ? moved : count;
    const written = target.write(to.file, bytesSource(buffer.subarray(0, count)), to.offset, task);
    if (written < 0) return moved > 0 ? moved : written;
    if (from.offset >= 0) from.offset += written;
    if (to.offset >= 0) to.offset += written;
    moved += written;
    worldOf(task).notify.accessed(from.file);
    worldOf(task).notify.modified(to.file);
    // What was written may be there to be read: only the end of the input ends it, but for pipes.
    if (written < count || (count < want && !source.seekable)) break;
  }
  return moved;
}

/** An offset argument: a pointer to a loff_t, or NULL; −errno. */
function readOffset(task: Task, args: SyscallArgs, index: number): number | null {
  if (args.isNull(index)) return null;
  const value = task.user.readU64(args.ptr(index));
  if (value === null) return -E.EFAULT;
  return value > 0x1f_ffff_ffff_ffffn ? -E.EINVAL : Number(value);
}

/** Runs a transfer, sleeping while neither side can move, and stores the offsets it came to. */
function transfer(task: Task, args: SyscallArgs, from: Side, to: Side, length: number, offsets: { from: number; to: number }, nonBlocking: boolean): SyscallResult {
  const store = (side: Side, index: number): boolean => {
    if (side.offset < 0) return true;
    if (side.given) return task.user.writeU64(args.ptr(index), side.offset);
    side.file.position = side.offset;
    return true;
  };
  const finish = (count: number): number => (count < 0 || (store(from, offsets.from) && store(to, offsets.to)) ? count : -E.EFAULT);
  const attempt = (): number => finish(move(task, from, to, length));
  const first = attempt();
  if (first !== -E.EAGAIN || nonBlocking) return first;
  const queues = [...from.file.operations.queues, ...to.file.operations.queues];
  const hostWait = from.file.operations.hostWait?.bind(from.file.operations);
  return sleepOn(queues, 'a transfer between files', attempt, () => 0, hostWait);
}

function sendfile(task: Task, args: SyscallArgs): SyscallResult {
  const offset = readOffset(task, args, 2);
  if (offset === -E.EFAULT) return offset;
  const input = fileAt(task, args.i32(1));
  if (typeof input === 'number') return input;
  if (!input.readable) return -E.EBADF;
  if (offset !== null && !input.operations.seekable) return -E.ESPIPE;
  if (offset !== null && offset < 0) return offset;
  const output = fileAt(task, args.i32(0));
  if (typeof output === 'number') return output;
  if (!output.writable) return -E.EBADF;
  const length = Math.min(args.size(3), MAX_RW_COUNT);
  const toPipe = output.operations instanceof PipeEnd;
  if (!toPipe && (output.flags & O.APPEND) !== 0) return -E.EINVAL;
  // What cannot be read twice is not sent: a short write would lose it.
  if (!input.operations.seekable && (!toPipe || length > 0)) return -E.EINVAL;
  return transfer(task, args, sideOf(input, offset), sideOf(output, null), length, { from: 2, to: -1 }, output.nonBlocking);
}

/** True if an offset and the length are more than 64 bits together. */
function wraps(task: Task, args: SyscallArgs, index: number): boolean {
  return (task.user.readU64(args.ptr(index)) ?? 0n) + args.u64(4) >= 1n << 64n;
}

function copyFileRange(task: Task, args: SyscallArgs): SyscallResult {
  const [input, output] = [fileAt(task, args.i32(0)), fileAt(task, args.i32(2))];
  if (typeof input === 'number') return input;
  if (typeof output === 'number') return output;
  if (args.u32(5) !== 0) return -E.EINVAL;
  if (input.isDirectory || output.isDirectory) return -E.EISDIR;
  if (!(input.operations instanceof RegularFile) || !(output.operations instanceof RegularFile)) return -E.EINVAL;
  if (!input.readable || !output.writable || (output.flags & O.APPEND) !== 0) return -E.EBADF;
  const [from, to] = [readOffset(task, args, 1), readOffset(task, args, 3)];
  for (const [offset, index] of [[from, 1], [to, 3]] as const) {
    if (offset === null || offset >= 0) continue;
    return offset === -E.EINVAL && wraps(task, args, index) ? -E.EOVERFLOW : offset;
  }
  const length = Math.min(args.size(4), MAX_RW_COUNT);
  const [start, target] = [from ?? input.position, to ?? output.position];
  if (input.dentry.inode === output.dentry.inode && start < target + length && target < start + length) return -E.EINVAL;
  return transfer(task, args, sideOf(input, from), sideOf(output, to), length, { from: 1, to: 3 }, true);
}

const SPLICE_NONBLOCK = 2;

function splice(task: Task, args: SyscallArgs): SyscallResult {
  const flags = args.u32(5);
  if (args.size(4) === 0) return 0;
  if ((flags & ~0xf) !== 0) return -E.EINVAL;
  const [input, output] = [fileAt(task, args.i32(0)), fileAt(task, args.i32(2))];
  if (typeof input === 'number') return input;
  if (typeof output === 'number') return output;
  if (!input.readable || !output.writable) return -E.EBADF;
  const [fromPipe, toPipe] = [input.operations instanceof PipeEnd, output.operations instanceof PipeEnd];
  if (!fromPipe && !toPipe) return -E.EINVAL;
  if ((fromPipe && !args.isNull(1)) || (toPipe && !args.isNull(3))) return -E.ESPIPE;
  if (fromPipe && toPipe && (input.operations as PipeEnd).pipe === (output.operations as PipeEnd).pipe) return -E.EINVAL;
  if (!toPipe && (output.flags & O.APPEND) !== 0) return -E.EINVAL;
  const [from, to] = [readOffset(task, args, 1), readOffset(task, args, 3)];
  if (from !== null && from < 0) return from;
  if (to !== null && to < 0) return to;
  const length = Math.min(args.size(4), MAX_RW_COUNT);
  return transfer(task, args, sideOf(input, from), sideOf(output, to), length, { from: 1, to: 3 }, (flags & SPLICE_NONBLOCK) !== 0);
}

function tee(task: Task, args: SyscallArgs): SyscallResult {
  if ((args.u32(3) & ~0xf) !== 0) return -E.EINVAL;
  if (args.size(2) === 0) return 0;
  const [input, output] = [fileAt(task, args.i32(0)), fileAt(task, args.i32(1))];
  if (typeof input === 'number') return input;
  if (typeof output === 'number') return output;
  if (!input.readable || !output.writable) return -E.EBADF;
  const [source, target] = [input.operations, output.operations];
  if (!(source instanceof PipeEnd) || !(target instanceof PipeEnd) || source.pipe === target.pipe) return -E.EINVAL;
  const attempt = (): number => {
    if (target.pipe.readers === 0) {
      brokenPipe(task);
      return -E.EPIPE;
    }
    const moved = source.pipe.copyTo(target.pipe, args.size(2));
    if (moved > 0) {
      target.pipe.filled();
      return moved;
    }
    return source.pipe.isEmpty && source.pipe.writers === 0 ? 0 : -E.EAGAIN;
  };
  const first = attempt();
  if (first !== -E.EAGAIN || (args.u32(3) & SPLICE_NONBLOCK) !== 0) return first;
  return sleepOn([source.pipe.dataQueue, target.pipe.roomQueue], 'tee', attempt, () => 0);
}

function vmsplice(task: Task, args: SyscallArgs): SyscallResult {
  const file = fileAt(task, args.i32(0));
  if (typeof file === 'number') return file;
  const { operations } = file;
  if (!(operations instanceof PipeEnd)) return -E.EBADF;
  const vectors = task.user.readIovecs(args.ptr(1), args.size(2) > 0x7fff_ffff ? -1 : args.i32(2));
  if (typeof vectors === 'number') return vectors;
  const [to, from] = [userDestination(task.user, vectors), userSource(task.user, vectors)];
  const attempt = (): number => {
    const count = file.writable ? operations.write(file, from) : operations.read(file, to);
    if (count === -E.EPIPE) brokenPipe(task);
    return count === 0 && (to.faulted || from.faulted) ? -E.EFAULT : count;
  };
  const first = attempt();
  if (first !== -E.EAGAIN || (args.u32(3) & SPLICE_NONBLOCK) !== 0) return first;
  return sleepOn(operations.queues, 'vmsplice', attempt, () => 0);
}

export const pipeSyscalls: readonly SyscallEntry[] = [
  full('pipe', 'ptr', (task, args) => pipe(task, args.ptr(0), 0)),
  full('pipe2', 'ptr openflags', (task, args) => pipe(task, args.ptr(0), args.u32(1))),
  full('sendfile', 'fd fd ptr size', sendfile),
  full('copy_file_range', 'fd ptr fd ptr size hex', copyFileRange),
  full('splice', 'fd ptr fd ptr size hex', splice),
  full('tee', 'fd fd size hex', tee),
  partial('vmsplice', 'fd ptr size hex', 'pages are copied, never given away', vmsplice),
];
