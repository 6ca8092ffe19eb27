import { E, MAX_RW_COUNT, RWF, SEEK } from '@tally86/abi';
import type { Iovec } from '../mm/user-memory.ts';
import type { Task } from '../kernel/types.ts';
import type { SyscallResult } from '../sched/wait.ts';
import { fileAt } from '../fs/access.ts';
import type { OpenFile } from '../fs/open-file.ts';
import { RegularFile } from '../fs/regular-file.ts';
import { readFile, type TransferFlags, writeFile } from '../fs/transfer.ts';
import { userDestination, userSource } from '../fs/user-io.ts';
import { full, partial } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

/** The buffer of read(2) and write(2); −EFAULT outside of user space (access_ok), where a negative length always is. */
function bufferOf(task: Task, args: SyscallArgs): readonly Iovec[] | number {
  const length = args.size(2);
  const base = args.ptr(1);
  if (!task.user.inUserSpace(base, length)) return -E.EFAULT;
  return [{ base, length: Math.min(length, MAX_RW_COUNT) }];
}

type Transfer = (task: Task, file: OpenFile, vectors: readonly Iovec[], offset: number, flags: TransferFlags) => SyscallResult;
const reading: Transfer = (task, file, vectors, offset, flags) => {
  if (!file.readable) return -E.EBADF;
  return readFile(task, file, userDestination(task.user, vectors), offset, flags);
};
const writing: Transfer = (task, file, vectors, offset, flags) => {
  if (!file.writable) return -E.EBADF;
  return writeFile(task, file, userSource(task.user, vectors), offset, flags);
};

/** Offsets: −1 is the position. A negative offset argument is −EINVAL. */
function plain(transfer: Transfer, positioned: boolean) {
  return (task: Task, args: SyscallArgs): SyscallResult => {
    const offset = positioned ? args.long(3) : -1;
    if (positioned && offset < 0) return -E.EINVAL;
    const file = fileAt(task, args.i32(0));
    if (typeof file === 'number') return file;
    if (positioned && !file.operations.seekable) return -E.ESPIPE;
    if (transfer === reading ? !file.readable : !file.writable) return -E.EBADF;
    const buffer = bufferOf(task, args);
    return typeof buffer === 'number' ? buffer : transfer(task, file, buffer, offset, {});
  };
}

type Positioning = 'none' | 'offset' | 'offset-or-position';

function vectored(transfer: Transfer, positioning: Positioning, flagged: boolean) {
  return (task: Task, args: SyscallArgs): SyscallResult => {
    // pos_l and pos_h: on 64 bits the low word holds it all.
    let offset = positioning === 'none' ? -1 : args.long(3);
    if (positioning === 'offset' && offset < 0) return -E.EINVAL;
    if (positioning === 'offset-or-position') {
      if (offset < -1) return -E.EINVAL;
      offset = Math.max(offset, -1);
    }
    const file = fileAt(task, args.i32(0));
    if (typeof file === 'number') return file;
    if (offset >= 0 && !file.operations.seekable) return -E.ESPIPE;
    if (transfer === reading ? !file.readable : !file.writable) return -E.EBADF;
    const vectors = task.user.readIovecs(args.ptr(1), args.i64(2) < 0n || args.size(2) > 0x7fff_ffff ? -1 : args.i32(2));
    if (typeof vectors === 'number') return vectors;
    if (vectors.every(({ length }) => length === 0)) return 0;
    const flags = flagged ? args.u32(5) : 0;
    if ((flags & ~(RWF.HIPRI | RWF.DSYNC | RWF.SYNC | RWF.NOWAIT | RWF.APPEND)) !== 0) return -E.EOPNOTSUPP;
    // As tmpfs: whether a read would have to wait for a disk is not known.
    if ((flags & RWF.NOWAIT) !== 0 && file.operations instanceof RegularFile) return -E.EOPNOTSUPP;
    const result = transfer(task, file, vectors, offset, { noWait: (flags & RWF.NOWAIT) !== 0, append: (flags & RWF.APPEND) !== 0 });
    const written = transfer === writing && typeof result === 'number' && result > 0;
    if (written && (flags & (RWF.SYNC | RWF.DSYNC)) !== 0 && file.operations instanceof RegularFile) file.operations.node.sync((flags & RWF.SYNC) === 0);
    return result;
  };
}

function lseek(task: Task, args: SyscallArgs): number {
  const file = fileAt(task, args.i32(0));
  if (typeof file === 'number') return file;
  const whence = args.u32(2);
  if (whence > SEEK.HOLE) return -E.EINVAL;
  const { seek } = file.operations;
  if (seek === undefined) return -E.ESPIPE;
  const to = file.operations.seek!(file, args.long(1), whence);
  if (to >= 0) file.position = to;
  return to;
}

const HIPRI = 'RWF_HIPRI changes nothing; RWF_NOWAIT is EOPNOTSUPP on regular files';

export const ioSyscalls: readonly SyscallEntry[] = [
  full('read', 'fd buf@out size', plain(reading, false)),
  full('write', 'fd buf size', plain(writing, false)),
  full('pread64', 'fd buf@out size long', plain(reading, true)),
  full('pwrite64', 'fd buf size long', plain(writing, true)),
  full('readv', 'fd ptr int', vectored(reading, 'none', false)),
  full('writev', 'fd ptr int', vectored(writing, 'none', false)),
  full('preadv', 'fd ptr int long long', vectored(reading, 'offset', false)),
  full('pwritev', 'fd ptr int long long', vectored(writing, 'offset', false)),
  partial('preadv2', 'fd ptr int long long hex', HIPRI, vectored(reading, 'offset-or-position', true)),
  partial('pwritev2', 'fd ptr int long long hex', HIPRI, vectored(writing, 'offset-or-position', true)),
  full('lseek', 'fd long int', lseek),
];
