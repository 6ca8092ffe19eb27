import { AF, E, IP, IPPROTO, IPV6, MSG, POLL, SO, TCP_STATE } from '@tally86/abi';
import type { Task } from '../../kernel/types.ts';
import type { SyscallResult } from '../../sched/wait.ts';
import type { Incoming, Outgoing, PeerCredentials } from '../message.ts';
import { QueueCharge, trueSize } from '../memory.ts';
import type { OptionTable } from '../options/table.ts';
import { commonPoll, RCV_SHUTDOWN, SEND_SHUTDOWN, shutdownBits, type SocketKind } from '../socket.ts';
import type { NetStack } from '../stack.ts';
import { type Endpoint, familyOf, isAny, isBroadcast, isV4, packName, parseName } from './address.ts';
import { ErrorQueue } from './error-queue.ts';
import { InetSocket } from './inet-socket.ts';
import { LO } from './interfaces.ts';
import { DEFAULT_HOPS } from './ip-options.ts';
import { type Arrival, type Header, receivedControl } from './received-control.ts';
import { type DatagramWish, readDatagramControl } from './sent-control.ts';
import { UDP_OPTIONS } from './udp-options.ts';

/** The longest datagram (65535 less both headers; IPv6 counts its own header apart). */
const MAX_DATAGRAM = 65_507, MAX_PACKET = 65_535;

interface Datagram extends Arrival {
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
  readonly size: number;
}

/** A UDP socket (net/ipv4/udp.c), whatever carries its datagrams. */
export abstract class UdpSocket extends InetSocket {
  readonly ports;
  readonly #received: Datagram[] = [];
  readonly #charge: QueueCharge;
  readonly errors: ErrorQueue;
  /** Datagrams that found no room (sk_drops). */
  #lost = 0;

  constructor(net: NetStack, kind: SocketKind, owner: PeerCredentials) {
    super(net, kind, owner);
    this.ports = net.udpPorts;
    this.#charge = new QueueCharge(net.memory);
    this.errors = new ErrorQueue(this, this.#charge);
  }

  /** Sends to an address, from a port that is taken; 0, −errno, −EAGAIN. */
  protected abstract transmit(bytes: Uint8Array, to: Endpoint, wish: DatagramWish): number;

  /** The header of a packet to that family: what the message says, or else the options. */
  protected headerFor(toV4: boolean, { hops, trafficClass }: DatagramWish): Header {
    const [level, hopOption, classOption] = toV4 ? [IPPROTO.IP, IP.TTL, IP.TOS] : [IPPROTO.IPV6, IPV6.UNICAST_HOPS, IPV6.TCLASS];
    return { hops: hops ?? this.ipOption(level, hopOption, DEFAULT_HOPS), trafficClass: trafficClass ?? this.ipOption(level, classOption) };
  }

  protected get isUnconnected(): boolean {
    return this.state === TCP_STATE.CLOSE;
  }
  override optionsOf(level: number): OptionTable | null {
    return level === IPPROTO.UDP ? UDP_OPTIONS : super.optionsOf(level);
  }
  outgoing(): number {
    return 0;
  }
  /** The length of the next datagram. */
  available(): number {
    return this.#received[0]?.bytes.length ?? 0;
  }

  connect(_task: Task, name: Uint8Array): SyscallResult {
    const family = familyOf(name);
    if (family === -1) return -E.EINVAL;
    if (family === AF.UNSPEC) {
      this.disconnect();
      return 0;
    }
    const to = parseName(name, this.kind.family, this.isV6 ? [AF.INET6, AF.INET] : [AF.INET]);
    if (typeof to === 'number') return to;
    if (this.state === TCP_STATE.ESTABLISHED) this.disconnect();
    return this.setPeer(to);
  }

  protected setPeer(to: Endpoint): SyscallResult {
    const target = this.route(to);
    if (typeof target === 'number') return target;
    if (isBroadcast(target.ip) && !this.options.isOn(SO.BROADCAST)) return -E.EACCES;
    if (this.local.port === 0) {
      const error = this.take(this.local, true);
      if (error < 0) return error;
    }
    if (isAny(this.local.ip)) this.local = { ip: this.sourceFor(target.ip), port: this.local.port };
    this.joined(target);
    return 0;
  }
  protected joined(peer: Endpoint): void {
    this.remote = peer;
    this.state = TCP_STATE.ESTABLISHED;
  }

  /** __udp_disconnect: the port stays if it was bound. */
  protected disconnect(): void {
    if (this.state === TCP_STATE.CLOSE) return;
    this.state = TCP_STATE.CLOSE;
    this.forgetAddress();
    if (this.boundTo === null) this.leave();
  }

  send(message: Outgoing, task: Task): number {
    const { from, flags, name, control } = message;
    if (from.remaining > 0xffff) return -E.EMSGSIZE;
    if ((flags & MSG.OOB) !== 0) return -E.EOPNOTSUPP;
    let to = this.remote;
    if (name !== null && !(familyOf(name) === AF.UNSPEC && this.isV6)) {
      const parsed = parseName(name, this.kind.family, this.isV6 ? [AF.INET6, AF.INET] : [AF.INET, AF.UNSPEC]);
      if (typeof parsed === 'number') return parsed;
      if (parsed.port === 0) return -E.EINVAL;
      to = parsed;
    }
    if (to === null) return -E.EDESTADDRREQ;
    if (isV4(to.ip) && this.only6) return -E.ENETUNREACH;
    const wish = readDatagramControl(this, control.bytes, isV4(to.ip), task);
    if (typeof wish === 'number') return wish;
    const target = this.routeOut(to);
    if (typeof target === 'number') return target;
    if (this.error !== 0) return this.takeError();
    if ((this.shutdownMask & SEND_SHUTDOWN) !== 0) return -E.EPIPE;
    const toV4 = isV4(target.ip);
    if (from.remaining > MAX_DATAGRAM + (toV4 ? 0 : 20)) return this.#tooLong(toV4 ? { ip: target.ip, port: this.remote?.port ?? 0 } : target);
    // Nothing is cut here: as over a device that does not compute checksums.
    if (wish.segment !== undefined && wish.segment > 0 && from.remaining > wish.segment) return -E.EIO;
    if (this.local.port === 0) {
      const error = this.take(this.local, true);
      if (error < 0) return error;
    }
    const bytes = from.take(from.remaining).slice();
    if (from.faulted) return -E.EFAULT;
    const error = this.transmit(bytes, target, wish);
    return error < 0 ? error : bytes.length;
  }

  /** IPv4 names the longest packet of all, and no port but a peer's. */
  #tooLong(to: Endpoint): number {
    const toV4 = isV4(to.ip);
    if (this.errors.isAsked(toV4)) {
      this.errors.tooLong(to, toV4 ? MAX_PACKET : LO.mtu);
      this.queue.wake();
    }
    return -E.EMSGSIZE;
  }

  protected routeOut(to: Endpoint): Endpoint | number {
    if (isBroadcast(to.ip) && !this.options.isOn(SO.BROADCAST)) return -E.EACCES;
    return this.route(to);
  }

  /** Takes in what was sent to it; a full queue drops it, as UDP does. */
  deliver(bytes: Uint8Array, from: Endpoint, to: Endpoint, header: Header): void {
    const size = trueSize(bytes.length + 42);
    if ((this.shutdownMask & RCV_SHUTDOWN) !== 0 && this.remote !== null) return;
    if (!this.#charge.take(size, this.options.receiveBuffer)) {
      this.#lost += 1;
      return;
    }
    this.#received.push({ bytes, from, to, routed: true, header, time: this.net.realtime(), size, lost: this.options.isOn(SO.RXQ_OVFL) ? this.#lost : 0 });
    this.queue.wake();
  }

  receive(message: Incoming): number {
    const { to, flags } = message;
    if ((flags & MSG.ERRQUEUE) !== 0) return this.errors.receive(message);
    if (this.error !== 0) return this.takeError();
    const datagram = this.#received[0];
    if (datagram === undefined) return (this.shutdownMask & RCV_SHUTDOWN) !== 0 && (flags & MSG.DONTWAIT) === 0 ? 0 : -E.EAGAIN;
    const { bytes } = datagram;
    const want = Math.min(bytes.length, to.remaining);
    const put = to.put(bytes.subarray(0, want));
    if ((flags & MSG.PEEK) === 0) {
      this.#received.shift();
      this.#charge.give(datagram.size);
    }
    if (put < want) return -E.EFAULT;
    if (want < bytes.length) message.outFlags |= MSG.TRUNC;
    message.name = packName(datagram.from, this.kind.family);
    message.control.push(...receivedControl(this, datagram));
    return (flags & MSG.TRUNC) !== 0 ? bytes.length : put;
  }

  override optionChanged(level: number, name: number): void {
    const isFlag = (level === IPPROTO.IP && name === IP.RECVERR) || (level === IPPROTO.IPV6 && name === IPV6.RECVERR);
    if (isFlag && this.ipOption(level, name) === 0) this.errors.clear();
  }

  override shutdown(how: number): number {
    const bits = shutdownBits(how);
    if (bits < 0) return bits;
    this.shutdownMask |= bits;
    this.queue.wake();
    return this.state === TCP_STATE.CLOSE ? -E.ENOTCONN : 0;
  }

  poll(): number {
    return commonPoll(this) | (this.errors.isEmpty ? 0 : POLL.ERR) | POLL.OUT | POLL.WRNORM | (this.#received.length > 0 ? POLL.IN | POLL.RDNORM : 0);
  }

  release(): void {
    this.#received.length = 0;
    this.errors.clear();
    this.#charge.giveAll();
    this.leave();
    this.queue.wake();
  }
}
