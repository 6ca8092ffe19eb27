import { AT_FLAG, E, type SyscallName } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { fileAt, lookupAt } from '../fs/access.ts';
import { fixed } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

/** No descriptor is a socket. */
function noSocket(task: Task, args: SyscallArgs): number {
  const file = fileAt(task, args.i32(0));
  return typeof file === 'number' ? file : -E.ENOTSOCK;
}

const NETWORK = 'no networking: sockets come with a later release';
const ON_SOCKETS: readonly (readonly [SyscallName, string])[] = [
  ['connect', 'fd ptr uint'], ['accept', 'fd ptr ptr'], ['accept4', 'fd ptr ptr hex'], ['sendto', 'fd buf size hex ptr uint'],
  ['recvfrom', 'fd ptr size hex ptr ptr'], ['sendmsg', 'fd ptr hex'], ['recvmsg', 'fd ptr hex'], ['sendmmsg', 'fd ptr uint hex'],
  ['recvmmsg', 'fd ptr uint hex ptr'], ['shutdown', 'fd int'], ['bind', 'fd ptr uint'], ['listen', 'fd int'], ['getsockname', 'fd ptr ptr'],
  ['getpeername', 'fd ptr ptr'], ['setsockopt', 'fd int int ptr uint'], ['getsockopt', 'fd int int ptr ptr'],
];

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
  fixed('socket', 'int int int', NETWORK, -E.EAFNOSUPPORT),
  fixed('socketpair', 'int int int ptr', NETWORK, -E.EAFNOSUPPORT),
  ...ON_SOCKETS.map(([name, args]) => fixed(name, args, NETWORK, noSocket)),
  ...NOT_PRIVILEGED.map(([name, args]) => fixed(name, args, 'not privileged', -E.EPERM)),
  fixed('name_to_handle_at', 'dirfd path ptr ptr hex', 'no file system has handles', nameToHandle),
];
