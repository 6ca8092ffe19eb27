import { AF, E, IPPROTO, NETLINK, SOCK, SOCK_MAX } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { HostTcpSocket } from './host/host-tcp.ts';
import { HostUdpSocket } from './host/host-udp.ts';
import { LoopbackTcpSocket } from './inet/loopback-tcp.ts';
import { LoopbackUdpSocket } from './inet/loopback-udp.ts';
import type { PeerCredentials } from './message.ts';
import { NetlinkSocket } from './netlink/netlink-socket.ts';
import type { Socket, SocketKind } from './socket.ts';
import type { NetStack } from './stack.ts';
import { UnixDatagram } from './unix/unix-datagram.ts';
import { UnixStream } from './unix/unix-stream.ts';

type Make = (net: NetStack, kind: SocketKind, owner: PeerCredentials, task: Task) => Socket | number;

/** SOCK_RAW of AF_UNIX is SOCK_DGRAM. */
const unix: Make = (net, kind, owner) => {
  if (kind.protocol !== 0 && kind.protocol !== AF.UNIX) return -E.EPROTONOSUPPORT;
  switch (kind.type) {
    case SOCK.STREAM: return new UnixStream(net, { ...kind, protocol: 0 }, owner);
    case SOCK.DGRAM:
    case SOCK.RAW: return new UnixDatagram(net, { ...kind, protocol: 0, type: SOCK.DGRAM }, owner);
    case SOCK.SEQPACKET: return new UnixDatagram(net, { ...kind, protocol: 0 }, owner);
    default: return -E.ESOCKTNOSUPPORT;
  }
};

/** Types of the Internet families, and the protocol that each has (net/ipv4/af_inet.c, inetsw_array). */
const inet: Make = (net, kind, owner) => {
  const { type, protocol } = kind;
  if (protocol < 0 || protocol > IPPROTO.MPTCP) return -E.EINVAL;
  switch (type) {
    case SOCK.STREAM:
      if (protocol !== IPPROTO.IP && protocol !== IPPROTO.TCP) return -E.EPROTONOSUPPORT;
      return new (net.host === null ? LoopbackTcpSocket : HostTcpSocket)(net, { ...kind, protocol: IPPROTO.TCP }, owner);
    case SOCK.DGRAM:
      // No group may ping (net.ipv4.ping_group_range).
      if (protocol === (kind.family === AF.INET ? IPPROTO.ICMP : IPPROTO.ICMPV6)) return -E.EACCES;
      if (protocol !== IPPROTO.IP && protocol !== IPPROTO.UDP) return -E.EPROTONOSUPPORT;
      return new (net.host === null ? LoopbackUdpSocket : HostUdpSocket)(net, { ...kind, protocol: IPPROTO.UDP }, owner);
    case SOCK.RAW:
      return protocol === IPPROTO.IP ? -E.EPROTONOSUPPORT : -E.EPERM;
    default:
      return -E.ESOCKTNOSUPPORT;
  }
};

const netlink: Make = (net, kind, owner) => {
  if (kind.type !== SOCK.RAW && kind.type !== SOCK.DGRAM) return -E.ESOCKTNOSUPPORT;
  if (kind.protocol !== NETLINK.ROUTE && kind.protocol !== NETLINK.KOBJECT_UEVENT) return -E.EPROTONOSUPPORT;
  return new NetlinkSocket(net, kind, owner);
};

const FAMILIES: Readonly<Record<number, Make>> = { [AF.UNIX]: unix, [AF.INET]: inet, [AF.INET6]: inet, [AF.NETLINK]: netlink, [AF.PACKET]: () => -E.EPERM };

/** A socket of this kind; −errno in the kernel's order (net/socket.c, __sock_create). */
export function createSocket(net: NetStack, kind: SocketKind, task: Task): Socket | number {
  if (kind.family < 0 || kind.family >= AF.MAX) return -E.EAFNOSUPPORT;
  if (kind.type < 0 || kind.type >= SOCK_MAX) return -E.EINVAL;
  const make = kind.family === AF.INET && kind.type === SOCK.PACKET ? FAMILIES[AF.PACKET] : FAMILIES[kind.family];
  if (make === undefined) return -E.EAFNOSUPPORT;
  const { pid, credentials } = task.process;
  return make(net, kind, { pid, uid: credentials.fsuid, gid: credentials.fsgid }, task);
}
