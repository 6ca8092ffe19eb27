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
    if (target === undefined) {
      // ICMP says that nobody listens there; only a socket with a peer is told.
      if (this.remote !== null && this.remote.ip === to.ip && this.remote.port === to.port) {
        this.error = E.ECONNREFUSED;
        this.queue.wake();
      }
      return 0;
    }
    target.deliver(bytes, from, to, this.headerFor(isV4(to.ip), wish));
    return 0;
  }
}
