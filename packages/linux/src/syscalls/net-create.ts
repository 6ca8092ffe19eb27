import { E, SOCK, SOCK_TYPE_MASK } from '@tally86/abi';
import { tableOf, worldOf } from '../fs/access.ts';
import type { Task } from '../kernel/types.ts';
import { createSocket } from '../net/create.ts';
import { socketFile } from '../net/socket.ts';
import { UnixSocket } from '../net/unix/unix-socket.ts';
import { full, partial } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

const kindOf = (args: SyscallArgs) => ({ family: args.i32(0), type: args.i32(1) & SOCK_TYPE_MASK, protocol: args.i32(2) });
const unknownFlags = (args: SyscallArgs): boolean => (args.i32(1) & ~SOCK_TYPE_MASK & ~(SOCK.CLOEXEC | SOCK.NONBLOCK)) !== 0;

function socket(task: Task, args: SyscallArgs): number {
  if (unknownFlags(args)) return -E.EINVAL;
  const flags = args.i32(1);
  const world = worldOf(task);
  const made = createSocket(world.net, kindOf(args), task);
  if (typeof made === 'number') return made;
  return tableOf(task).add(task.process.limits, socketFile(world, made, flags), (flags & SOCK.CLOEXEC) !== 0);
}

/** The numbers are stored before the sockets are made: a fault leaves nothing behind (net/socket.c, __sys_socketpair). */
function socketpair(task: Task, args: SyscallArgs): number {
  if (unknownFlags(args)) return -E.EINVAL;
  const flags = args.i32(1);
  const table = tableOf(task);
  const { limits } = task.process;
  const first = table.free(limits);
  const second = first < 0 ? first : table.free(limits, first + 1);
  if (second < 0) return second;
  if (!task.user.write(args.ptr(3), new Uint8Array(Int32Array.of(first, second).buffer))) return -E.EFAULT;
  const room = table.roomFor(2);
  if (room < 0) return room;
  const world = worldOf(task);
  const one = createSocket(world.net, kindOf(args), task);
  if (typeof one === 'number') return one;
  const other = one instanceof UnixSocket ? createSocket(world.net, kindOf(args), task) : null;
  if (!(one instanceof UnixSocket) || !(other instanceof UnixSocket)) {
    one.release();
    return -E.EOPNOTSUPP;
  }
  one.pairWith(other, task.process);
  const closeOnExec = (flags & SOCK.CLOEXEC) !== 0;
  table.install(first, socketFile(world, one, flags), closeOnExec);
  table.install(second, socketFile(world, other, flags), closeOnExec);
  return 0;
}

export const netCreateSyscalls: readonly SyscallEntry[] = [
  partial('socket', 'int int int', 'AF_UNIX, AF_INET, AF_INET6 (streams and datagrams) and AF_NETLINK (NETLINK_ROUTE); no raw sockets', socket),
  full('socketpair', 'int int int ptr', socketpair),
];
