import { E } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { isError } from '../net/options/table.ts';
import { socketAt } from '../net/socket-at.ts';
import { partial } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

/** The longest value that is read; no option has more. */
const LONGEST = 4096;

function setsockopt(task: Task, args: SyscallArgs): number {
  const length = args.i32(4);
  if (length < 0) return -E.EINVAL;
  const at = socketAt(task, args.i32(0));
  if (typeof at === 'number') return at;
  const { socket } = at;
  const [level, name] = [args.i32(1), args.i32(2)];
  const table = socket.optionsOf(level);
  if (table === null) return socket.noLevel[0];
  const row = table.get(name);
  const { least = 4 } = row ?? {};
  // A value that is too short is told before an option that is not there.
  if (length < (row === undefined ? 4 : least)) return -E.EINVAL;
  const bytes = new Uint8Array(Math.min(length, LONGEST));
  if (bytes.length > 0 && !task.user.read(args.ptr(3), bytes)) return -E.EFAULT;
  if (row?.set === undefined) return -E.ENOPROTOOPT;
  const value = bytes.length >= 4 ? new DataView(bytes.buffer).getInt32(0, true) : (bytes[0] ?? 0);
  const result = row.set(socket, value, bytes, task);
  if (result === 0) socket.optionChanged(level, name);
  return result;
}

function getsockopt(task: Task, args: SyscallArgs): number {
  const at = socketAt(task, args.i32(0));
  if (typeof at === 'number') return at;
  const { socket } = at;
  const table = socket.optionsOf(args.i32(1));
  if (table === null) return socket.noLevel[1];
  const room = task.user.readI32(args.ptr(4));
  if (room === null) return -E.EFAULT;
  if (room < 0) return -E.EINVAL;
  const row = table.get(args.i32(2));
  if (row?.get === undefined) return -E.ENOPROTOOPT;
  const found = row.get(socket, room, task);
  if (isError(found)) return found;
  const bytes = (typeof found === 'number' ? new Uint8Array(Int32Array.of(found).buffer) : found).subarray(0, room);
  if (bytes.length > 0 && !task.user.write(args.ptr(3), bytes)) return -E.EFAULT;
  return task.user.writeU32(args.ptr(4), bytes.length) ? 0 : -E.EFAULT;
}

const KNOWN = 'the options of socket(7), ip(7), ipv6(7), tcp(7), udp(7) and netlink(7) that programs use; filters and multicast groups are refused, and with the network of the host what asks for TTL, TOS or destination of a datagram';

export const netOptionSyscalls: readonly SyscallEntry[] = [
  partial('setsockopt', 'fd int int ptr uint', KNOWN, setsockopt),
  partial('getsockopt', 'fd int int ptr ptr', KNOWN, getsockopt),
];
