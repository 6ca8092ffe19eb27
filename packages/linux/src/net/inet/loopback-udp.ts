import { E } from '@tally86/abi';
import { type Endpoint, isV4 } from './address.ts';
import type { InetSocket } from './inet-socket.ts';
import type { DatagramWish } from './sent-control.ts';
import { UdpSocket } from './udp-socket.ts';

const isUdp = (socket: InetSocket): boolean => socket instanceof LoopbackUdpSocket;

/** A UDP socket over the machine's own loopback. */
export class LoopbackUdpSocket extends UdpSocket {
  protected transmit(bytes: Uint8Array, to: Endpoint, wish: DatagramWish): number {
    const from = { ip: wish.source ?? this.sourceFor(to.ip), port: this.local.port };
    const target = this.ports.find(to, from, isUdp) as LoopbackUdpSocket | undefined;
    const header = this.headerFor(isV4(to.ip), wish);
    if (target === undefined) this.#unreachable(bytes, from, to, header.trafficClass);
    else target.deliver(bytes, from, to, header);
    return 0;
  }

  /** ICMP says that nobody listens there: a socket with that peer is told, and one without a peer that asks for errors. */
  #unreachable(bytes: Uint8Array, from: Endpoint, to: Endpoint, trafficClass: number): void {
    const { remote } = this;
    if (remote !== null && (remote.ip !== to.ip || remote.port !== to.port)) return;
    const asked = this.errors.isAsked(isV4(to.ip));
    if (asked) this.errors.unreachable(bytes, from, to, trafficClass);
    else if (remote === null) return;
    this.error = E.ECONNREFUSED;
    this.queue.wake();
  }
}
