import { AF, E, IFF, IFNAMSIZ, IFREQ_SIZE, SIOC } from '@tally86/abi';
import type { HostInterface } from '@tally86/core';
import type { Task } from '../../kernel/types.ts';
import type { NetStack } from '../stack.ts';
import { ANY4, type Endpoint, type Ip, ipOf, isV4, LOOPBACK4, LOOPBACK6, packName } from './address.ts';

/** A network interface as the guest sees it (struct net_device). */
export interface NetInterface {
  readonly name: string;
  readonly index: number;
  readonly mtu: number;
  /** Packets that it queues. */
  readonly queue: number;
  readonly flags: number;
  /** ARPHRD_* and the address of that kind. */
  readonly hardware: number;
  readonly hardwareAddress: Uint8Array;
  readonly addresses: readonly { readonly ip: Ip; readonly prefix: number }[];
}

const ARPHRD_ETHER = 1, ARPHRD_LOOPBACK = 772;
const QUEUE = 1000;

/** The only interface of a machine without the host's network. */
export const LO: NetInterface = {
  name: 'lo', index: 1, mtu: 65_536, queue: QUEUE, flags: IFF.UP | IFF.LOOPBACK | IFF.RUNNING, hardware: ARPHRD_LOOPBACK, hardwareAddress: new Uint8Array(6),
  addresses: [{ ip: LOOPBACK4, prefix: 8 }, { ip: LOOPBACK6, prefix: 128 }],
};

/** Interfaces of the host; numbers are ours. */
export function hostInterfaces(list: readonly HostInterface[]): readonly NetInterface[] {
  return list.map(({ name, loopback, hardwareAddress, addresses }, position): NetInterface => ({
    name: name.slice(0, IFNAMSIZ - 1),
    index: position + 1,
    mtu: loopback ? LO.mtu : 1500,
    queue: QUEUE,
    flags: IFF.UP | IFF.RUNNING | (loopback ? IFF.LOOPBACK : IFF.BROADCAST),
    hardware: loopback ? ARPHRD_LOOPBACK : ARPHRD_ETHER,
    hardwareAddress,
    addresses: addresses.map(({ address, prefix }) => ({ ip: ipOf(address), prefix })),
  }));
}

const v4Of = ({ addresses }: NetInterface): NetInterface['addresses'][number] | undefined => addresses.find(({ ip }) => isV4(ip));
const netmask = (prefix: number): Ip => ANY4 | ((0xffff_ffffn << BigInt(32 - prefix)) & 0xffff_ffffn);
const named = (ip: Ip | undefined): Uint8Array | number => (ip === undefined ? -E.EADDRNOTAVAIL : packName({ ip, port: 0 } satisfies Endpoint, AF.INET));
const word = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);

/** What an ifreq holds behind the name. */
const ANSWERS: Readonly<Record<number, (device: NetInterface) => Uint8Array | number>> = {
  [SIOC.GIFFLAGS]: ({ flags }) => word(flags).subarray(0, 2),
  [SIOC.GIFADDR]: (device) => named(v4Of(device)?.ip),
  [SIOC.GIFDSTADDR]: (device) => named(v4Of(device)?.ip),
  [SIOC.GIFBRDADDR](device) {
    const own = v4Of(device);
    if (own === undefined) return -E.EADDRNOTAVAIL;
    return named((device.flags & IFF.BROADCAST) === 0 ? ANY4 : own.ip | (~netmask(own.prefix) & 0xffff_ffffn));
  },
  [SIOC.GIFNETMASK](device) {
    const own = v4Of(device);
    return named(own === undefined ? undefined : netmask(own.prefix));
  },
  [SIOC.GIFMETRIC]: () => word(0),
  [SIOC.GIFMTU]: ({ mtu }) => word(mtu),
  [SIOC.GIFHWADDR]({ hardware, hardwareAddress }) {
    const bytes = new Uint8Array(16);
    bytes[0] = hardware & 0xff;
    bytes[1] = hardware >> 8;
    bytes.set(hardwareAddress, 2);
    return bytes;
  },
  [SIOC.GIFINDEX]: ({ index }) => word(index),
  [SIOC.GIFTXQLEN]: ({ queue }) => word(queue),
  [SIOC.GIFMAP]: () => new Uint8Array(24),
};
/** Requests that change an interface. */
const CHANGES: ReadonlySet<number> = new Set([SIOC.SIFFLAGS, SIOC.SIFADDR]);
/** Sixteen requests that are the driver's own (SIOCDEVPRIVATE). */
const isPrivate = (request: number): boolean => (request & ~0xf) === 0x89f0;

/** Requests about interfaces (netdevice(7)). */
export function interfaceIoctl(net: NetStack, request: number, argument: number, task: Task): number {
  if (request === SIOC.GIFCONF) return listInterfaces(net, argument, task);
  const answer = ANSWERS[request];
  if (answer === undefined && request !== SIOC.GIFNAME && !CHANGES.has(request) && !isPrivate(request)) return -E.ENOTTY;
  const bytes = new Uint8Array(IFREQ_SIZE);
  if (!task.user.read(argument, bytes)) return -E.EFAULT;
  if (request === SIOC.GIFNAME) {
    const index = new DataView(bytes.buffer).getInt32(16, true);
    const device = net.interfaces().find((each) => each.index === index);
    if (device === undefined) return -E.ENODEV;
    bytes.fill(0, 0, IFNAMSIZ);
    bytes.set(nameBytes(device));
  } else {
    const name = nameIn(bytes);
    const device = net.interfaces().find((each) => each.name === name);
    if (isPrivate(request)) return device === undefined ? -E.ENODEV : -E.EOPNOTSUPP;
    if (answer === undefined) return device === undefined && task.process.credentials.euid === 0 ? -E.ENODEV : -E.EPERM;
    if (device === undefined) return -E.ENODEV;
    const found = answer(device);
    if (typeof found === 'number') return found;
    bytes.fill(0, 16);
    bytes.set(found, 16);
  }
  return task.user.write(argument, bytes) ? 0 : -E.EFAULT;
}

/** The name in an ifreq, without what an alias has behind a colon. */
function nameIn(bytes: Uint8Array): string {
  const end = bytes.subarray(0, IFNAMSIZ - 1).indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, end < 0 ? IFNAMSIZ - 1 : end)).split(':')[0];
}
const nameBytes = ({ name }: NetInterface): Uint8Array => Uint8Array.from(name, (letter) => letter.charCodeAt(0));

/** SIOCGIFCONF: a length and a pointer; one ifreq for each IPv4 address, as many as fit. A NULL pointer asks for the length. */
function listInterfaces(net: NetStack, argument: number, task: Task): number {
  const { user } = task;
  const [length, buffer] = [user.readI32(argument), user.readPtr(argument + 8)];
  if (length === null || buffer === null) return -E.EFAULT;
  let used = 0;
  for (const device of net.interfaces()) {
    for (const { ip } of device.addresses) {
      if (!isV4(ip) || (buffer !== 0 && length - used < IFREQ_SIZE)) continue;
      const bytes = new Uint8Array(IFREQ_SIZE);
      bytes.set(nameBytes(device));
      bytes.set(packName({ ip, port: 0 }, AF.INET), 16);
      if (buffer !== 0 && !user.write(buffer + used, bytes)) return -E.EFAULT;
      used += IFREQ_SIZE;
    }
  }
  return user.writeU32(argument, used) ? 0 : -E.EFAULT;
}
