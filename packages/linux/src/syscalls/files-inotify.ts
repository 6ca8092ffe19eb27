import { AT_FDCWD, E, IN, IN_CLOEXEC, IN_NONBLOCK, O, S } from '@tally86/abi';
import { MAY, permission } from '@tally86/vfs';
import type { Task } from '../kernel/types.ts';
import { fileAt, lookupAt, worldOf } from '../fs/access.ts';
import { openAnonymous } from '../fs/anonymous.ts';
import { Inotify } from '../fs/inotify.ts';
import { full, partial } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

const KNOWN = Object.values(IN).reduce((set, bit) => set | bit, 0);

function init(task: Task, flags: number): number {
  if ((flags & ~(IN_CLOEXEC | IN_NONBLOCK)) !== 0) return -E.EINVAL;
  const { notify } = worldOf(task);
  if (!notify.openInstance()) return -E.EMFILE;
  const fd = openAnonymous(task, 'inotify', new Inotify(notify), flags, O.RDONLY);
  if (fd < 0) notify.closeInstance();
  return fd;
}

/** The instance behind a descriptor; −EBADF, −EINVAL. */
function instanceAt(task: Task, fd: number): Inotify | number {
  const file = fileAt(task, fd);
  if (typeof file === 'number') return file;
  return file.operations instanceof Inotify ? file.operations : -E.EINVAL;
}

function addWatch(task: Task, args: SyscallArgs): number {
  const mask = args.i32(2);
  if ((mask & ~KNOWN) !== 0 || mask === 0) return -E.EINVAL;
  const file = fileAt(task, args.i32(0));
  if (typeof file === 'number') return file;
  if ((mask & IN.MASK_ADD) !== 0 && (mask & IN.MASK_CREATE) !== 0) return -E.EINVAL;
  const instance = instanceAt(task, args.i32(0));
  if (typeof instance === 'number') return instance;
  const dentry = lookupAt(task, AT_FDCWD, args.ptr(1), { follow: (mask & IN.DONT_FOLLOW) === 0 });
  if (typeof dentry === 'number') return dentry;
  if ((mask & IN.ONLYDIR) !== 0 && dentry.inode.type !== S.IFDIR) return -E.ENOTDIR;
  const denied = permission(dentry, MAY.READ, task.process.credentials);
  return denied < 0 ? denied : instance.add(dentry.inode, mask);
}

function removeWatch(task: Task, args: SyscallArgs): number {
  const instance = instanceAt(task, args.i32(0));
  return typeof instance === 'number' ? instance : instance.removeWatch(args.i32(1));
}

const OWN = 'what the guest does; changes on the host, the opening of programs that are executed, and unmounts are not seen';

export const inotifySyscalls: readonly SyscallEntry[] = [
  full('inotify_init', '', (task) => init(task, 0)),
  full('inotify_init1', 'hex', (task, args) => init(task, args.u32(0))),
  partial('inotify_add_watch', 'fd path hex', OWN, addWatch),
  full('inotify_rm_watch', 'fd int', removeWatch),
];
