import { AF, E, packStruct, SO, SOCK, TCP_STATE, UCRED } from '@tally86/abi';
import type { Task } from '../../kernel/types.ts';
import type { Socket } from '../socket.ts';
import { packLinger, UNLIMITED_RATE } from './socket-options.ts';
import { type OptionRow, optionTable } from './table.ts';

const INT_MAX = 0x7fff_ffff;
const privileged = (task: Task): boolean => task.process.credentials.euid === 0;
const isInet = ({ kind }: Socket): boolean => kind.family === AF.INET || kind.family === AF.INET6;

/** A switch: any number but 0 turns it on. */
const flag = (name: number, allowed: (socket: Socket, task: Task, on: boolean) => number = () => 0) => ({
  name,
  get: ({ options }: Socket): number => options.get(name),
  set(socket: Socket, value: number, _bytes: Uint8Array, task: Task): number {
    const error = allowed(socket, task, value !== 0);
    if (error === 0) socket.options.set(name, value === 0 ? 0 : 1);
    return error;
  },
}) satisfies OptionRow;
/** A number that is kept and shown. */
const number = (name: number, check: (value: number, task: Task) => number): OptionRow => ({
  name,
  get: ({ options }) => options.get(name),
  set(socket, value, _bytes, task) {
    const error = check(value, task);
    if (error === 0) socket.options.set(name, value);
    return error;
  },
});
const shown = (name: number, get: NonNullable<OptionRow['get']>): OptionRow => ({ name, get });

/** A struct timeval as a time-out in nanoseconds (sock_set_timeout): 0 is none at all. */
function timeoutOf(bytes: Uint8Array): number {
  if (bytes.length < 16) return -E.EINVAL;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [seconds, micros] = [view.getBigInt64(0, true), view.getBigInt64(8, true)];
  if (micros < 0n || micros >= 1_000_000n) return -E.EDOM;
  if (seconds < 0n) return 0;
  if (seconds === 0n && micros === 0n) return Infinity;
  return seconds > 9_000_000n ? Infinity : Number(seconds * 1_000_000_000n + micros * 1000n);
}
function packTimeout(nanoseconds: number): Uint8Array {
  const bytes = new Uint8Array(16);
  if (nanoseconds === Infinity) return bytes;
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(Math.floor(nanoseconds / 1e9)), true);
  view.setBigInt64(8, BigInt(Math.floor((nanoseconds % 1e9) / 1000)), true);
  return bytes;
}
const timeout = (name: number, field: 'sendTimeout' | 'receiveTimeout'): OptionRow => ({
  name,
  get: ({ options }) => packTimeout(options[field]),
  set({ options }, _value, bytes) {
    const nanoseconds = timeoutOf(bytes);
    if (nanoseconds < 0) return nanoseconds;
    options[field] = nanoseconds;
    return 0;
  },
});

function meminfo(socket: Socket): Uint8Array {
  const words = new Uint32Array(9);
  words[0] = Math.max(0, socket.available());
  words[1] = socket.options.receiveBuffer;
  words[2] = Math.max(0, socket.outgoing());
  words[3] = socket.options.sendBuffer;
  return new Uint8Array(words.buffer);
}

/** Level SOL_SOCKET (net/core/sock.c, sk_setsockopt and sk_getsockopt). Without `set`: −ENOPROTOOPT. */
export const SOL_SOCKET_OPTIONS = optionTable([
  flag(SO.DEBUG, (_socket, task, on) => (on && !privileged(task) ? -E.EACCES : 0)),
  flag(SO.REUSEADDR),
  shown(SO.TYPE, ({ kind }) => kind.type),
  shown(SO.ERROR, (socket) => -socket.takeError()),
  flag(SO.DONTROUTE), flag(SO.BROADCAST), flag(SO.KEEPALIVE), flag(SO.OOBINLINE), flag(SO.NO_CHECK),
  {
    name: SO.SNDBUF,
    get: ({ options }) => options.sendBuffer,
    set({ options, queue }, value) {
      options.setSendBuffer(value);
      queue.wake();
      return 0;
    },
  },
  {
    name: SO.RCVBUF,
    get: ({ options }) => options.receiveBuffer,
    set({ options }, value) {
      options.setReceiveBuffer(value);
      return 0;
    },
  },
  {
    name: SO.SNDBUFFORCE,
    set({ options }, value, _bytes, task) {
      if (!privileged(task)) return -E.EPERM;
      options.setSendBuffer(Math.max(0, value), INT_MAX >> 1);
      return 0;
    },
  },
  {
    name: SO.RCVBUFFORCE,
    set({ options }, value, _bytes, task) {
      if (!privileged(task)) return -E.EPERM;
      options.setReceiveBuffer(Math.max(0, value), INT_MAX >> 1);
      return 0;
    },
  },
  number(SO.PRIORITY, (value, task) => ((value >= 0 && value <= 6) || privileged(task) ? 0 : -E.EPERM)),
  {
    name: SO.LINGER,
    get: ({ options }) => packLinger(options.linger),
    set({ options }, _value, bytes) {
      if (bytes.length < 8) return -E.EINVAL;
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const on = view.getInt32(0, true) !== 0;
      options.linger = { on, seconds: on ? view.getInt32(4, true) : options.linger.seconds };
      return 0;
    },
  },
  { name: SO.BSDCOMPAT, get: () => 0, set: () => 0 },
  flag(SO.REUSEPORT, (socket, _task, on) => (on && !isInet(socket) ? -E.EOPNOTSUPP : 0)),
  { ...flag(SO.PASSCRED, (socket) => (isInet(socket) ? -E.EOPNOTSUPP : 0)), get: (socket) => (isInet(socket) ? -E.EOPNOTSUPP : socket.options.get(SO.PASSCRED)) },
  { ...flag(SO.PASSSEC, (socket) => (isInet(socket) ? -E.EOPNOTSUPP : 0)), get: (socket) => (isInet(socket) ? -E.EOPNOTSUPP : socket.options.get(SO.PASSSEC)) },
  shown(SO.PEERCRED, ({ peerCredentials: { pid, uid, gid } }) => packStruct(UCRED, { pid, uid, gid })),
  {
    name: SO.RCVLOWAT,
    get: ({ options }) => options.get(SO.RCVLOWAT),
    set(socket, value) {
      socket.options.set(SO.RCVLOWAT, value < 0 ? INT_MAX : Math.max(1, value));
      socket.queue.wake();
      return 0;
    },
  },
  shown(SO.SNDLOWAT, () => 1),
  timeout(SO.RCVTIMEO, 'receiveTimeout'), timeout(SO.SNDTIMEO, 'sendTimeout'),
  { name: SO.BINDTODEVICE, get: () => new Uint8Array(0), set: bindToDevice, least: 0 },
  { name: SO.PEERNAME, get: peerName },
  flag(SO.TIMESTAMP), flag(SO.TIMESTAMPNS),
  { name: SO.TIMESTAMPING, get: () => new Uint8Array(8), set: (_socket, value) => (value === 0 ? 0 : -E.EINVAL) },
  shown(SO.ACCEPTCONN, ({ state }) => (state === TCP_STATE.LISTEN ? 1 : 0)),
  number(SO.MARK, (_value, task) => (privileged(task) ? 0 : -E.EPERM)),
  shown(SO.PROTOCOL, ({ kind }) => kind.protocol),
  shown(SO.DOMAIN, ({ kind }) => kind.family),
  flag(SO.RXQ_OVFL),
  { name: SO.PEEK_OFF, get: (socket) => (socket.kind.type === SOCK.RAW ? -E.EOPNOTSUPP : -1), set: () => -E.EOPNOTSUPP },
  flag(SO.NOFCS), flag(SO.SELECT_ERR_QUEUE), flag(SO.LOCK_FILTER),
  number(SO.BUSY_POLL, (value, task) => (value < 0 ? -E.EINVAL : value > 0 && !privileged(task) ? -E.EPERM : 0)),
  {
    name: SO.MAX_PACING_RATE,
    // of 64 bits for who has room for them
    get: ({ options: { maxPacingRate: rate } }, room) => new Uint8Array(BigUint64Array.of(room >= 8 || rate <= 0xffff_ffffn ? rate : 0xffff_ffffn).buffer, 0, room >= 8 ? 8 : 4),
    set({ options }, value, bytes) {
      if (bytes.length >= 8) options.maxPacingRate = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
      else options.maxPacingRate = value === -1 ? UNLIMITED_RATE : BigInt(value >>> 0);
      return 0;
    },
  },
  shown(SO.BPF_EXTENSIONS, ({ options }) => options.get(SO.BPF_EXTENSIONS)),
  number(SO.INCOMING_CPU, () => 0),
  shown(SO.MEMINFO, meminfo),
  shown(SO.INCOMING_NAPI_ID, () => 0),
  shown(SO.COOKIE, (socket) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(socket.net.cookieOf(socket)), true);
    return bytes;
  }),
  { name: SO.PEERGROUPS, get: peerGroups },
  // No page is shared with the guest: the option cannot be turned on.
  flag(SO.ZEROCOPY, (socket, _task, on) => (isInet(socket) && !on ? 0 : -E.EOPNOTSUPP)),
  { name: SO.BINDTOIFINDEX, get: ({ options }) => options.get(SO.BINDTOIFINDEX), set: (socket, value) => bindToIndex(socket, value) },
  flag(SO.WIFI_STATUS),
  { name: SO.TXTIME, get: () => new Uint8Array(8), set: () => -E.EPERM },
  // No filter is attached: it has no instructions.
  { name: SO.ATTACH_FILTER, get: () => new Uint8Array(0), set: () => -E.EOPNOTSUPP },
  { name: SO.DETACH_FILTER, set: () => -E.ENOENT },
]);

/** The peer's address, if it fills the buffer. */
function peerName(socket: Socket, room: number): Uint8Array | number {
  const name = socket.peerName();
  if (typeof name === 'number') return -E.ENOTCONN;
  return name.length < room ? -E.EINVAL : name;
}
function peerGroups({ peerCredentials: { groups } }: Socket, room: number): Uint8Array | number {
  if (groups === undefined) return -E.ENODATA;
  return room < groups.length * 4 ? -E.ERANGE : new Uint8Array(Uint32Array.from(groups).buffer);
}

/** The only interface is `lo`. */
function bindToDevice(socket: Socket, _value: number, bytes: Uint8Array): number {
  const end = bytes.indexOf(0);
  const name = String.fromCharCode(...bytes.subarray(0, end < 0 ? Math.min(bytes.length, 15) : end));
  if (name === '') return bindToIndex(socket, 0);
  return name === 'lo' ? bindToIndex(socket, 1) : -E.ENODEV;
}
function bindToIndex({ options }: Socket, index: number): number {
  if (index < 0) return -E.EINVAL;
  if (index > 1) return -E.ENODEV;
  options.set(SO.BINDTOIFINDEX, index);
  return 0;
}
