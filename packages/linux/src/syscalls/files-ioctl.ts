import { E, IOCTL, O, S } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { fileAt, tableOf } from '../fs/access.ts';
import { setAsync } from '../fs/async-notice.ts';
import type { OpenFile } from '../fs/open-file.ts';
import { partial } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

/** FICLONE: no file system shares extents (fs/remap_range.c). */
function clone(from: OpenFile | number, to: OpenFile): number {
  if (typeof from === 'number') return from;
  if (from.dentry.inode.fileSystem !== to.dentry.inode.fileSystem) return -E.EXDEV;
  if (from.isDirectory || to.isDirectory) return -E.EISDIR;
  if (from.dentry.inode.type !== S.IFREG || to.dentry.inode.type !== S.IFREG) return -E.EINVAL;
  if (!from.readable || !to.writable || (to.flags & O.APPEND) !== 0) return -E.EBADF;
  return -E.EOPNOTSUPP;
}

/** Requests that every file knows (fs/ioctl.c, do_vfs_ioctl), then those of its kind. */
function ioctl(task: Task, args: SyscallArgs): number {
  const fd = args.i32(0);
  const file = fileAt(task, fd);
  if (typeof file === 'number') return file;
  const request = args.u32(1);
  const argument = args.ptr(2);
  switch (request) {
    case IOCTL.FIOCLEX:
    case IOCTL.FIONCLEX:
      tableOf(task).setCloseOnExec(fd, request === IOCTL.FIOCLEX);
      return 0;
    case IOCTL.FIONBIO: {
      const on = task.user.readI32(argument);
      if (on === null) return -E.EFAULT;
      file.flags = on === 0 ? file.flags & ~O.NONBLOCK : file.flags | O.NONBLOCK;
      return 0;
    }
    case IOCTL.FIOASYNC: {
      const on = task.user.readI32(argument);
      if (on === null) return -E.EFAULT;
      if (file.operations.asynchronous !== true) return on === 0 ? 0 : -E.ENOTTY;
      setAsync(task.kernel, file, fd, on !== 0);
      return 0;
    }
    case IOCTL.FICLONE:
      return clone(fileAt(task, args.i32(2)), file);
    case IOCTL.FIOQSIZE: {
      const attributes = file.dentry.inode.getAttributes();
      if (typeof attributes === 'number') return attributes;
      return task.user.writeU64(argument, attributes.size) ? 0 : -E.EFAULT;
    }
    default:
      return file.operations.ioctl?.(file, request, argument, task) ?? -E.ENOTTY;
  }
}

export const ioctlSyscalls: readonly SyscallEntry[] = [
  partial('ioctl', 'fd hex ptr', 'terminals (no packet mode, no TIOCSTI, only the line discipline N_TTY), FIONREAD, FIONBIO, FIOASYNC, FIOCLEX, FIONCLEX, FIOQSIZE; the rest is ENOTTY, and EOPNOTSUPP for FICLONE', ioctl),
];
