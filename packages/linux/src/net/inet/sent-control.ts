import { E, IP, IPPROTO, IPV6, SOL } from '@tally86/abi';
import type { Task } from '../../kernel/types.ts';
import { controlMessages, readSocketMessage } from '../control.ts';
import type { ControlMessage } from '../message.ts';
import { ANY4, ANY6, type Ip, isBroadcast, isV4, parseAddress } from './address.ts';
import type { InetSocket } from './inet-socket.ts';
import { UDP } from './udp-options.ts';

/** What one datagram says for itself, over the options of its socket. */
export interface DatagramWish {
  /** The address that it comes from. */
  source?: Ip | undefined;
  hops?: number | undefined;
  trafficClass?: number | undefined;
  /** The longest datagram that it may be sent as: it is cut into more. */
  segment?: number;
}

/** Reads the data of one message: 0, −errno. */
type Read = (wish: DatagramWish, data: DataView, socket: InetSocket) => number;

/** An int of that range; −1 means what the options say. */
function int(low: number, high: number, name: 'hops' | 'trafficClass' | null): Read {
  return (wish, data) => {
    if (data.byteLength !== 4) return -E.EINVAL;
    const value = data.getInt32(0, true);
    if (value < low || value > high) return -E.EINVAL;
    if (name !== null) wish[name] = value < 0 ? undefined : value;
    return 0;
  };
}

const hasInterface = ({ net }: InetSocket, index: number): boolean => index === 0 || net.interfaces().some((one) => one.index === index);

/** An address of IPv4 to send from: no route has another. */
function sendFrom(wish: DatagramWish, ip: Ip, { net }: InetSocket): number {
  if (ip === ANY4) wish.source = undefined;
  else if (isBroadcast(ip) || !net.isOurs(ip)) return -E.ENETUNREACH;
  else wish.source = ip;
  return 0;
}

const packetInfo: Read = (wish, data, socket) => {
  if (data.byteLength !== 12) return -E.EINVAL;
  if (!hasInterface(socket, data.getInt32(0, true))) return -E.ENODEV;
  return sendFrom(wish, parseAddress(data, 4, 4), socket);
};
/** The same in the words of IPv6, of a socket of IPv6 that sends to IPv4. */
const packetInfoMapped: Read = (wish, data, socket) => {
  if (data.byteLength < 20) return -E.EINVAL;
  const ip = parseAddress(data, 0, 16);
  if (!isV4(ip)) return -E.EINVAL;
  return hasInterface(socket, data.getInt32(16, true)) ? sendFrom(wish, ip, socket) : -E.ENODEV;
};
const packetInfo6: Read = (wish, data, socket) => {
  if (data.byteLength < 20) return -E.EINVAL;
  if (!hasInterface(socket, data.getInt32(16, true))) return -E.ENODEV;
  const ip = parseAddress(data, 0, 16);
  if (ip !== ANY6 && (isV4(ip) || !socket.net.isOurs(ip))) return -E.EINVAL;
  wish.source = ip === ANY6 ? undefined : ip;
  return 0;
};
const typeOfService: Read = (wish, data, socket) => {
  if (data.byteLength !== 1) return int(0, 255, 'trafficClass')(wish, data, socket);
  wish.trafficClass = data.getUint8(0);
  return 0;
};

/** By type: what IPv4 reads (net/ipv4/ip_sockglue.c, ip_cmsg_send); others are −EINVAL. */
const IPV4: ReadonlyMap<number, Read> = new Map([
  [IP.TTL, int(1, 255, 'hops')], [IP.TOS, typeOfService], [IP.PKTINFO, packetInfo],]);
/** And IPv6 (net/ipv6/datagram.c, ip6_datagram_send_ctl). */
const IPV6_TYPES: ReadonlyMap<number, Read> = new Map([
  [IPV6.HOPLIMIT, int(-1, 255, 'hops')], [IPV6['2292HOPLIMIT'], int(-1, 255, 'hops')], [IPV6.TCLASS, int(-1, 255, 'trafficClass')],
  [IPV6.PKTINFO, packetInfo6], [IPV6['2292PKTINFO'], packetInfo6],
  // No packet is cut.
  [IPV6.DONTFRAG, int(0, 1, null)],
]);

/** How a datagram to that family reads a message of IP; undefined: not at all. */
function reader({ level, type }: ControlMessage, toV4: boolean, { isV6 }: InetSocket): Read | undefined {
  const refused: Read = () => -E.EINVAL;
  if (!toV4) return level === IPPROTO.IPV6 ? (IPV6_TYPES.get(type) ?? refused) : undefined;
  if (level === IPPROTO.IP) return IPV4.get(type) ?? refused;
  return isV6 && level === IPPROTO.IPV6 && type === IPV6.PKTINFO ? packetInfoMapped : undefined;
}

/** The control data of a datagram to a family; −errno in the kernel's order, which reads that of UDP before all else. */
export function readDatagramControl(socket: InetSocket, bytes: Uint8Array, toV4: boolean, task: Task): DatagramWish | number {
  const wish: DatagramWish = {};
  for (const message of controlMessages(bytes)) {
    if (typeof message === 'number') return message;
    const { level, type, data } = message;
    if (level !== IPPROTO.UDP) continue;
    if (type !== UDP.SEGMENT || data.length !== 2) return -E.EINVAL;
    wish.segment = data[0] | (data[1] << 8);
  }
  for (const message of controlMessages(bytes) as Iterable<ControlMessage>) {
    const { data } = message;
    const error = message.level === SOL.SOCKET
      ? readSocketMessage(message, task)
      : (reader(message, toV4, socket)?.(wish, new DataView(data.buffer, data.byteOffset, data.length), socket) ?? 0);
    if (error < 0) return error;
  }
  return wish;
}
