import { AT_FDCWD, E, F_SEAL, FALLOC, MFD, O, RLIMIT, S } from '@tally86/abi';
import { MAY, permission } from '@tally86/vfs';
import { softLimit } from '../kernel/limits.ts';
import type { Task } from '../kernel/types.ts';
import { fileAt, lookupAt, tableOf, worldOf } from '../fs/access.ts';
import { OpenFile } from '../fs/open-file.ts';
import { fileTooBig, RegularFile } from '../fs/regular-file.ts';
import { fixed, full, partial } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

/** A file may become this big: RLIMIT_FSIZE, then what the file system holds. */
function checkSize(task: Task, file: OpenFile, size: number): number {
  if (size > softLimit(task.process.limits, RLIMIT.FSIZE)) {
    fileTooBig(task);
    return -E.EFBIG;
  }
  return size > file.dentry.inode.fileSystem.maxFileSize ? -E.EFBIG : 0;
}

function ftruncate(task: Task, args: SyscallArgs): number {
  const size = args.long(1);
  if (size < 0) return -E.EINVAL;
  const file = fileAt(task, args.i32(0));
  if (typeof file === 'number') return file;
  if (!(file.operations instanceof RegularFile) || !file.writable) return -E.EINVAL;
  return truncateTo(task, file, file.operations, size);
}

function truncateTo(task: Task, file: OpenFile, operations: RegularFile, size: number): number {
  const refused = checkSize(task, file, size);
  const error = refused < 0 ? refused : operations.truncate(file, size);
  if (error === 0) worldOf(task).notify.modified(file);
  return error;
}

function truncate(task: Task, args: SyscallArgs): number {
  const size = args.long(1);
  if (size < 0) return -E.EINVAL;
  const dentry = lookupAt(task, AT_FDCWD, args.ptr(0), { follow: true });
  if (typeof dentry === 'number') return dentry;
  if (dentry.inode.type === S.IFDIR) return -E.EISDIR;
  if (dentry.inode.type !== S.IFREG) return -E.EINVAL;
  const denied = permission(dentry, MAY.WRITE, task.process.credentials);
  if (denied < 0) return denied;
  const node = dentry.inode.open(O.WRONLY);
  if (typeof node === 'number') return node;
  const operations = new RegularFile(node, worldOf(task));
  const file = new OpenFile(dentry, operations, O.WRONLY);
  const result = truncateTo(task, file, operations, size);
  file.release();
  return result;
}

function fallocate(task: Task, args: SyscallArgs): number {
  const [mode, offset, length] = [args.u32(1), args.long(2), args.long(3)];
  if (offset < 0 || length <= 0) return -E.EINVAL;
  const file = fileAt(task, args.i32(0));
  if (typeof file === 'number') return file;
  if ((mode & ~(FALLOC.KEEP_SIZE | FALLOC.PUNCH_HOLE)) !== 0) return -E.EOPNOTSUPP;
  if ((mode & FALLOC.PUNCH_HOLE) !== 0 && (mode & FALLOC.KEEP_SIZE) === 0) return -E.EOPNOTSUPP;
  if (!file.writable) return -E.EBADF;
  if (file.dentry.inode.type === S.IFIFO) return -E.ESPIPE;
  if (file.isDirectory) return -E.EISDIR;
  if (!(file.operations instanceof RegularFile)) return -E.ENODEV;
  const error = mode === 0 ? checkSize(task, file, offset + length) : offset + length > file.dentry.inode.fileSystem.maxFileSize ? -E.EFBIG : 0;
  const result = error < 0 ? error : file.operations.allocate(file, mode, offset, length);
  if (result === 0) worldOf(task).notify.modified(file);
  return result;
}

function fsync(dataOnly: boolean) {
  return (task: Task, args: SyscallArgs): number => {
    const file = fileAt(task, args.i32(0));
    if (typeof file === 'number') return file;
    if (file.isDirectory) return 0;
    if (!(file.operations instanceof RegularFile)) return -E.EINVAL;
    const cached = worldOf(task).cacheOf(file.dentry);
    cached?.cache.flush(cached.mappable);
    return file.operations.node.sync(dataOnly);
  };
}

function sync(task: Task): number {
  const world = worldOf(task);
  task.process.mm.mmu.cache.flushAll();
  for (const mount of world.vfs.mounts) mount.fileSystem.sync();
  return 0;
}

function syncfs(task: Task, args: SyscallArgs): number {
  const file = fileAt(task, args.i32(0));
  if (typeof file === 'number') return file;
  task.process.mm.mmu.cache.flushAll();
  return file.dentry.mount.fileSystem.sync();
}

/** Advice about files: taken, and nothing comes of it. */
function advice(check: (args: SyscallArgs) => number, onPipe: number) {
  return (task: Task, args: SyscallArgs): number => {
    const file = fileAt(task, args.i32(0));
    if (typeof file === 'number') return file;
    if (file.dentry.inode.type === S.IFIFO) return onPipe;
    return check(args);
  };
}

/** Huge pages are asked for in vain, as of a kernel without hugetlbfs. */
const MEMFD_FLAGS = MFD.CLOEXEC | MFD.ALLOW_SEALING | MFD.NOEXEC_SEAL | MFD.EXEC;

function memfdCreate(task: Task, args: SyscallArgs): number {
  const flags = args.u32(1);
  if ((flags & ~MEMFD_FLAGS) !== 0 || (flags & (MFD.EXEC | MFD.NOEXEC_SEAL)) === (MFD.EXEC | MFD.NOEXEC_SEAL)) return -E.EINVAL;
  const MAX_NAME = 249;
  const name = task.user.readString(args.ptr(0), MAX_NAME + 1);
  if (name === -E.ENAMETOOLONG) return -E.EINVAL;
  if (typeof name === 'number') return name;
  const world = worldOf(task);
  const { fsuid, fsgid } = task.process.credentials;
  const { limits } = task.process;
  const room = tableOf(task).freeForOpen(limits);
  if (room < 0) return room;
  const executable = (flags & MFD.NOEXEC_SEAL) === 0;
  const inode = world.memory.fileSystem.root.createUnnamed!({ mode: S.IFREG | (executable ? 0o777 : 0o666), uid: fsuid, gid: fsgid });
  if (typeof inode === 'number') return inode;
  const node = inode.open(O.RDWR);
  if (typeof node === 'number') return node;
  world.seals.start(inode, !executable ? F_SEAL.EXEC : (flags & MFD.ALLOW_SEALING) !== 0 ? 0 : F_SEAL.SEAL);
  const file = world.looseFile(world.memory, `/memfd:${name} (deleted)`, inode, new RegularFile(node, world), O.RDWR | O.LARGEFILE);
  return tableOf(task).add(limits, file, (flags & MFD.CLOEXEC) !== 0);
}

const ADVICE = 'nothing is read ahead or dropped';

export const spaceSyscalls: readonly SyscallEntry[] = [
  full('truncate', 'path long', truncate),
  full('ftruncate', 'fd long', ftruncate),
  partial('fallocate', 'fd hex long long', 'allocation and FALLOC_FL_PUNCH_HOLE on memory and overlay; host file systems: EOPNOTSUPP', fallocate),
  full('fsync', 'fd', fsync(false)),
  full('fdatasync', 'fd', fsync(true)),
  partial('sync', '', 'the host writes its own caches out when it likes', sync),
  partial('syncfs', 'fd', 'the host writes its own caches out when it likes', syncfs),
  fixed('sync_file_range', 'fd long long hex', ADVICE, advice((args) => (args.long(1) < 0 || args.long(2) < 0 || args.u32(3) > 7 ? -E.EINVAL : 0), -E.ESPIPE)),
  fixed('readahead', 'fd long size', ADVICE, advice(() => 0, -E.EINVAL)),
  fixed('fadvise64', 'fd long size int', ADVICE, advice((args) => (args.u32(3) > 5 || args.long(2) < 0 ? -E.EINVAL : 0), -E.ESPIPE)),
  partial('memfd_create', 'string hex', 'no huge pages', memfdCreate),
];
