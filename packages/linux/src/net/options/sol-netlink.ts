import { E } from '@tally86/abi';
import type { NetlinkSocket } from '../netlink/netlink-socket.ts';
import { type OptionRow, optionTable } from './table.ts';

/** linux/netlink.h */
const NETLINK_OPTION = { ADD_MEMBERSHIP: 1, DROP_MEMBERSHIP: 2, PKTINFO: 3, BROADCAST_ERROR: 4, NO_ENOBUFS: 5, CAP_ACK: 10, EXT_ACK: 11, GET_STRICT_CHK: 12 } as const;
/** Groups of NETLINK_ROUTE. */
const LAST_GROUP = 36;

const flag = (name: number): OptionRow => ({
  name,
  get: (socket) => (socket as NetlinkSocket).netlinkOptions.get(name) ?? 0,
  set(socket, value) {
    (socket as NetlinkSocket).netlinkOptions.set(name, value === 0 ? 0 : 1);
    return 0;
  },
});
/** Nothing is ever told to a group: nothing changes. */
const membership = (name: number): OptionRow => ({ name, set: (_socket, value) => (value >= 1 && value <= LAST_GROUP ? 0 : -E.EINVAL) });

/** Level SOL_NETLINK. */
export const NETLINK_OPTIONS = optionTable([
  membership(NETLINK_OPTION.ADD_MEMBERSHIP), membership(NETLINK_OPTION.DROP_MEMBERSHIP),
  flag(NETLINK_OPTION.PKTINFO), flag(NETLINK_OPTION.BROADCAST_ERROR), flag(NETLINK_OPTION.NO_ENOBUFS), flag(NETLINK_OPTION.CAP_ACK), flag(NETLINK_OPTION.EXT_ACK),
  flag(NETLINK_OPTION.GET_STRICT_CHK),
]);
