import { E, SOCK } from '@tally86/abi';
import { tableOf, worldOf } from '../fs/access.ts';
import type { Task } from '../kernel/types.ts';
import { sleepOnSocket, waits } from '../net/sleep.ts';
import { readName, socketAt, writeName } from '../net/socket-at.ts';
import { type Socket, socketFile } from '../net/socket.ts';
import type { SyscallResult } from '../sched/wait.ts';
import { full, partial } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

function bind(task: Task, args: SyscallArgs): SyscallResult {
  const at = socketAt(task, args.i32(0));
  if (typeof at === 'number') return at;
  const name = readName(task, args.ptr(1), args.i32(2));
  return typeof name === 'number' ? name : at.socket.bind(task, name);
}

function connect(task: Task, args: SyscallArgs): SyscallResult {
  const at = socketAt(task, args.i32(0));
  if (typeof at === 'number') return at;
  const { socket, file } = at;
  const name = readName(task, args.ptr(1), args.i32(2));
  if (typeof name === 'number') return name;
  const first = socket.connect(task, name);
  const goesOn = first === -E.EINPROGRESS || first === -E.EALREADY;
  if ((!goesOn && first !== -E.EAGAIN) || !waits(file)) return first;
  const attempt = (): number => {
    const result = socket.connected(task, name);
    return result === -E.EINPROGRESS ? -E.EAGAIN : result;
  };
  return sleepOnSocket(task, {
    what: 'connect', socket, attempt,
    queues: () => socket.connectQueues,
    patience: socket.patience(true),
    reached: () => 0,
    tooLate: goesOn ? -E.EINPROGRESS : -E.EAGAIN,
  });
}

function listen(task: Task, args: SyscallArgs): SyscallResult {
  const at = socketAt(task, args.i32(0));
  return typeof at === 'number' ? at : at.socket.listen(task, args.i32(1));
}

function accept(task: Task, args: SyscallArgs, flags: number): SyscallResult {
  if ((flags & ~(SOCK.CLOEXEC | SOCK.NONBLOCK)) !== 0) return -E.EINVAL;
  const at = socketAt(task, args.i32(0));
  if (typeof at === 'number') return at;
  const { socket, file } = at;
  const room = tableOf(task).freeForOpen(task.process.limits);
  if (room < 0) return room;
  const attempt = (): number => {
    const made = socket.accept(task);
    return typeof made === 'number' ? made : install(task, args, made, flags);
  };
  if (!waits(file)) return attempt();
  return sleepOnSocket(task, {
    what: 'accept', socket, attempt,
    queues: () => socket.queues,
    patience: socket.patience(false),
    reached: () => 0,
    tooLate: -E.EAGAIN,
  });
}

/** The descriptor of a connection; one whose address cannot be stored is closed again. */
function install(task: Task, args: SyscallArgs, made: Socket, flags: number): number {
  const file = socketFile(worldOf(task), made, flags);
  if (!args.isNull(1)) {
    const name = made.peerName();
    const error = typeof name === 'number' ? -E.ECONNABORTED : writeName(task, name, args.ptr(1), args.ptr(2));
    if (error < 0) {
      file.release();
      return error;
    }
  }
  return tableOf(task).add(task.process.limits, file, (flags & SOCK.CLOEXEC) !== 0);
}

function shutdown(task: Task, args: SyscallArgs): SyscallResult {
  const at = socketAt(task, args.i32(0));
  return typeof at === 'number' ? at : at.socket.shutdown(args.i32(1));
}

function nameCall(of: (socket: Socket) => Uint8Array | number) {
  return (task: Task, args: SyscallArgs): number => {
    const at = socketAt(task, args.i32(0));
    if (typeof at === 'number') return at;
    const name = of(at.socket);
    return typeof name === 'number' ? name : writeName(task, name, args.ptr(1), args.ptr(2));
  };
}

const OUTSIDE = 'outside of the machine only with the network of the host';

export const netConnectSyscalls: readonly SyscallEntry[] = [
  partial('bind', 'fd ptr uint', 'the addresses of the loopback, and those of the host with its network', bind),
  partial('connect', 'fd ptr uint', OUTSIDE, connect),
  full('listen', 'fd int', listen),
  full('accept', 'fd ptr ptr', (task, args) => accept(task, args, 0)),
  full('accept4', 'fd ptr ptr hex', (task, args) => accept(task, args, args.i32(3))),
  full('shutdown', 'fd int', shutdown),
  full('getsockname', 'fd ptr ptr', nameCall((socket) => socket.localName())),
  full('getpeername', 'fd ptr ptr', nameCall((socket) => socket.peerName())),
];
