import { E } from '@tally86/abi';
import { type OptionRow, optionTable } from '../options/table.ts';
import type { UdpSocket } from './udp-socket.ts';

/** linux/udp.h */
export const UDP = { CORK: 1, ENCAP: 100, NO_CHECK6_TX: 101, NO_CHECK6_RX: 102, SEGMENT: 103, GRO: 104 } as const;

const flag = (name: number): OptionRow => ({
  name,
  get: (socket) => (socket as UdpSocket).ipOptions.get(0x1_0000 + name) ?? 0,
  set(socket, value) {
    (socket as UdpSocket).ipOptions.set(0x1_0000 + name, value === 0 ? 0 : 1);
    return 0;
  },
});

/** Level IPPROTO_UDP (net/ipv4/udp.c). Datagrams are neither collected nor cut. */
export const UDP_OPTIONS = optionTable([
  { name: UDP.CORK, get: () => 0, set: (_socket, value) => (value === 0 ? 0 : -E.EOPNOTSUPP) },
  { name: UDP.ENCAP, get: () => 0, set: (_socket, value) => (value === 0 ? 0 : -E.ENOPROTOOPT) },
  flag(UDP.NO_CHECK6_TX), flag(UDP.NO_CHECK6_RX),
  { name: UDP.SEGMENT, get: () => 0, set: (_socket, value) => (value < 0 || value > 0xffff ? -E.EINVAL : value === 0 ? 0 : -E.EOPNOTSUPP) },
  flag(UDP.GRO),
]);
