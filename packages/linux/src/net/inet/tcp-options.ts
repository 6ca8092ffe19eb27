import { E, TCP, TCP_STATE } from '@tally86/abi';
import { type OptionRow, optionTable } from '../options/table.ts';
import type { TcpSocket } from './tcp-socket.ts';

const INT_MAX = 0x7fff_ffff;

function row(name: number, standard: number, check: (value: number) => number, keep: (value: number) => number = (value) => value): OptionRow {
  return {
    name,
    get: (socket) => ((socket as TcpSocket).tcpOptions.get(name) as number | undefined) ?? standard,
    set(socket, value) {
      const error = check(value);
      if (error === 0) (socket as TcpSocket).tcpOptions.set(name, keep(value));
      return error;
    },
  };
}
const between = (low: number, high: number) => (value: number): number => (value >= low && value <= high ? 0 : -E.EINVAL);
const flag = (name: number, standard = 0): OptionRow => row(name, standard, () => 0, (value) => (value === 0 ? 0 : 1));

/** Congestion control: the name changes nothing, for nothing is lost. */
const CONGESTION = 'cubic';
const CONGESTION_NAMES: ReadonlySet<string> = new Set([CONGESTION, 'reno']);

function congestionName(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, end < 0 ? bytes.length : end)).slice(0, 15);
}

/** struct tcp_info: state, time-outs, sizes and windows as a connection over the loopback has them; the rest is 0. */
function info(socket: TcpSocket): Uint8Array {
  const bytes = new Uint8Array(248);
  const view = new DataView(bytes.buffer);
  const open = socket.state !== TCP_STATE.CLOSE && socket.state !== TCP_STATE.LISTEN;
  bytes[0] = socket.state;
  // Both windows are scaled by 7; timestamps, SACK and window scaling are in use.
  if (open) bytes.set([7, 0x77], 5);
  const words: readonly (readonly [number, number])[] = [
    [8, open ? 201_000 : 1_000_000], [12, open ? 40_000 : 0], [16, open ? 32_768 : 536], [20, 536], [24, socket.acceptQueue.length], [28, socket.state === TCP_STATE.LISTEN ? socket.backlog : 0],
    [60, open ? 65_535 : 0], [68, open ? 20 : 0], [72, open ? 10 : 0], [76, INT_MAX], [80, 10], [84, open ? 65_483 : 536], [88, 3],
  ];
  for (const [at, value] of words) view.setUint32(at, value, true);
  return bytes;
}

/** Level IPPROTO_TCP (net/ipv4/tcp.c): defaults are the kernel's. */
export const TCP_OPTIONS = optionTable([
  flag(TCP.NODELAY), flag(TCP.CORK), flag(TCP.QUICKACK, 1),
  { ...row(TCP.MAXSEG, 536, (value) => (value === 0 || (value >= 88 && value <= 32_767) ? 0 : -E.EINVAL)), get: (socket) => ((socket as TcpSocket).remote === null ? 536 : 32_768) },
  row(TCP.KEEPIDLE, 7200, between(1, 32_767)), row(TCP.KEEPINTVL, 75, between(1, 32_767)), row(TCP.KEEPCNT, 9, between(1, 127)), row(TCP.SYNCNT, 6, between(1, 127)),
  row(TCP.LINGER2, 60, () => 0, (value) => (value < 0 ? -1 : Math.min(value, 120))),
  row(TCP.DEFER_ACCEPT, 0, () => 0, deferredSeconds),
  row(TCP.WINDOW_CLAMP, 0, () => 0),
  { name: TCP.INFO, get: (socket) => info(socket as TcpSocket) },
  {
    name: TCP.CONGESTION,
    least: 1,
    get(socket) {
      const bytes = new Uint8Array(16);
      bytes.set(Uint8Array.from(String((socket as TcpSocket).tcpOptions.get(TCP.CONGESTION) ?? CONGESTION), (letter) => letter.charCodeAt(0)));
      return bytes;
    },
    set(socket, _value, bytes) {
      const name = congestionName(bytes);
      if (!CONGESTION_NAMES.has(name)) return -E.ENOENT;
      (socket as TcpSocket).tcpOptions.set(TCP.CONGESTION, name);
      return 0;
    },
  },
  row(TCP.USER_TIMEOUT, 0, (value) => (value < 0 ? -E.EINVAL : 0)),
  { name: TCP.FASTOPEN, get: () => 0, set: () => -E.EOPNOTSUPP },
  { ...flag(TCP.FASTOPEN_CONNECT), set: (_socket, value) => (value === 0 ? 0 : value === 1 ? -E.EOPNOTSUPP : -E.EINVAL) },
  row(TCP.NOTSENT_LOWAT, 0, () => 0),
  { name: TCP.ULP, get: () => new Uint8Array(0), set: () => -E.ENOENT, least: 1 },
  row(TCP.INQ, 0, between(0, 1)),
]);

/** Seconds become repetitions of a SYN, and those seconds again (secs_to_retrans). */
function deferredSeconds(value: number): number {
  if (value <= 0) return 0;
  let [seconds, timeout, tries] = [1, 1, 1];
  while (seconds < value && tries < 255) {
    tries += 1;
    timeout = Math.min(timeout * 2, 120);
    seconds += timeout;
  }
  return seconds;
}
