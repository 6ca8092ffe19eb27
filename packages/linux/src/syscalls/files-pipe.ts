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
  const first = table.free(limits);
  if (first < 0) return first;
  const second = table.free(limits, first + 1);
  if (second < 0) return second;
  const inode = new PseudoInode(world.pipes, S.IFIFO | 0o600, credentials.fsuid, credentials.fsgid);
  const made = new Pipe();
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

/** One side of a transfer inside the kernel: a file, and where in it (null: its position). */
interface Side {
  readonly file: OpenFile;
  offset: number | null;
}

const placeOf = ({ file, offset }: Side): number => (file.operations.seekable ? (offset ?? file.position) : -1);

function advance(side: Side, count: number): void {
  if (side.offset !== null) side.offset += count;
  else if (side.file.operations.seekable) side.file.position += count;
}

/** Moves at most `length` bytes; −EAGAIN if nothing can move now. */
function move(task: Task, from: Side, to: Side, length: number): number {
  const buffer = new Uint8Array(Math.min(CHUNK, length));
  let moved = 0;
  while (moved < length) {
    const room = to.file.operations instanceof PipeEnd ? to.file.operations.pipe.room : CHUNK;
    const want = Math.min(buffer.length, length - moved, room);
    if (want === 0) return moved > 0 ? moved : -E.EAGAIN;
    const count = from.file.operations.read(from.file, bytesDestination(buffer.subarray(0, want)), placeOf(from), task);
    if (count <= 0) return moved > 0 ? moved : count;
    const written = to.file.operations.write(to.file, bytesSource(buffer.subarray(0, count)), placeOf(to), task);
    if (written === -E.EPIPE) brokenPipe(task);
    if (written < 0) return moved > 0 ? moved : written;
    advance(from, count);
    advance(to, written);
    moved += written;
    if (written < count || count < want) break;
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
  const finish = (count: number): number => {
    if (count < 0) return count;
    if (from.offset !== null && !task.user.writeU64(args.ptr(offsets.from), from.offset)) return -E.EFAULT;
    if (to.offset !== null && offsets.to >= 0 && !task.user.writeU64(args.ptr(offsets.to), to.offset)) return -E.EFAULT;
    return count;
  };
  const attempt = (): number => finish(move(task, from, to, length));
  const first = attempt();
  if (first !== -E.EAGAIN || nonBlocking) return first;
  const queues = [...from.file.operations.queues, ...to.file.operations.queues];
  const hostWait = from.file.operations.hostWait?.bind(from.file.operations);
  return sleepOn(queues, 'a transfer between files', attempt, () => 0, hostWait);
}

function sendfile(task: Task, args: SyscallArgs): SyscallResult {
  const [output, input] = [fileAt(task, args.i32(0)), fileAt(task, args.i32(1))];
  if (typeof input === 'number') return input;
  if (!input.readable) return -E.EBADF;
  if (typeof output === 'number') return output;
  if (!output.writable) return -E.EBADF;
  const offset = readOffset(task, args, 2);
  if (offset !== null && offset < 0) return offset;
  if (offset !== null && !input.operations.seekable) return -E.ESPIPE;
  // It needs pages to send; and appending is refused.
  if (input.dentry.inode.type === S.IFDIR || (output.flags & O.APPEND) !== 0) return -E.EINVAL;
  const length = Math.min(args.size(3), MAX_RW_COUNT);
  return transfer(task, args, { file: input, offset }, { file: output, offset: null }, length, { from: 2, to: -1 }, output.nonBlocking);
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
  if (from !== null && from < 0) return from;
  if (to !== null && to < 0) return to;
  const length = Math.min(args.size(4), MAX_RW_COUNT);
  const [start, target] = [from ?? input.position, to ?? output.position];
  if (input.dentry.inode === output.dentry.inode && start < target + length && target < start + length) return -E.EINVAL;
  return transfer(task, args, { file: input, offset: from }, { file: output, offset: to }, length, { from: 1, to: 3 }, true);
}

const SPLICE_NONBLOCK = 2;

function splice(task: Task, args: SyscallArgs): SyscallResult {
  const flags = args.u32(5);
  if ((flags & ~0xf) !== 0) return -E.EINVAL;
  if (args.size(4) === 0) return 0;
  const [input, output] = [fileAt(task, args.i32(0)), fileAt(task, args.i32(2))];
  if (typeof input === 'number') return input;
  if (typeof output === 'number') return output;
  if (!input.readable || !output.writable) return -E.EBADF;
  const [fromPipe, toPipe] = [input.operations instanceof PipeEnd, output.operations instanceof PipeEnd];
  if (!fromPipe && !toPipe) return -E.EINVAL;
  if ((fromPipe && !args.isNull(1)) || (toPipe && !args.isNull(3))) return -E.ESPIPE;
  if (fromPipe && toPipe && (input.operations as PipeEnd).pipe === (output.operations as PipeEnd).pipe) return -E.EINVAL;
  if ((output.flags & O.APPEND) !== 0) return -E.EINVAL;
  const [from, to] = [readOffset(task, args, 1), readOffset(task, args, 3)];
  if (from !== null && from < 0) return from;
  if (to !== null && to < 0) return to;
  const length = Math.min(args.size(4), MAX_RW_COUNT);
  return transfer(task, args, { file: input, offset: from }, { file: output, offset: to }, length, { from: 1, to: 3 }, (flags & SPLICE_NONBLOCK) !== 0);
}

function tee(task: Task, args: SyscallArgs): SyscallResult {
  const [input, output] = [fileAt(task, args.i32(0)), fileAt(task, args.i32(1))];
  if (typeof input === 'number') return input;
  if (typeof output === 'number') return output;
  const [source, target] = [input.operations, output.operations];
  if (!(source instanceof PipeEnd) || !(target instanceof PipeEnd) || source.pipe === target.pipe) return -E.EINVAL;
  if (!input.readable || !output.writable) return -E.EBADF;
  const attempt = (): number => {
    if (target.pipe.readers === 0) {
      brokenPipe(task);
      return -E.EPIPE;
    }
    const bytes = source.pipe.peek(Math.min(args.size(2), target.pipe.room));
    if (bytes.length > 0) {
      target.pipe.push(bytes);
      target.pipe.queue.wake();
      return bytes.length;
    }
    return args.size(2) === 0 || (source.pipe.length === 0 && source.pipe.writers === 0) ? 0 : -E.EAGAIN;
  };
  const first = attempt();
  if (first !== -E.EAGAIN || (args.u32(3) & SPLICE_NONBLOCK) !== 0) return first;
  return sleepOn([source.pipe.queue, target.pipe.queue], 'tee', attempt, () => 0);
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
  partial('pipe2', 'ptr openflags', 'O_DIRECT: packets are not kept apart', (task, args) => pipe(task, args.ptr(0), args.u32(1))),
  full('sendfile', 'fd fd ptr size', sendfile),
  full('copy_file_range', 'fd ptr fd ptr size hex', copyFileRange),
  full('splice', 'fd ptr fd ptr size hex', splice),
  full('tee', 'fd fd size hex', tee),
  partial('vmsplice', 'fd ptr size hex', 'pages are copied, never given away', vmsplice),
];
