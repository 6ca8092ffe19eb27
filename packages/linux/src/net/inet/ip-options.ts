import { AF, E, IP, IPPROTO, IPV6, SOCK, TCP_STATE } from '@tally86/abi';
import { type OptionRow, optionTable } from '../options/table.ts';
import type { Socket } from '../socket.ts';
import type { InetSocket } from './inet-socket.ts';

type Check = (value: number, socket: InetSocket) => number;
const between = (low: number, high: number): Check => (value) => (value >= low && value <= high ? 0 : -E.EINVAL);
const anything: Check = () => 0;

function row(level: number, name: number, standard: number, check: Check, keep: (value: number) => number = (value) => value, least = 1): OptionRow {
  return {
    name,
    least,
    get: (socket) => (socket as InetSocket).ipOptions.get(level * 256 + name) ?? standard,
    set(socket, value) {
      const error = check(value, socket as InetSocket);
      if (error === 0) (socket as InetSocket).ipOptions.set(level * 256 + name, keep(value));
      return error;
    },
  };
}
const truth = (value: number): number => (value === 0 ? 0 : 1);
const stream = ({ kind }: Socket): boolean => kind.type === SOCK.STREAM;
const connected = ({ state }: Socket): boolean => state === TCP_STATE.ESTABLISHED;
/** The only interface is `lo`, which takes no groups. */
const noGroups: OptionRow['set'] = (socket, _value, bytes) => (stream(socket) ? -E.EPROTO : bytes.length < 8 ? -E.EINVAL : -E.ENODEV);
const notMember: OptionRow['set'] = (socket, _value, bytes) => (stream(socket) ? -E.EPROTO : bytes.length < 8 ? -E.EINVAL : -E.EADDRNOTAVAIL);
/** How many routers a packet may pass (net.ipv4.ip_default_ttl, net.ipv6.conf.all.hop_limit). */
export const DEFAULT_HOPS = 64;
/** The longest packet of IP. */
const MAX_MTU = 65_535;

const ip = (name: number, standard: number, check: Check, keep?: (value: number) => number): OptionRow => row(IPPROTO.IP, name, standard, check, keep);
const ipFlag = (name: number, standard = 0): OptionRow => ip(name, standard, anything, truth);

/** A flag that asks for what the header of each packet says: refused where nobody would ever tell. */
function header(text: string, flag: OptionRow): OptionRow {
  return {
    ...flag,
    set(socket, value, bytes, task) {
      if (value === 0 || (socket as InetSocket).knowsHeaders) return flag.set!(socket, value, bytes, task);
      task.kernel.note(`socket option ${text} is not supported with the network of the host: ENOPROTOOPT`);
      return -E.ENOPROTOOPT;
    },
  };
}

/** Level IPPROTO_IP (net/ipv4/ip_sockglue.c): defaults are the kernel's. */
export const IP_OPTIONS = optionTable([
  ip(IP.TOS, 0, anything, (value) => value & 0xff),
  ip(IP.TTL, DEFAULT_HOPS, (value) => (value === -1 || (value >= 1 && value <= 255) ? 0 : -E.EINVAL), (value) => (value === -1 ? DEFAULT_HOPS : value)),
  { name: IP.HDRINCL, get: () => 0, set: () => -E.ENOPROTOOPT },
  { name: IP.OPTIONS, least: 0, get: () => new Uint8Array(0), set: (_socket, _value, bytes) => (bytes.length === 0 ? 0 : bytes.length > 40 ? -E.EINVAL : -E.EPERM) },
  { name: IP.ROUTER_ALERT, get: () => 0, set: () => -E.EINVAL },
  ipFlag(IP.RECVOPTS), ipFlag(IP.RETOPTS), ipFlag(IP.PKTINFO), ipFlag(IP.RECVERR), ipFlag(IP.FREEBIND),
  header('IP_RECVTTL', ipFlag(IP.RECVTTL)), header('IP_RECVTOS', ipFlag(IP.RECVTOS)), header('IP_RECVORIGDSTADDR', ipFlag(IP.RECVORIGDSTADDR)),
  ip(IP.MTU_DISCOVER, 1, between(0, 5)),
  { name: IP.MTU, get: (socket) => (connected(socket) ? MAX_MTU : -E.ENOTCONN) },
  { name: IP.TRANSPARENT, get: () => 0, set: (_socket, value, _bytes, task) => (value !== 0 && task.process.credentials.euid !== 0 ? -E.EPERM : 0), least: 1 },
  ip(IP.MINTTL, 0, between(0, 255)), ipFlag(IP.BIND_ADDRESS_NO_PORT),
  { ...ipFlag(IP.NODEFRAG), set: () => -E.ENOPROTOOPT }, ipFlag(IP.CHECKSUM),
  { name: IP.MULTICAST_IF, get: () => 0, set: (socket, _value, bytes) => (stream(socket) || bytes.length < 4 ? -E.EINVAL : 0), least: 1 },
  ip(IP.MULTICAST_TTL, 1, (value, socket) => (stream(socket) || value < -1 || value > 255 ? -E.EINVAL : 0), (value) => (value === -1 ? 1 : value)),
  ipFlag(IP.MULTICAST_LOOP, 1), ip(IP.MULTICAST_ALL, 1, between(0, 1)),
  { name: IP.ADD_MEMBERSHIP, set: noGroups }, { name: IP.DROP_MEMBERSHIP, set: notMember },
  { name: IP.UNICAST_IF, get: () => 0, set: (_socket, value) => (value === 0 ? 0 : -E.EADDRNOTAVAIL) },
]);

const ip6 = (name: number, standard: number, check: Check, keep?: (value: number) => number): OptionRow => row(IPPROTO.IPV6, name, standard, check, keep, 4);
const ip6Flag = (name: number, standard = 0, check: Check = anything): OptionRow => ip6(name, standard, check, truth);
const hops = (name: number, standard: number): OptionRow => ip6(name, standard, between(-1, 255), (value) => (value === -1 ? standard : value));

/** Level IPPROTO_IPV6 (net/ipv6/ipv6_sockglue.c). */
export const IPV6_OPTIONS = optionTable([
  { name: IPV6.ADDRFORM, get: (socket) => (connected(socket) ? AF.INET6 : -E.ENOTCONN), set: () => -E.EADDRNOTAVAIL },
  hops(IPV6.UNICAST_HOPS, DEFAULT_HOPS), hops(IPV6.MULTICAST_HOPS, 1), ip6Flag(IPV6.MULTICAST_LOOP, 1),
  { name: IPV6.MULTICAST_IF, get: () => 0, set: (socket, value) => (stream(socket) ? -E.ENOPROTOOPT : value === 0 || value === 1 ? 0 : -E.ENODEV) },
  { name: IPV6.JOIN_GROUP, set: (socket) => (stream(socket) ? -E.EPROTO : -E.ENODEV), least: 20 },
  { name: IPV6.LEAVE_GROUP, set: (socket) => (stream(socket) ? -E.EPROTO : -E.EADDRNOTAVAIL), least: 20 },
  ip6(IPV6.MTU_DISCOVER, 1, between(0, 5)),
  { name: IPV6.MTU, get: (socket) => (connected(socket) ? MAX_MTU : -E.ENOTCONN) },
  ip6Flag(IPV6.RECVERR), ip6Flag(IPV6.V6ONLY, 0, (_value, { local }) => (local.port === 0 ? 0 : -E.EINVAL)), ip6Flag(IPV6.MULTICAST_ALL, 1),
  header('IPV6_RECVHOPLIMIT', ip6Flag(IPV6.RECVHOPLIMIT)), header('IPV6_RECVTCLASS', ip6Flag(IPV6.RECVTCLASS)),
  header('IPV6_RECVORIGDSTADDR', ip6Flag(IPV6.RECVORIGDSTADDR)), ip6Flag(IPV6.RECVPKTINFO), ip6(IPV6.TCLASS, 0, between(-1, 255), (value) => Math.max(0, value)),
  ip6Flag(IPV6.AUTOFLOWLABEL, 1), ip6Flag(IPV6.FREEBIND),
]);
