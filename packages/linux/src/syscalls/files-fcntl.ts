import { E, F, F_OWNER, F_UNLCK, FD_CLOEXEC, FLOCK, LOCK, O, packStruct, RLIMIT, SEEK } from '@tally86/abi';
import { softLimit } from '../kernel/limits.ts';
import type { Task } from '../kernel/types.ts';
import type { SyscallResult } from '../sched/wait.ts';
import { anyFileAt, fileAt, tableOf, worldOf } from '../fs/access.ts';
import { ownerOf, setAsync, setOwner } from '../fs/async-notice.ts';
import { isLockType, type RangeLock } from '../fs/locks.ts';
import type { OpenFile } from '../fs/open-file.ts';
import { PipeEnd } from '../fs/pipe.ts';
import { sleepOn } from '../fs/transfer.ts';
import { partial } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

/** Status flags that F_SETFL changes (fs/fcntl.c, SETFL_MASK). */
const SETTABLE = O.APPEND | O.NONBLOCK | O.DIRECT | O.NOATIME | O.FASYNC;
/** Calls that work on a descriptor of O_PATH. */
const ON_PATHS: ReadonlySet<number> = new Set([F.DUPFD, F.DUPFD_CLOEXEC, F.GETFD, F.SETFD, F.GETFL]);

function fcntl(task: Task, args: SyscallArgs): SyscallResult {
  const fd = args.i32(0);
  const command = args.u32(1);
  const file = ON_PATHS.has(command) ? anyFileAt(task, fd) : fileAt(task, fd);
  if (typeof file === 'number') return file;
  const table = tableOf(task);
  const value = args.i32(2);
  switch (command) {
    case F.DUPFD:
    case F.DUPFD_CLOEXEC: {
      if (value < 0 || value >= softLimit(task.process.limits, RLIMIT.NOFILE)) return -E.EINVAL;
      const to = table.free(task.process.limits, value);
      return to < 0 ? to : table.install(to, file, command === F.DUPFD_CLOEXEC);
    }
    case F.GETFD: return table.closesOnExec(fd) ? FD_CLOEXEC : 0;
    case F.SETFD:
      table.setCloseOnExec(fd, (value & FD_CLOEXEC) !== 0);
      return 0;
    case F.GETFL: return file.flags;
    case F.SETFL:
      file.flags = (file.flags & ~SETTABLE) | (value & SETTABLE);
      setAsync(task.kernel, file, fd, (value & O.FASYNC) !== 0);
      return 0;
    case F.GETLK: case F.OFD_GETLK: return getLock(task, args, file, command === F.OFD_GETLK);
    case F.SETLK: case F.SETLKW: return setLock(task, args, file, command === F.SETLKW, false);
    case F.OFD_SETLK: case F.OFD_SETLKW: return setLock(task, args, file, command === F.OFD_SETLKW, true);
    case F.GETOWN: {
      const { type, id } = ownerOf(task.kernel, file);
      return type === F_OWNER.PGRP ? -id : id;
    }
    case F.SETOWN:
      if (value === -0x8000_0000) return -E.EINVAL;
      return setOwner(task.kernel, file, { type: value < 0 ? F_OWNER.PGRP : F_OWNER.PID, id: Math.abs(value) });
    case F.GETOWN_EX: {
      const { type, id } = ownerOf(task.kernel, file);
      return task.user.write(args.ptr(2), new Uint8Array(Int32Array.of(type, id).buffer)) ? 0 : -E.EFAULT;
    }
    case F.SETOWN_EX: {
      const view = task.user.view(args.ptr(2), 8);
      if (view === null) return -E.EFAULT;
      const [type, id] = [view.getInt32(0, true), view.getInt32(4, true)];
      return type < F_OWNER.TID || type > F_OWNER.PGRP ? -E.EINVAL : setOwner(task.kernel, file, { type, id });
    }
    case F.GETSIG: return file.signal;
    case F.SETSIG:
      if (value < 0 || value > 64) return -E.EINVAL;
      file.signal = value;
      return 0;
    case F.GETPIPE_SZ: return file.operations instanceof PipeEnd ? file.operations.pipe.capacity : -E.EBADF;
    case F.SETPIPE_SZ:
      return file.operations instanceof PipeEnd ? file.operations.pipe.resize(args.u32(2), task.process.credentials.euid === 0) : -E.EBADF;
    case F.ADD_SEALS: return worldOf(task).seals.add(file.dentry.inode, file.writable, args.u32(2), task.kernel.processes.values());
    case F.GET_SEALS: return worldOf(task).seals.get(file.dentry.inode);
    case F.GETLEASE: return F_UNLCK;
    default: return -E.EINVAL;
  }
}

/** A struct flock of the guest as a lock; −EFAULT, −EINVAL, −EOVERFLOW (fs/locks.c, flock64_to_posix_lock). */
function readLock(task: Task, args: SyscallArgs, file: OpenFile, ofd: boolean): RangeLock | number {
  const view = task.user.view(args.ptr(2), FLOCK.size);
  if (view === null) return -E.EFAULT;
  const type = view.getInt16(FLOCK.fields.l_type.offset, true);
  const whence = view.getInt16(FLOCK.fields.l_whence.offset, true);
  const clamp = (value: bigint): number => Number(value > 2n ** 53n ? 2n ** 53n : value < -(2n ** 53n) ? -(2n ** 53n) : value);
  const from = clamp(view.getBigInt64(FLOCK.fields.l_start.offset, true));
  const length = clamp(view.getBigInt64(FLOCK.fields.l_len.offset, true));
  if (ofd && view.getInt32(FLOCK.fields.l_pid.offset, true) !== 0) return -E.EINVAL;
  let base = 0;
  if (whence === SEEK.CUR) base = file.position;
  else if (whence === SEEK.END) {
    const attributes = file.dentry.inode.getAttributes();
    if (typeof attributes === 'number') return attributes;
    base = attributes.size;
  } else if (whence !== SEEK.SET) return -E.EINVAL;
  let start = base + from;
  let end = length === 0 ? Infinity : start + length;
  if (length < 0) [start, end] = [start + length, start];
  if (start < 0) return -E.EINVAL;
  if (!isLockType(type)) return -E.EINVAL;
  return { type, start, end, owner: ofd ? file : task.files, pid: ofd ? -1 : task.process.pid };
}

function getLock(task: Task, args: SyscallArgs, file: OpenFile, ofd: boolean): number {
  const lock = readLock(task, args, file, ofd);
  if (typeof lock === 'number') return lock;
  if (lock.type === F_UNLCK && !ofd) return -E.EINVAL;
  const conflict = worldOf(task).locks.conflict(file.dentry.inode, lock);
  if (conflict === undefined) return task.user.writeU16(args.ptr(2), F_UNLCK) ? 0 : -E.EFAULT;
  const { type, start, end, pid } = conflict;
  const told = packStruct(FLOCK, { l_type: type, l_whence: SEEK.SET, l_start: start, l_len: end === Infinity ? 0 : end - start, l_pid: pid });
  return task.user.write(args.ptr(2), told) ? 0 : -E.EFAULT;
}

function setLock(task: Task, args: SyscallArgs, file: OpenFile, waits: boolean, ofd: boolean): SyscallResult {
  const lock = readLock(task, args, file, ofd);
  if (typeof lock === 'number') return lock;
  if ((lock.type === 0 && !file.readable) || (lock.type === 1 && !file.writable)) return -E.EBADF;
  return waits ? waitForLock(task, file, lock, ofd) : worldOf(task).locks.set(file.dentry.inode, lock);
}

function waitForLock(task: Task, file: OpenFile, lock: RangeLock, ofd: boolean): SyscallResult {
  const { locks } = worldOf(task);
  const { inode } = file.dentry;
  const result = locks.set(inode, lock);
  if (result !== -E.EAGAIN) return result;
  if (!ofd && locks.isCircle(inode, lock)) return -E.EDEADLK;
  const awaited = { inode, lock };
  if (!ofd) locks.await(awaited);
  return {
    kind: 'wait',
    what: 'a lock on a file',
    queues: [locks.queue(inode)],
    deadline: Infinity,
    wake: () => waitForLock(task, file, lock, ofd),
    done: () => locks.awaitNoMore(awaited),
  };
}

function flock(task: Task, args: SyscallArgs): SyscallResult {
  const operation = args.u32(1);
  if (![LOCK.SH, LOCK.EX, LOCK.UN].some((known) => known === (operation & ~LOCK.NB))) return -E.EINVAL;
  const file = fileAt(task, args.i32(0));
  if (typeof file === 'number') return file;
  const { locks } = worldOf(task);
  const attempt = (): number => locks.flock(file, operation & ~LOCK.NB);
  const first = attempt();
  return first === -E.EAGAIN && (operation & LOCK.NB) === 0 ? sleepOn([locks.queue(file.dentry.inode)], 'flock', attempt, () => 0) : first;
}

export const fcntlSyscalls: readonly SyscallEntry[] = [
  partial('fcntl', 'fd int hex', 'no leases, no directory notification; SIGIO of pipes and sockets only', fcntl),
  partial('flock', 'fd int', 'locks do not reach the host', flock),
];
