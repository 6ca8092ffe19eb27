import { E, IP, IPPROTO, IPV6, MSG } from '@tally86/abi';
import { type QueueCharge, trueSize } from '../memory.ts';
import type { Incoming } from '../message.ts';
import { type Endpoint, isV4, packName } from './address.ts';
import type { InetSocket } from './inet-socket.ts';
import { type Arrival, receivedControl, timestamps } from './received-control.ts';

/** SO_EE_ORIGIN_* (linux/errqueue.h). */
const ORIGIN = { LOCAL: 1, ICMP: 2, ICMP6: 3 } as const;
/** How much of a datagram its ICMP message still has: messages are 576 bytes at most, of IPv6 1280 (RFC 1812 4.3.2.3, RFC 4443 2.4). */
const QUOTED = 520, QUOTED6 = 1184;
/** What ICMP keeps of the TOS of a packet, and its own precedence (RFC 1812 4.3.2.5). */
const KEPT_TOS = 0x1e, INTERNET_CONTROL = 0xc0;

interface QueuedError {
  readonly errno: number;
  readonly origin: number;
  readonly type: number;
  readonly code: number;
  readonly info: number;
  /** Where the datagram went, and as much of it as came back. */
  readonly to: Endpoint;
  readonly bytes: Uint8Array;
  /** The ICMP message, and who sent it; null: the error is this machine's own. */
  readonly icmp: { readonly arrival: Arrival; readonly offender: Endpoint } | null;
  readonly time: bigint;
  readonly size: number;
}

/** Errors of datagrams that were sent (sk_error_queue), for a socket with IP_RECVERR. */
export class ErrorQueue {
  readonly #socket: InetSocket;
  readonly #charge: QueueCharge;
  readonly #errors: QueuedError[] = [];

  /** What it keeps is charged to what the socket may receive. */
  constructor(socket: InetSocket, charge: QueueCharge) {
    this.#socket = socket;
    this.#charge = charge;
  }

  get isEmpty(): boolean {
    return this.#errors.length === 0;
  }

  /** Is the socket told of the errors of packets of that family? */
  isAsked(toV4: boolean): boolean {
    return (toV4 ? this.#socket.ipOption(IPPROTO.IP, IP.RECVERR) : this.#socket.ipOption(IPPROTO.IPV6, IPV6.RECVERR)) !== 0;
  }

  #push(error: Omit<QueuedError, 'time' | 'size'>): void {
    const size = trueSize(error.bytes.length + 42);
    const { options, net } = this.#socket;
    if (this.#charge.take(size, options.receiveBuffer)) this.#errors.push({ ...error, time: net.realtime(), size });
  }

  /** Nobody has the port: the machine with that address says so. */
  unreachable(bytes: Uint8Array, from: Endpoint, to: Endpoint, trafficClass: number): void {
    const v4 = isV4(to.ip);
    const header = { hops: 64, trafficClass: v4 ? (trafficClass & KEPT_TOS) | INTERNET_CONTROL : 0 };
    this.#push({
      errno: E.ECONNREFUSED, ...(v4 ? { origin: ORIGIN.ICMP, type: 3, code: 3 } : { origin: ORIGIN.ICMP6, type: 1, code: 4 }), info: 0,
      to, bytes: bytes.slice(0, v4 ? QUOTED : QUOTED6),
      icmp: { arrival: { header, to: from, routed: false, time: this.#socket.net.realtime(), lost: 0 }, offender: { ip: to.ip, port: 0 } },
    });
  }

  /** The datagram was longer than a packet may be. */
  tooLong(to: Endpoint, limit: number): void {
    this.#push({ errno: E.EMSGSIZE, origin: ORIGIN.LOCAL, type: 0, code: 0, info: limit, to, bytes: new Uint8Array(0), icmp: null });
  }

  /** The next one, which is gone then: bytes, −EAGAIN, −EFAULT (net/ipv4/ip_sockglue.c, ip_recv_error). MSG_PEEK has no meaning. */
  receive(message: Incoming): number {
    const error = this.#errors.shift();
    if (error === undefined) return -E.EAGAIN;
    this.#charge.give(error.size);
    const socket = this.#socket;
    // The next call without MSG_ERRQUEUE tells the next one, if it came by ICMP, too.
    const next = this.#errors[0];
    if (next !== undefined && next.icmp !== null) socket.error = next.errno;
    else if (error.icmp !== null) socket.error = 0;
    const want = Math.min(error.bytes.length, message.to.remaining);
    if (message.to.put(error.bytes.subarray(0, want)) < want) return -E.EFAULT;
    message.outFlags |= MSG.ERRQUEUE | (want < error.bytes.length ? MSG.TRUNC : 0);
    message.name = packName(error.to, socket.kind.family);
    message.control.push(...(error.icmp === null ? timestamps(socket, error.time) : receivedControl(socket, error.icmp.arrival)));
    message.control.push({ ...(socket.isV6 ? { level: IPPROTO.IPV6, type: IPV6.RECVERR } : { level: IPPROTO.IP, type: IP.RECVERR }), data: extended(error, socket.kind.family) });
    return want;
  }

  clear(): void {
    for (const { size } of this.#errors.splice(0)) this.#charge.give(size);
  }
}

/** struct sock_extended_err, and then the address of who complains. */
function extended({ errno, origin, type, code, info, icmp }: QueuedError, family: number): Uint8Array {
  const offender = packName(icmp?.offender ?? { ip: 0n, port: 0 }, family);
  if (icmp === null) offender.fill(0);
  const data = new Uint8Array(16 + offender.length);
  const view = new DataView(data.buffer);
  view.setUint32(0, errno, true);
  data.set([origin, type, code], 4);
  view.setUint32(8, info, true);
  data.set(offender, 16);
  return data;
}
