import { AF, E, IFA, IFADDRMSG, IFF, IFINFOMSG, IFLA, NLM_F, NLMSGHDR, packStruct, RTA, RTM, RTMSG } from '@tally86/abi';
import { type Ip, isV4, packName } from '../inet/address.ts';
import type { NetInterface } from '../inet/interfaces.ts';
import { attribute, done, message, type Request, text, u32, u8 } from './build.ts';

const FOREVER = 0xffff_ffff;
/** ifa_flags, rtm_*: linux/if_addr.h, linux/rtnetlink.h. */
const PERMANENT = 0x80, SCOPE_UNIVERSE = 0, SCOPE_HOST = 254, TABLE_LOCAL = 255, PROTOCOL_KERNEL = 2, TYPE_LOCAL = 2;
const OPERATIONAL_UNKNOWN = 0, OPERATIONAL_UP = 6;

const raw = (ip: Ip): Uint8Array => (isV4(ip) ? packName({ ip, port: 0 }, AF.INET).subarray(4, 8) : packName({ ip, port: 0 }, AF.INET6).subarray(8, 24));
const familyOfIp = (ip: Ip): number => (isV4(ip) ? AF.INET : AF.INET6);
const isLo = ({ flags }: NetInterface): boolean => (flags & IFF.LOOPBACK) !== 0;

function link(request: Request, device: NetInterface, flags: number): Uint8Array {
  const { name, index, mtu, queue, hardware, hardwareAddress } = device;
  return message(
    request, RTM.NEWLINK, flags,
    packStruct(IFINFOMSG, { ifi_family: AF.UNSPEC, ifi_type: hardware, ifi_index: index, ifi_flags: device.flags | IFF.LOWER_UP }),
    attribute(IFLA.IFNAME, text(name)), attribute(IFLA.TXQLEN, u32(queue)), attribute(IFLA.OPERSTATE, u8(isLo(device) ? OPERATIONAL_UNKNOWN : OPERATIONAL_UP)),
    attribute(IFLA.LINKMODE, u8(0)), attribute(IFLA.MTU, u32(mtu)), attribute(IFLA.GROUP, u32(0)), attribute(IFLA.QDISC, text('noqueue')),
    attribute(IFLA.ADDRESS, hardwareAddress), attribute(IFLA.BROADCAST, isLo(device) ? hardwareAddress : new Uint8Array(6).fill(0xff)),
  );
}

function address(request: Request, device: NetInterface, { ip, prefix }: NetInterface['addresses'][number]): Uint8Array {
  const bytes = raw(ip);
  const scope = isLo(device) ? SCOPE_HOST : SCOPE_UNIVERSE;
  const head = packStruct(IFADDRMSG, { ifa_family: familyOfIp(ip), ifa_prefixlen: prefix, ifa_flags: PERMANENT, ifa_scope: scope, ifa_index: device.index });
  const own = isV4(ip) ? [attribute(IFA.LOCAL, bytes), attribute(IFA.LABEL, text(device.name))] : [];
  return message(request, RTM.NEWADDR, NLM_F.MULTI, head, attribute(IFA.ADDRESS, bytes), ...own, attribute(IFA.FLAGS, u32(PERMANENT)), attribute(IFA.CACHEINFO, u32(FOREVER, FOREVER, 0, 0)));
}

function route(request: Request, device: NetInterface, { ip, prefix }: NetInterface['addresses'][number]): Uint8Array {
  const head = packStruct(RTMSG, {
    rtm_family: familyOfIp(ip), rtm_dst_len: prefix, rtm_table: TABLE_LOCAL, rtm_protocol: PROTOCOL_KERNEL, rtm_scope: SCOPE_HOST, rtm_type: TYPE_LOCAL,
  });
  const network = isV4(ip) ? ip & ~((1n << BigInt(32 - prefix)) - 1n) : ip & ~((1n << BigInt(128 - prefix)) - 1n);
  return message(
    request, RTM.NEWROUTE, NLM_F.MULTI, head,
    attribute(RTA.TABLE, u32(TABLE_LOCAL)), attribute(RTA.DST, raw(network)), ...(isV4(ip) ? [attribute(RTA.PREFSRC, raw(ip))] : []), attribute(RTA.OIF, u32(device.index)),
  );
}

/** Every address of a family, with its interface. */
function eachAddress(devices: readonly NetInterface[], family: number, make: (device: NetInterface, own: NetInterface['addresses'][number]) => Uint8Array): readonly Uint8Array[] {
  const wanted = [AF.INET, AF.INET6].filter((each) => family === AF.UNSPEC || family === each);
  return wanted.flatMap((each) => devices.flatMap((device) => device.addresses.filter(({ ip }) => familyOfIp(ip) === each).map((own) => make(device, own))));
}

const DUMPS: Readonly<Record<number, (request: Request, devices: readonly NetInterface[], family: number) => readonly Uint8Array[]>> = {
  [RTM.GETLINK]: (request, devices) => devices.map((device) => link(request, device, NLM_F.MULTI)),
  [RTM.GETADDR]: (request, devices, family) => eachAddress(devices, family, (device, own) => address(request, device, own)),
  [RTM.GETROUTE]: (request, devices, family) => eachAddress(devices, family, (device, own) => route(request, device, own)),
};

/** Answers of NETLINK_ROUTE: one array of messages for each datagram; −errno (net/core/rtnetlink.c). */
export function answerRoute(request: Request, devices: readonly NetInterface[], privileged: boolean): readonly (readonly Uint8Array[])[] | number {
  const { type, flags, bytes } = request;
  if (type > RTM.MAX) return -E.EOPNOTSUPP;
  // Each group of four is new, delete, get, set.
  const gets = (type & 3) === 2;
  if (!gets && !privileged) return -E.EPERM;
  if (!gets) return -E.EOPNOTSUPP;
  const family = bytes[NLMSGHDR.size] ?? AF.UNSPEC;
  if ((flags & NLM_F.DUMP) !== 0) {
    const dump = DUMPS[type];
    if (dump === undefined) return -E.EOPNOTSUPP;
    const parts = dump(request, devices, family);
    return parts.length === 0 ? [[done(request)]] : [parts, [done(request)]];
  }
  if (type !== RTM.GETLINK) return -E.EOPNOTSUPP;
  if (bytes.length < NLMSGHDR.size + IFINFOMSG.size) return -E.EINVAL;
  const index = new DataView(bytes.buffer, bytes.byteOffset).getInt32(NLMSGHDR.size + IFINFOMSG.fields.ifi_index.offset, true);
  const device = devices.find((each) => each.index === index);
  return device === undefined ? -E.ENODEV : [[link(request, device, 0)]];
}
