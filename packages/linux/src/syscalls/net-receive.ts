import { E, MAX_RW_COUNT, MMSGHDR_SIZE, MSG, MSG_CMSG_COMPAT, MSGHDR, SO, UIO_MAXIOV } from '@tally86/abi';
import type { Destination, OpenFile } from '../fs/open-file.ts';
import { userDestination } from '../fs/user-io.ts';
import type { Task } from '../kernel/types.ts';
import { writeControl } from '../net/control.ts';
import { releaseFile } from '../net/hold.ts';
import { type Incoming, incoming } from '../net/message.ts';
import { sleepOnSocket, waits } from '../net/sleep.ts';
import { socketAt, writeName } from '../net/socket-at.ts';
import type { Socket } from '../net/socket.ts';
import { isWait, type SyscallResult, type Wait } from '../sched/wait.ts';
import { readTimespec, writeTimespec } from '../time/convert.ts';
import { full, partial } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

/** Receives a message and gives it to `tell`, which stores what came beside the bytes: the result of the call. */
function receive(task: Task, socket: Socket, file: OpenFile, to: Destination, flags: number, tell: (message: Incoming, count: number) => number): SyscallResult {
  // Nobody waits for errors.
  const sleeps = waits(file, flags) && (flags & MSG.ERRQUEUE) === 0;
  const message = incoming(to, sleeps ? flags : flags | MSG.DONTWAIT);
  const wanted = to.remaining;
  // How much a stream waits for: the least that SO_RCVLOWAT says, or all.
  const target = socket.isStream ? ((flags & MSG.WAITALL) !== 0 ? wanted : Math.min(socket.options.get(SO.RCVLOWAT), wanted)) : 0;
  let received = 0;
  const finish = (count: number): number => {
    const result = count < 0 && received > 0 ? received : count;
    if (result < 0) return result;
    return tell(message, result);
  };
  const attempt = (): number => {
    const count = socket.receive(message, task);
    if (count > 0) received += count;
    if (count === -E.EAGAIN) return sleeps && (received < target || received === 0) ? count : finish(received > 0 ? received : count);
    if (count < 0) return finish(count);
    const goesOn = count > 0 && sleeps && socket.isStream && received < target && !message.complete && (flags & MSG.PEEK) === 0 && !to.faulted;
    return goesOn ? -E.EAGAIN : finish(received);
  };
  if (!sleeps) return attempt();
  return sleepOnSocket(task, {
    what: 'receive', socket, attempt,
    queues: () => socket.queues,
    patience: socket.patience(false),
    reached: () => (received > 0 ? finish(received) : 0),
    tooLate: -E.EAGAIN,
  });
}

function recvfrom(task: Task, args: SyscallArgs): SyscallResult {
  const length = args.size(2);
  if (!task.user.inUserSpace(args.ptr(1), length)) return -E.EFAULT;
  const at = socketAt(task, args.i32(0));
  if (typeof at === 'number') return at;
  const to = userDestination(task.user, [{ base: args.ptr(1), length: Math.min(length, MAX_RW_COUNT) }]);
  return receive(task, at.socket, at.file, to, args.u32(3), (message, count) => {
    for (const file of message.files) releaseFile(file);
    if (args.isNull(4)) return count;
    const error = writeName(task, message.name ?? new Uint8Array(0), args.ptr(4), args.ptr(5));
    return error < 0 ? error : count;
  });
}

const { msg_name: NAME, msg_namelen: NAME_LENGTH, msg_iov: IOV, msg_iovlen: IOV_LENGTH, msg_control: CONTROL, msg_controllen: CONTROL_LENGTH, msg_flags: FLAGS } = MSGHDR.fields;

function receiveMessage(task: Task, socket: Socket, file: OpenFile, address: number, flags: number): SyscallResult {
  const { user } = task;
  const header = user.view(address, MSGHDR.size);
  if (header === null) return -E.EFAULT;
  const nameAt = user.readPtr(address + NAME.offset)!;
  if (nameAt !== 0 && header.getInt32(NAME_LENGTH.offset, true) < 0) return -E.EINVAL;
  const [iovAt, iovCount] = [user.readPtr(address + IOV.offset)!, user.readSize(address + IOV_LENGTH.offset)!];
  const [controlAt, controlLength] = [user.readPtr(address + CONTROL.offset)!, user.readSize(address + CONTROL_LENGTH.offset)!];
  if (iovCount > UIO_MAXIOV) return -E.EMSGSIZE;
  const vectors = user.readIovecs(iovAt, iovCount);
  if (typeof vectors === 'number') return vectors;
  return receive(task, socket, file, userDestination(user, vectors), flags, (message, count) => {
    const used = writeControl(task, message, controlAt, controlAt === 0 ? 0 : Math.min(controlLength, 0x7fff_ffff), flags);
    if (nameAt !== 0) {
      const error = writeName(task, message.name ?? new Uint8Array(0), nameAt, address + NAME_LENGTH.offset);
      if (error < 0) return error;
    }
    const cloexec = flags & MSG.CMSG_CLOEXEC;
    const stored = user.writeU32(address + FLAGS.offset, message.outFlags | cloexec) && user.writeU64(address + CONTROL_LENGTH.offset, used);
    return stored ? count : -E.EFAULT;
  });
}

function recvmsg(task: Task, args: SyscallArgs): SyscallResult {
  const flags = args.u32(2);
  if ((flags & MSG_CMSG_COMPAT) !== 0) return -E.EINVAL;
  const at = socketAt(task, args.i32(0));
  return typeof at === 'number' ? at : receiveMessage(task, at.socket, at.file, args.ptr(1), flags);
}

/** Messages one after the other; the time-out is looked at between them, as in the kernel (net/socket.c, do_recvmmsg). */
function recvmmsg(task: Task, args: SyscallArgs): SyscallResult {
  const flags = args.u32(3);
  if ((flags & MSG_CMSG_COMPAT) !== 0) return -E.EINVAL;
  const { clock } = task.kernel;
  let deadline = Infinity;
  if (!args.isNull(4)) {
    const timeout = readTimespec(task.user, args.ptr(4));
    if (timeout === null) return -E.EFAULT;
    if (timeout < 0) return -E.EINVAL;
    deadline = clock.monotonic() + timeout;
  }
  const at = socketAt(task, args.i32(0));
  if (typeof at === 'number') return at;
  const pending = at.socket.takeError();
  if (pending !== 0) return pending;
  const count = Math.min(args.u32(2), UIO_MAXIOV);
  let index = 0;
  const end = (result: number): number => {
    if (deadline !== Infinity) writeTimespec(task.user, args.ptr(4), Math.max(0, deadline - clock.monotonic()));
    return result;
  };
  const one = (): SyscallResult => {
    const message = args.ptr(1) + index * MMSGHDR_SIZE;
    const wait = (flags & MSG.WAITFORONE) !== 0 && index > 0 ? MSG.DONTWAIT : 0;
    return receiveMessage(task, at.socket, at.file, message, (flags & ~MSG.WAITFORONE) | wait);
  };
  const settle = (result: number): number | null => {
    if (result < 0) return end(index > 0 ? index : result);
    if (!task.user.writeU32(args.ptr(1) + index * MMSGHDR_SIZE + MSGHDR.size, result)) return end(index > 0 ? index : -E.EFAULT);
    index += 1;
    return index === count || clock.monotonic() >= deadline ? end(index) : null;
  };
  const goOn = (first: SyscallResult): SyscallResult => {
    for (let result = first; ; result = one()) {
      if (typeof result !== 'number') return isWait(result) ? follow(result) : result;
      const ended = settle(result);
      if (ended !== null) return ended;
    }
  };
  const follow = (wait: Wait): Wait => ({
    ...wait,
    wake: () => goOn(wait.wake()),
    timeout: () => goOn(wait.timeout!()),
    interrupt: () => (index > 0 ? end(index) : wait.interrupt!()),
  });
  return count === 0 ? 0 : goOn(one());
}

export const netReceiveSyscalls: readonly SyscallEntry[] = [
  partial('recvfrom', 'fd ptr size hex ptr ptr', 'no urgent data; an error queue only of datagrams inside of the machine', recvfrom),
  partial('recvmsg', 'fd ptr hex', 'no urgent data; an error queue only of datagrams inside of the machine', recvmsg),
  full('recvmmsg', 'fd ptr uint hex timespec', recvmmsg),
];
