import { AF, E } from '@tally86/abi';

/** An IP address as a number of 128 bits; IPv4 is mapped: ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). */
export type Ip = bigint;

const MAPPED = 0xffff_0000_0000n;
export const ANY4: Ip = MAPPED, ANY6: Ip = 0n;
export const LOOPBACK4: Ip = MAPPED | 0x7f00_0001n, LOOPBACK6: Ip = 1n;

export const isV4 = (ip: Ip): boolean => ip >> 32n === 0xffffn;
export const isAny = (ip: Ip): boolean => ip === ANY4 || ip === ANY6;
export const isLoopback = (ip: Ip): boolean => ip === LOOPBACK6 || (isV4(ip) && (ip >> 24n & 0xffn) === 127n);
/** 127.255.255.255 and 255.255.255.255. */
export const isBroadcast = (ip: Ip): boolean => ip === (MAPPED | 0x7fff_ffffn) || ip === (MAPPED | 0xffff_ffffn);

/** An address and a port. */
export interface Endpoint {
  readonly ip: Ip;
  readonly port: number;
}

/** A sockaddr of either family; −EINVAL if it is too short for its socket's, −EAFNOSUPPORT for another family than those allowed. */
export function parseName(name: Uint8Array, family: number, allowed: readonly number[]): Endpoint | number {
  const view = new DataView(name.buffer, name.byteOffset, name.length);
  if (name.length < (family === AF.INET6 && !(name.length >= 2 && allowed.includes(AF.INET) && view.getUint16(0, true) === AF.INET) ? 24 : 16)) return -E.EINVAL;
  const told = view.getUint16(0, true);
  if (!allowed.includes(told)) return -E.EAFNOSUPPORT;
  const port = view.getUint16(2);
  return { ip: told === AF.INET6 ? parseAddress(view, 8, 16) : parseAddress(view, 4, 4), port };
}

/** An address as it lies in memory, of 4 bytes or 16. */
export function parseAddress(view: DataView, at: number, length: 4 | 16): Ip {
  return length === 4 ? MAPPED | BigInt(view.getUint32(at)) : (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8);
}

/** The family of a sockaddr; −1 if it is too short to have one. */
export const familyOf = (name: Uint8Array): number => (name.length < 2 ? -1 : name[0] | (name[1] << 8));

/** The sockaddr of an endpoint as a socket of `family` shows it. */
export function packName({ ip, port }: Endpoint, family: number): Uint8Array {
  const bytes = new Uint8Array(family === AF.INET6 ? 28 : 16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family, true);
  view.setUint16(2, port);
  if (family === AF.INET6) {
    view.setBigUint64(8, ip >> 64n);
    view.setBigUint64(16, BigInt.asUintN(64, ip));
  } else view.setUint32(4, Number(ip & 0xffff_ffffn));
  return bytes;
}

/** As text for the host: `127.0.0.1`, or eight groups of IPv6. */
export function ipText(ip: Ip): string {
  if (isV4(ip)) return [24n, 16n, 8n, 0n].map((shift) => String((ip >> shift) & 0xffn)).join('.');
  return Array.from({ length: 8 }, (_, index) => ((ip >> BigInt(112 - index * 16)) & 0xffffn).toString(16)).join(':');
}

/** The address behind a text of the host. A zone is left out. */
export function ipOf(text: string): Ip {
  const plain = text.split('%')[0];
  const dotted = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/i.exec(plain);
  if (dotted !== null) return dotted.slice(1).reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) | MAPPED;
  const [head, tail] = plain.split('::');
  const groups = (part: string | undefined): string[] => (part === undefined || part === '' ? [] : part.split(':'));
  const [front, back] = [groups(head), groups(tail)];
  const all = tail === undefined ? front : [...front, ...Array.from({ length: 8 - front.length - back.length }, () => '0'), ...back];
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}
