import { E, SOCKADDR_STORAGE_SIZE } from '@tally86/abi';
import { fileAt } from '../fs/access.ts';
import type { OpenFile } from '../fs/open-file.ts';
import type { Task } from '../kernel/types.ts';
import { Socket } from './socket.ts';

/** The socket behind a descriptor, and its file; −EBADF, −ENOTSOCK. */
export function socketAt(task: Task, fd: number): { readonly socket: Socket; readonly file: OpenFile } | number {
  const file = fileAt(task, fd);
  if (typeof file === 'number') return file;
  return file.operations instanceof Socket ? { socket: file.operations, file } : -E.ENOTSOCK;
}

/** A sockaddr argument (move_addr_to_kernel); −EINVAL, −EFAULT. */
export function readName(task: Task, address: number, length: number): Uint8Array | number {
  if (length < 0 || length > SOCKADDR_STORAGE_SIZE) return -E.EINVAL;
  const bytes = new Uint8Array(length);
  return length === 0 || task.user.read(address, bytes) ? bytes : -E.EFAULT;
}

/** Stores an address and its length, of which the guest's buffer takes what it has room for (move_addr_to_user). 0 or −errno. */
export function writeName(task: Task, name: Uint8Array, address: number, lengthAt: number): number {
  const room = task.user.readI32(lengthAt);
  if (room === null) return -E.EFAULT;
  if (room < 0) return -E.EINVAL;
  if (room > 0 && name.length > 0 && !task.user.write(address, name.subarray(0, room))) return -E.EFAULT;
  return task.user.writeU32(lengthAt, name.length) ? 0 : -E.EFAULT;
}
