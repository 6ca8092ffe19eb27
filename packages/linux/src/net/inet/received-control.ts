import { AF, IP, IPPROTO, IPV6, SO, SOL } from '@tally86/abi';
import type { ControlMessage } from '../message.ts';
import { type Endpoint, isV4, packName } from './address.ts';
import type { InetSocket } from './inet-socket.ts';
import { LO } from './interfaces.ts';

/** What the header of an IP packet says beside addresses. */
export interface Header {
  /** TTL, or hop limit. */
  readonly hops: number;
  /** TOS, or traffic class. */
  readonly trafficClass: number;
}

/** What is known of a datagram beside its bytes. */
export interface Arrival {
  readonly header: Header;
  /** Where it was sent. */
  readonly to: Endpoint;
  /** It came by a route to its address, as datagrams do, and errors do not. */
  readonly routed: boolean;
  /** Real time in nanoseconds. */
  readonly time: bigint;
  /** Datagrams that were lost before it, if the socket counted them then. */
  readonly lost: number;
}

const int = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);

function timestamp(time: bigint, unit: bigint): Uint8Array {
  return new Uint8Array(BigInt64Array.of(time / 1_000_000_000n, (time % 1_000_000_000n) / unit).buffer);
}

/** struct in_pktinfo: the interface, the address of the route, the one that the packet has. */
function packetInfo({ to: { ip }, routed }: Arrival): Uint8Array {
  const data = new Uint8Array(12);
  data[0] = LO.index;
  const address = packName({ ip, port: 0 }, AF.INET).subarray(4, 8);
  if (routed) data.set(address, 4);
  data.set(address, 8);
  return data;
}
/** struct in6_pktinfo: the address, the interface. */
function packetInfo6({ ip }: Endpoint): Uint8Array {
  const data = new Uint8Array(20);
  data.set(packName({ ip, port: 0 }, AF.INET6).subarray(8, 24));
  data[16] = LO.index;
  return data;
}

/** Of one level: the option that asks, what is told, as data. In the kernel's order. */
type Row = readonly [option: number, type: number, data: (arrival: Arrival) => Uint8Array];

/** Of an IPv4 packet (net/ipv4/ip_sockglue.c, ip_cmsg_recv_offset). Packets have no IP options, and over the loopback no checksum. */
const IPV4_ROWS: readonly Row[] = [
  [IP.PKTINFO, IP.PKTINFO, packetInfo],
  [IP.RECVTTL, IP.TTL, ({ header }) => int(header.hops)],
  [IP.RECVTOS, IP.TOS, ({ header }) => Uint8Array.of(header.trafficClass)],
  [IP.RECVORIGDSTADDR, IP.RECVORIGDSTADDR, ({ to }) => packName(to, AF.INET)],
];
/** Of any packet to an IPv6 socket (net/ipv6/datagram.c, ip6_datagram_recv_common_ctl). */
const COMMON_ROWS: readonly Row[] = [[IPV6.RECVPKTINFO, IPV6.PKTINFO, ({ to }) => packetInfo6(to)]];
/** Of an IPv6 packet (ip6_datagram_recv_specific_ctl). */
const IPV6_ROWS: readonly Row[] = [
  [IPV6.RECVHOPLIMIT, IPV6.HOPLIMIT, ({ header }) => int(header.hops)],
  [IPV6.RECVTCLASS, IPV6.TCLASS, ({ header }) => int(header.trafficClass)],
  [IPV6.RECVORIGDSTADDR, IPV6.RECVORIGDSTADDR, ({ to }) => packName(to, AF.INET6)],
];

/** When it came, if the socket asks. */
export function timestamps({ options }: InetSocket, time: bigint): ControlMessage[] {
  if (options.isOn(SO.TIMESTAMPNS)) return [{ level: SOL.SOCKET, type: SO.TIMESTAMPNS, data: timestamp(time, 1n) }];
  return options.isOn(SO.TIMESTAMP) ? [{ level: SOL.SOCKET, type: SO.TIMESTAMP, data: timestamp(time, 1000n) }] : [];
}

/** The control messages that a socket's options ask for, in the order in which the kernel has them. */
export function receivedControl(socket: InetSocket, arrival: Arrival): ControlMessage[] {
  const messages = timestamps(socket, arrival.time);
  if (arrival.lost !== 0 && socket.options.isOn(SO.RXQ_OVFL)) messages.push({ level: SOL.SOCKET, type: SO.RXQ_OVFL, data: int(arrival.lost) });
  const add = (level: number, rows: readonly Row[]): void => {
    for (const [option, type, data] of rows) if (socket.ipOption(level, option) !== 0) messages.push({ level, type, data: data(arrival) });
  };
  if (socket.isV6) add(IPPROTO.IPV6, COMMON_ROWS);
  if (isV4(arrival.to.ip)) add(IPPROTO.IP, IPV4_ROWS);
  else add(IPPROTO.IPV6, IPV6_ROWS);
  return messages;
}
