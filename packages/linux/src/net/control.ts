import { AF, CMSGHDR, E, MSG, SCM, SCM_MAX_FD, SO, SOL } from '@tally86/abi';
import { anyFileAt, tableOf } from '../fs/access.ts';
import type { OpenFile } from '../fs/open-file.ts';
import type { Task } from '../kernel/types.ts';
import { holdFile, releaseFile } from './hold.ts';
import { type ControlMessage, type Incoming, NO_CONTROL, type PeerCredentials, type SentControl } from './message.ts';

/** Control data of one message at most (net.core.optmem_max). */
const OPTMEM_MAX = 131_072;
const align = (length: number): number => (length + 7) & ~7;

/** The messages of a control buffer one after the other; −EINVAL at the end if one is longer than the buffer, or than itself. */
export function* controlMessages(bytes: Uint8Array): Generator<ControlMessage | number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + CMSGHDR.size <= bytes.length; ) {
    const size = Number(view.getBigUint64(at, true));
    if (size < CMSGHDR.size || size > bytes.length - at) return yield -E.EINVAL;
    yield { level: view.getInt32(at + 8, true), type: view.getInt32(at + 12, true), data: bytes.subarray(at + CMSGHDR.size, at + size) };
    at += align(size);
  }
}

/** A message of level SOL_SOCKET for a socket of the Internet families: 0, −EPERM, −EINVAL (net/core/sock.c, __sock_cmsg_send). */
export function readSocketMessage({ type, data }: ControlMessage, task: Task): number {
  switch (type) {
    // Only UNIX sockets pass them; others look away.
    case SCM.RIGHTS:
    case SCM.CREDENTIALS: return 0;
    case SO.MARK:
      if (task.process.credentials.euid !== 0) return -E.EPERM;
      return data.length === 4 ? 0 : -E.EINVAL;
    default: return -E.EINVAL;
  }
}

/** The control data of a message to a stream: 0, −EPERM, −EINVAL (sock_cmsg_send). */
export function readStreamControl(bytes: Uint8Array, task: Task): number {
  for (const message of controlMessages(bytes)) {
    const error = typeof message === 'number' ? message : message.level === SOL.SOCKET ? readSocketMessage(message, task) : 0;
    if (error < 0) return error;
  }
  return 0;
}

/** The control buffer of sendmsg(2): files are held until {@link dropControl}; −errno (net/core/scm.c, __scm_send). */
export function readControl(task: Task, address: number, length: number, family: number): SentControl | number {
  if (length > OPTMEM_MAX) return -E.ENOBUFS;
  const bytes = new Uint8Array(length);
  if (length > 0 && !task.user.read(address, bytes)) return -E.EFAULT;
  if (family !== AF.UNIX && family !== AF.NETLINK) return { ...NO_CONTROL, bytes };
  const files: OpenFile[] = [];
  let credentials: PeerCredentials | null = null;
  const fail = (error: number): number => {
    for (const file of files) releaseFile(file);
    return error;
  };
  for (const message of controlMessages(bytes)) {
    if (typeof message === 'number') return fail(message);
    const { level, type, data } = message;
    if (level !== SOL.SOCKET) continue;
    if (type === SCM.RIGHTS && family === AF.UNIX) {
      const error = holdDescriptors(task, data, files);
      if (error < 0) return fail(error);
    } else if (type === SCM.CREDENTIALS) {
      const told = readCredentials(task, data);
      if (typeof told === 'number') return fail(told);
      credentials = told;
    } else return fail(-E.EINVAL);
  }
  return { bytes, files, credentials };
}

function holdDescriptors(task: Task, data: Uint8Array, files: OpenFile[]): number {
  const count = data.length >> 2;
  if (files.length + count > SCM_MAX_FD) return -E.EINVAL;
  const view = new DataView(data.buffer, data.byteOffset);
  for (let i = 0; i < count; i += 1) {
    const file = anyFileAt(task, view.getInt32(i * 4, true));
    if (typeof file === 'number') return file;
    holdFile(file);
    files.push(file);
  }
  return 0;
}

/** Credentials that a process may show: its own (scm_check_creds). −EINVAL, −EPERM. */
function readCredentials({ process }: Task, data: Uint8Array): PeerCredentials | number {
  if (data.length !== 12) return -E.EINVAL;
  const view = new DataView(data.buffer, data.byteOffset);
  const [pid, uid, gid] = [view.getInt32(0, true), view.getUint32(4, true), view.getUint32(8, true)];
  const { credentials: own } = process;
  if (own.euid !== 0 && (pid !== process.pid || ![own.uid, own.euid, own.suid].includes(uid) || ![own.gid, own.egid, own.sgid].includes(gid))) return -E.EPERM;
  return { pid, uid, gid };
}

export function dropControl({ files }: SentControl): void {
  for (const file of files) releaseFile(file);
}

/** Fills the control buffer of recvmsg(2) and installs files: bytes used. What does not fit sets MSG_CTRUNC; files without a place are closed. */
export function writeControl(task: Task, message: Incoming, address: number, room: number, flags: number): number {
  let used = 0;
  /** put_cmsg: a header and as much data as fits. */
  const put = (level: number, type: number, data: Uint8Array): void => {
    const left = room - used;
    if (left < CMSGHDR.size) {
      message.outFlags |= MSG.CTRUNC;
      return;
    }
    const length = Math.min(CMSGHDR.size + data.length, left);
    if (length < CMSGHDR.size + data.length) message.outFlags |= MSG.CTRUNC;
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(length), true);
    view.setInt32(8, level, true);
    view.setInt32(12, type, true);
    bytes.set(data.subarray(0, length - CMSGHDR.size), CMSGHDR.size);
    if (task.user.write(address + used, bytes)) used += Math.min(align(length), left);
    else message.outFlags |= MSG.CTRUNC;
  };
  for (const { level, type, data } of message.control) put(level, type, data);
  const { files } = message;
  if (files.length === 0) return used;
  const fits = Math.max(0, Math.min(files.length, (room - used - CMSGHDR.size) >> 2));
  const installed = installFiles(task, files.slice(0, fits), address + used + CMSGHDR.size, (flags & MSG.CMSG_CLOEXEC) !== 0);
  if (installed.length > 0) put(SOL.SOCKET, SCM.RIGHTS, new Uint8Array(Int32Array.from(installed).buffer));
  if (installed.length < files.length) message.outFlags |= MSG.CTRUNC;
  // A descriptor holds its file itself.
  for (const file of files) releaseFile(file);
  return used;
}

function installFiles(task: Task, files: readonly OpenFile[], address: number, closeOnExec: boolean): number[] {
  const table = tableOf(task);
  const numbers: number[] = [];
  for (const file of files) {
    const fd = table.free(task.process.limits);
    if (fd < 0 || !task.user.writeU32(address + numbers.length * 4, fd)) break;
    table.install(fd, file, closeOnExec);
    numbers.push(fd);
  }
  return numbers;
}
