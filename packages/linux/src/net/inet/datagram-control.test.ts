import { AF, E, IP, IPPROTO, IPV6, SO, SOCK, SOL } from '@tally86/abi';
import type { HostNetwork } from '@tally86/core';
import { describe, expect, it } from 'vitest';
import { createGuest, DATA, type Guest } from '../../../test/guest.ts';
import { UDP } from './udp-options.ts';

const VALUE = DATA, NAME = DATA + 64, HEADER = DATA + 128, VECTOR = DATA + 192, CONTROL = DATA + 256, BYTES = DATA + 512;
const int = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);

/** A network that has nothing. */
const outside = { name: 'host', interfaces: () => [], turn: () => Promise.resolve() } as unknown as HostNetwork;

function set(guest: Guest, fd: number, level: number, name: number, value: number): number {
  guest.poke(VALUE, int(value));
  return guest.call('setsockopt', fd, level, name, VALUE, 4);
}
function get(guest: Guest, fd: number, level: number, name: number): number {
  guest.poke(VALUE, Uint8Array.of(0xaa, 0, 0, 0, 4, 0, 0, 0));
  expect(guest.call('getsockopt', fd, level, name, VALUE, VALUE + 4)).toBe(0);
  return guest.peek(VALUE, 1)[0];
}

describe('what is known of a header', () => {
  it.each([
    ['IP_RECVTTL', AF.INET, IPPROTO.IP, IP.RECVTTL],
    ['IP_RECVTOS', AF.INET, IPPROTO.IP, IP.RECVTOS],
    ['IP_RECVTOS', AF.INET6, IPPROTO.IP, IP.RECVTOS],
    ['IP_RECVORIGDSTADDR', AF.INET, IPPROTO.IP, IP.RECVORIGDSTADDR],
    ['IPV6_RECVHOPLIMIT', AF.INET6, IPPROTO.IPV6, IPV6.RECVHOPLIMIT],
    ['IPV6_RECVTCLASS', AF.INET6, IPPROTO.IPV6, IPV6.RECVTCLASS],
    ['IPV6_RECVORIGDSTADDR', AF.INET6, IPPROTO.IPV6, IPV6.RECVORIGDSTADDR],
  ])('%s of family %i cannot be asked for with the network of the host, and a note says so', (text, family, level, name) => {
    const notes: string[] = [];
    const inside = createGuest({ onNote: (note) => notes.push(note) });
    expect(inside.call('socket', family, SOCK.DGRAM, 0)).toBe(3);
    expect([set(inside, 3, level, name, 1), get(inside, 3, level, name), notes]).toEqual([0, 1, []]);
    const guest = createGuest({ network: outside, onNote: (note) => notes.push(note) });
    expect(guest.call('socket', family, SOCK.DGRAM, 0)).toBe(3);
    expect([set(guest, 3, level, name, 1), get(guest, 3, level, name)]).toEqual([-E.ENOPROTOOPT, 0]);
    expect(notes).toEqual([`socket option ${text} is not supported with the network of the host: ENOPROTOOPT`]);
    expect(set(guest, 3, level, name, 0)).toBe(0);
    // A stream never tells: it may be asked.
    expect(guest.call('socket', family, SOCK.STREAM, 0)).toBe(4);
    expect([set(guest, 4, level, name, 1), get(guest, 4, level, name), notes.length]).toEqual([0, 1, 1]);
  });
});

/** Sends that many bytes with one control message to port 9 of the loopback: the result, and class and hops at the receiver. */
function sent(family: number, level: number, type: number, data: Uint8Array, length: number): readonly unknown[] {
  const guest = createGuest();
  const v6 = family === AF.INET6;
  const name = new Uint8Array(28);
  name.set(v6 ? [family, 0, 8, 9] : [family, 0, 8, 9, 127, 0, 0, 1]);
  if (v6) name[23] = 1;
  guest.poke(NAME, name);
  for (const fd of [3, 4]) expect(guest.call('socket', family, SOCK.DGRAM | SOCK.NONBLOCK, 0)).toBe(fd);
  expect(guest.call('bind', 3, NAME, 28)).toBe(0);
  const [ip, hops, service] = v6 ? [IPPROTO.IPV6, IPV6.UNICAST_HOPS, IPV6.TCLASS] : [IPPROTO.IP, IP.TTL, IP.TOS];
  expect([set(guest, 4, ip, hops, 33), set(guest, 4, ip, service, 44)]).toEqual([0, 0]);
  expect([set(guest, 3, ip, v6 ? IPV6.RECVTCLASS : IP.RECVTOS, 1), set(guest, 3, ip, v6 ? IPV6.RECVHOPLIMIT : IP.RECVTTL, 1)]).toEqual([0, 0]);
  const message = (address: number, bytes: number, control: number): void => {
    const header = new BigUint64Array(7);
    header.set([BigInt(address), address === 0 ? 0n : 28n, BigInt(VECTOR), 1n, BigInt(CONTROL), BigInt(control), 0n]);
    guest.poke(HEADER, new Uint8Array(header.buffer));
    guest.poke(VECTOR, new Uint8Array(BigUint64Array.of(BigInt(BYTES), BigInt(bytes)).buffer));
  };
  const control = new Uint8Array(16 + data.length);
  const view = new DataView(control.buffer);
  view.setBigUint64(0, BigInt(control.length), true);
  view.setInt32(8, level, true);
  view.setInt32(12, type, true);
  control.set(data, 16);
  guest.poke(CONTROL, control);
  message(NAME, length, control.length);
  const result = guest.call('sendmsg', 4, HEADER, 0);
  message(0, 2000, 100);
  const got = guest.call('recvmsg', 3, HEADER, 0);
  return got < 0 ? [result, got] : [result, got, guest.peek(CONTROL + 16, 1)[0], guest.peek(CONTROL + 24 + 16, 1)[0]];
}

describe('a message with control data, where kernels differ or we refuse', () => {
  it.each([
    ['nothing', AF.INET, 999, 0, new Uint8Array(0), 10, [10, 10, 33, 44]],
    ['nothing, IPv6', AF.INET6, 999, 0, new Uint8Array(0), 10, [10, 10, 33, 44]],
    // The socket's own, as RFC 3542 6.5 says: newer kernels make 255 of it.
    ['a class of −1', AF.INET6, IPPROTO.IPV6, IPV6.TCLASS, int(-1), 10, [10, 10, 33, 44]],
    ['a hop limit of −1', AF.INET6, IPPROTO.IPV6, IPV6.HOPLIMIT, int(-1), 10, [10, 10, 33, 44]],
    // Newer kernels look at 16 bits.
    ['a hop limit of 65541', AF.INET6, IPPROTO.IPV6, IPV6.HOPLIMIT, int(65_541), 10, [-E.EINVAL, -E.EAGAIN]],
    // Datagrams are not cut: those that need not be go.
    ['segments of 1000 bytes', AF.INET, IPPROTO.UDP, UDP.SEGMENT, Uint8Array.of(0xe8, 3), 1000, [1000, 1000, 33, 44]],
    ['segments of less than all', AF.INET, IPPROTO.UDP, UDP.SEGMENT, Uint8Array.of(0xe7, 3), 1000, [-E.EIO, -E.EAGAIN]],
    ['segments of 0 bytes', AF.INET, IPPROTO.UDP, UDP.SEGMENT, Uint8Array.of(0, 0), 1000, [1000, 1000, 33, 44]],
    ['a mark of a user', AF.INET, SOL.SOCKET, SO.MARK, int(7), 10, [-E.EPERM, -E.EAGAIN]],
  ])('%s', (_what, family, level, type, data, length, expected) => {
    expect(sent(family, level, type, data, length)).toEqual(expected);
  });
});
