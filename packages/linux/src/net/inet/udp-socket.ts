import { AF, E, IP, IPPROTO, IPV6, MSG, POLL, SO, SOL, TCP_STATE } from '@tally86/abi';
import type { Task } from '../../kernel/types.ts';
import type { SyscallResult } from '../../sched/wait.ts';
import type { Incoming, Outgoing, PeerCredentials, ReceivedControl } from '../message.ts';
import { QueueCharge, trueSize } from '../memory.ts';
import type { OptionTable } from '../options/table.ts';
import { commonPoll, RCV_SHUTDOWN, SEND_SHUTDOWN, shutdownBits, type SocketKind } from '../socket.ts';
import type { NetStack } from '../stack.ts';
import { type Endpoint, familyOf, type Ip, isAny, isBroadcast, isV4, packName, parseName } from './address.ts';
import { InetSocket } from './inet-socket.ts';
import { LO } from './interfaces.ts';
import { UDP_OPTIONS } from './udp-options.ts';

/** The longest datagram (65535 less both headers; IPv6 counts its own header apart). */
const MAX_DATAGRAM = 65_507;

interface Datagram {
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
  /** Where it was sent. */
  readonly to: Ip;
  /** Real time in nanoseconds. */
  readonly time: bigint;
  readonly size: number;
}

/** A UDP socket (net/ipv4/udp.c), whatever carries its datagrams. */
export abstract class UdpSocket extends InetSocket {
  readonly ports;
  readonly #received: Datagram[] = [];
  readonly #charge: QueueCharge;

  constructor(net: NetStack, kind: SocketKind, owner: PeerCredentials) {
    super(net, kind, owner);
    this.ports = net.udpPorts;
    this.#charge = new QueueCharge(net.memory);
  }

  /** Sends to an address, from a port that is taken; 0, −errno, −EAGAIN. */
  protected abstract transmit(bytes: Uint8Array, to: Endpoint): number;

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

  send(message: Outgoing): number {
    const { from, flags, name } = message;
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
    const target = this.routeOut(to);
    if (typeof target === 'number') return target;
    if (this.error !== 0) return this.takeError();
    if ((this.shutdownMask & SEND_SHUTDOWN) !== 0) return -E.EPIPE;
    if (from.remaining > MAX_DATAGRAM + (isV4(target.ip) ? 0 : 20)) return -E.EMSGSIZE;
    if (this.local.port === 0) {
      const error = this.take(this.local, true);
      if (error < 0) return error;
    }
    const bytes = from.take(from.remaining).slice();
    if (from.faulted) return -E.EFAULT;
    const error = this.transmit(bytes, target);
    return error < 0 ? error : bytes.length;
  }

  protected routeOut(to: Endpoint): Endpoint | number {
    if (isBroadcast(to.ip) && !this.options.isOn(SO.BROADCAST)) return -E.EACCES;
    return this.route(to);
  }

  /** Takes in what was sent to it; a full queue drops it, as UDP does. */
  deliver(bytes: Uint8Array, from: Endpoint, to: Ip): void {
    const size = trueSize(bytes.length + 42);
    if ((this.shutdownMask & RCV_SHUTDOWN) !== 0 && this.remote !== null) return;
    if (!this.#charge.take(size, this.options.receiveBuffer)) return;
    this.#received.push({ bytes, from, to, time: this.net.realtime(), size });
    this.queue.wake();
  }

  receive(message: Incoming): number {
    const { to, flags } = message;
    if ((flags & MSG.ERRQUEUE) !== 0) return -E.EAGAIN;
    const datagram = this.#received[0];
    if (datagram === undefined) {
      if (this.error !== 0) return this.takeError();
      return (this.shutdownMask & RCV_SHUTDOWN) !== 0 && (flags & MSG.DONTWAIT) === 0 ? 0 : -E.EAGAIN;
    }
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
    this.#describe(datagram, message.control);
    return (flags & MSG.TRUNC) !== 0 ? bytes.length : put;
  }

  /** Ancillary data that options ask for. */
  #describe({ to, time }: Datagram, control: ReceivedControl[]): void {
    const stamp = (type: number, unit: bigint): void => {
      const data = new Uint8Array(16);
      new DataView(data.buffer).setBigInt64(0, time / 1_000_000_000n, true);
      new DataView(data.buffer).setBigInt64(8, (time % 1_000_000_000n) / unit, true);
      control.push({ level: SOL.SOCKET, type, data });
    };
    if (this.options.isOn(SO.TIMESTAMPNS)) stamp(SO.TIMESTAMPNS, 1n);
    else if (this.options.isOn(SO.TIMESTAMP)) stamp(SO.TIMESTAMP, 1000n);
    if (isV4(to) && this.ipOption(IPPROTO.IP, IP.PKTINFO) !== 0) {
      // struct in_pktinfo: the interface, the local address twice.
      const data = new Uint8Array(12);
      data[0] = LO.index;
      const address = packName({ ip: to, port: 0 }, AF.INET).subarray(4, 8);
      data.set(address, 4);
      data.set(address, 8);
      control.push({ level: IPPROTO.IP, type: IP.PKTINFO, data });
    }
    if (this.isV6 && this.ipOption(IPPROTO.IPV6, IPV6.RECVPKTINFO) !== 0) {
      const data = new Uint8Array(20);
      data.set(packName({ ip: to, port: 0 }, AF.INET6).subarray(8, 24));
      data[16] = LO.index;
      control.push({ level: IPPROTO.IPV6, type: IPV6.PKTINFO, data });
    }
  }

  override shutdown(how: number): number {
    const bits = shutdownBits(how);
    if (bits < 0) return bits;
    this.shutdownMask |= bits;
    this.queue.wake();
    return this.state === TCP_STATE.CLOSE ? -E.ENOTCONN : 0;
  }

  poll(): number {
    return commonPoll(this) | POLL.OUT | POLL.WRNORM | (this.#received.length > 0 ? POLL.IN | POLL.RDNORM : 0);
  }

  release(): void {
    this.#received.length = 0;
    this.#charge.giveAll();
    this.leave();
    this.queue.wake();
  }
}
