import type { RemoteInfo, Socket } from 'node:dgram';
import type { HostBinding, HostDatagram, HostDatagramEvents, HostEndpoint } from '@tally86/core';
import { errnoOf } from './errno.ts';

/** discard (RFC 863). */
const DISCARD = 9;

class NodeDatagram implements HostDatagram {
  readonly #socket: Socket;
  readonly #events: HostDatagramEvents;
  #sending = 0;
  #closes = false;
  readonly local: HostEndpoint;

  constructor(socket: Socket, events: HostDatagramEvents) {
    this.#socket = socket;
    this.#events = events;
    const { address, port } = socket.address();
    this.local = { address, port };
    socket.on('message', (bytes: Buffer, { address: from, port: fromPort }: RemoteInfo) => {
      events.message(new Uint8Array(bytes), { address: from, port: fromPort });
    });
    socket.on('error', (error) => events.failed(errnoOf(error)));
  }

  send(bytes: Uint8Array, to: HostEndpoint | null): void {
    const sent = (error: Error | null): void => {
      this.#sending -= 1;
      if (error !== null) this.#events.failed(errnoOf(error));
      if (this.#closes && this.#sending === 0) this.#socket.close();
    };
    this.#sending += 1;
    if (to === null) this.#socket.send(bytes, sent);
    else this.#socket.send(bytes, to.port, to.address, sent);
  }
  setBroadcast(on: boolean): void {
    this.#socket.setBroadcast(on);
  }
  /** What was sent goes out before. */
  close(): void {
    if (this.#closes) return;
    this.#closes = true;
    if (this.#sending === 0) this.#socket.close();
  }
}

/** Addresses are never names: nothing is looked up. */
function lookup(host: string, _options: unknown, answer: (error: Error | null, address: string, family: number) => void): void {
  answer(null, host, host.includes(':') ? 6 : 4);
}

/** A UDP socket of Node, bound and with its peer, or why it cannot be: a positive errno. */
export function datagram(at: HostBinding, peer: HostEndpoint | null, events: HostDatagramEvents): Promise<NodeDatagram | number> {
  const { createSocket } = process.getBuiltinModule('node:dgram');
  const v6 = at.address.includes(':');
  const socket = createSocket({ type: v6 ? 'udp6' : 'udp4', ipv6Only: v6 && at.v6Only, reuseAddr: at.reuseAddress, lookup });
  return new Promise((resolve) => {
    const fail = (error: Error): void => {
      resolve(errnoOf(error));
      socket.close();
    };
    socket.once('error', fail);
    const ready = (): void => {
      socket.off('error', fail);
      resolve(new NodeDatagram(socket, events));
    };
    socket.bind({ address: at.address, port: at.port, exclusive: true }, () => {
      if (peer === null) ready();
      else {
        // Node has no port 0, which leads nowhere but has a way there: getaddrinfo asks for its own address on that
        socket.connect(peer.port === 0 ? DISCARD : peer.port, peer.address, (error?: Error) => {
          if (error === undefined || error === null) ready();
          else fail(error);
        });
      }
    });
  });
}
