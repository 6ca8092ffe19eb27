import { E, MAX_RW_COUNT, MSG, MSG_CMSG_COMPAT, MSGHDR, MMSGHDR_SIZE, SOCKADDR_STORAGE_SIZE, UIO_MAXIOV } from '@tally86/abi';
import { brokenPipe } from '../fs/transfer.ts';
import { userSource } from '../fs/user-io.ts';
import type { OpenFile, Source } from '../fs/open-file.ts';
import type { Task } from '../kernel/types.ts';
import { dropControl, readControl } from '../net/control.ts';
import { NO_CONTROL, type Outgoing, type SentControl } from '../net/message.ts';
import { sleepOnSocket, waits } from '../net/sleep.ts';
import { readName, socketAt } from '../net/socket-at.ts';
import type { Socket } from '../net/socket.ts';
import { isWait, type SyscallResult } from '../sched/wait.ts';
import { full, partial } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

/** Sends a message: all of it, for a stream that may sleep. `ends` is called once with the result. */
function send(task: Task, socket: Socket, file: OpenFile, message: Outgoing, ends: () => void = () => {}): SyscallResult {
  const { from, flags } = message;
  const wanted = from.remaining;
  const sleeps = waits(file, flags);
  let sent = 0;
  const finish = (result: number): number => {
    if (result === -E.EPIPE && socket.signalsPipe && (flags & MSG.NOSIGNAL) === 0) brokenPipe(task);
    ends();
    return result;
  };
  const attempt = (): number => {
    const count = socket.send(message, task);
    if (count > 0) sent += count;
    if (count === -E.EAGAIN) return sleeps ? count : finish(sent > 0 ? sent : count);
    if (count < 0) return finish(sent > 0 ? sent : count);
    return socket.isStream && sleeps && sent < wanted && !from.faulted ? -E.EAGAIN : finish(sent);
  };
  const result = sleeps
    ? sleepOnSocket(task, { what: 'send', socket, attempt, queues: () => socket.queues, patience: socket.patience(true), reached: () => sent, tooLate: -E.EAGAIN })
    : attempt();
  return isWait(result) ? { ...result, done: ends } : result;
}

function sendto(task: Task, args: SyscallArgs): SyscallResult {
  const length = args.size(2);
  if (!task.user.inUserSpace(args.ptr(1), length)) return -E.EFAULT;
  const at = socketAt(task, args.i32(0));
  if (typeof at === 'number') return at;
  const name = args.isNull(4) ? null : readName(task, args.ptr(4), args.i32(5));
  if (typeof name === 'number') return name;
  const from = userSource(task.user, [{ base: args.ptr(1), length: Math.min(length, MAX_RW_COUNT) }]);
  return send(task, at.socket, at.file, { from, flags: args.u32(3), name: name?.length === 0 ? null : name, control: NO_CONTROL });
}

/** A struct msghdr as sendmsg(2) takes it; −errno in the kernel's order (copy_msghdr_from_user). */
function readMessage(task: Task, socket: Socket, address: number, flags: number): (Outgoing & { control: SentControl; from: Source }) | number {
  const header = task.user.view(address, MSGHDR.size);
  if (header === null) return -E.EFAULT;
  const nameAt = task.user.readPtr(address + MSGHDR.fields.msg_name.offset)!;
  let nameLength = header.getInt32(MSGHDR.fields.msg_namelen.offset, true);
  const [iovAt, iovCount] = [task.user.readPtr(address + MSGHDR.fields.msg_iov.offset)!, task.user.readSize(address + MSGHDR.fields.msg_iovlen.offset)!];
  const [controlAt, controlLength] = [task.user.readPtr(address + MSGHDR.fields.msg_control.offset)!, task.user.readSize(address + MSGHDR.fields.msg_controllen.offset)!];
  if (nameAt === 0) nameLength = 0;
  if (nameLength < 0) return -E.EINVAL;
  const name = nameLength === 0 ? null : readName(task, nameAt, Math.min(nameLength, SOCKADDR_STORAGE_SIZE));
  if (typeof name === 'number') return name;
  if (iovCount > UIO_MAXIOV) return -E.EMSGSIZE;
  const vectors = task.user.readIovecs(iovAt, iovCount);
  if (typeof vectors === 'number') return vectors;
  if (controlLength > 0x7fff_ffff) return -E.ENOBUFS;
  const control = controlLength === 0 ? NO_CONTROL : readControl(task, controlAt, controlLength, socket.kind.family);
  if (typeof control === 'number') return control;
  return { from: userSource(task.user, vectors), flags, name, control };
}

function sendMessage(task: Task, socket: Socket, file: OpenFile, address: number, flags: number): SyscallResult {
  const message = readMessage(task, socket, address, flags);
  if (typeof message === 'number') return message;
  let dropped = false;
  return send(task, socket, file, message, () => {
    if (!dropped) dropControl(message.control);
    dropped = true;
  });
}

function sendmsg(task: Task, args: SyscallArgs): SyscallResult {
  const flags = args.u32(2);
  if ((flags & MSG_CMSG_COMPAT) !== 0) return -E.EINVAL;
  const at = socketAt(task, args.i32(0));
  return typeof at === 'number' ? at : sendMessage(task, at.socket, at.file, args.ptr(1), flags);
}

/** One message after the other, as far as it goes: how many were sent, or the error of the first. */
function sendmmsg(task: Task, args: SyscallArgs): SyscallResult {
  const flags = args.u32(3);
  if ((flags & MSG_CMSG_COMPAT) !== 0) return -E.EINVAL;
  const at = socketAt(task, args.i32(0));
  if (typeof at === 'number') return at;
  const count = Math.min(args.u32(2), UIO_MAXIOV);
  let index = 0;
  const settle = (result: number): number | null => {
    if (result < 0) return index > 0 ? index : result;
    if (!task.user.writeU32(args.ptr(1) + index * MMSGHDR_SIZE + MSGHDR.size, result)) return index > 0 ? index : -E.EFAULT;
    index += 1;
    return index === count ? index : null;
  };
  const goOn = (first: SyscallResult): SyscallResult => {
    for (let result = first; ; result = sendMessage(task, at.socket, at.file, args.ptr(1) + index * MMSGHDR_SIZE, flags)) {
      if (typeof result !== 'number') return isWait(result) ? follow(result) : result;
      const end = settle(result);
      if (end !== null) return end;
    }
  };
  /** The wait of one message, and then the rest. */
  const follow = (wait: Extract<SyscallResult, { kind: 'wait' }>): SyscallResult => ({
    ...wait,
    wake: () => goOn(wait.wake()),
    timeout: () => goOn(wait.timeout!()),
    interrupt: () => index || wait.interrupt!(),
  });
  return count === 0 ? 0 : goOn(sendMessage(task, at.socket, at.file, args.ptr(1), flags));
}

const NOTE = 'no urgent data, no TCP Fast Open, no datagrams that are cut; TTL and TOS stay inside of the machine';

export const netSendSyscalls: readonly SyscallEntry[] = [
  partial('sendto', 'fd buf size hex ptr uint', NOTE, sendto),
  partial('sendmsg', 'fd ptr hex', NOTE, sendmsg),
  full('sendmmsg', 'fd ptr uint hex', sendmmsg),
];
