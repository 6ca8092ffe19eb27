import { AT_FLAG, E, type SyscallName } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { lookupAt } from '../fs/access.ts';
import { fixed } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

const NOT_PRIVILEGED: readonly (readonly [SyscallName, string])[] = [
  ['mount', 'path path string hex ptr'], ['umount2', 'path hex'], ['pivot_root', 'path path'], ['swapon', 'path hex'], ['swapoff', 'path'],
  ['quotactl', 'hex path uint ptr'], ['fanotify_init', 'hex hex'], ['open_by_handle_at', 'fd ptr hex'],
];

/** name_to_handle_at(2): file systems have no handles to give. */
function nameToHandle(task: Task, args: SyscallArgs): number {
  const flags = args.u32(4);
  if ((flags & ~(AT_FLAG.SYMLINK_FOLLOW | AT_FLAG.EMPTY_PATH)) !== 0) return -E.EINVAL;
  const dentry = lookupAt(task, args.i32(0), args.ptr(1), { follow: (flags & AT_FLAG.SYMLINK_FOLLOW) !== 0, emptyPath: (flags & AT_FLAG.EMPTY_PATH) !== 0 });
  return typeof dentry === 'number' ? dentry : -E.EOPNOTSUPP;
}

export const absentFileSyscalls: readonly SyscallEntry[] = [
  ...NOT_PRIVILEGED.map(([name, args]) => fixed(name, args, 'not privileged', -E.EPERM)),
  fixed('name_to_handle_at', 'dirfd path ptr ptr hex', 'no file system has handles', nameToHandle),
];
