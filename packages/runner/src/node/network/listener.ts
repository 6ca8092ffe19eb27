import type { AddressInfo, Server, Socket } from 'node:net';
import type { HostBinding, HostEndpoint, HostListener } from '@tally86/core';
import { endsOf, NodeConnection } from './connection.ts';
import { errnoOf } from './errno.ts';

/** Connections that the host queues for the guest. */
const BACKLOG = 4096;

type Accept = Parameters<HostListener['accept']>[0];

class NodeListener implements HostListener {
  readonly #server: Server;
  readonly local: HostEndpoint;
  #accept: Accept = () => null;

  constructor(server: Server) {
    this.#server = server;
    const { address, port } = server.address() as AddressInfo;
    this.local = { address, port };
    server.on('connection', (socket: Socket) => this.#take(socket));
    server.on('error', () => {});
  }

  #take(socket: Socket): void {
    const connection = new NodeConnection(socket);
    const events = this.#accept(connection, ...endsOf(socket));
    if (events === null) socket.resetAndDestroy();
    else connection.attach(events);
  }
  accept(onConnection: Accept): void {
    this.#accept = onConnection;
  }
  close(): void {
    this.#server.close();
  }
}

/** A server of Node that is bound, or why it cannot be: a positive errno. */
export function listen({ address, port, v6Only }: HostBinding): Promise<NodeListener | number> {
  const net = process.getBuiltinModule('node:net');
  const server = net.createServer({ allowHalfOpen: true });
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(errnoOf(error)));
    server.listen({ host: address, port, ipv6Only: v6Only, backlog: BACKLOG, exclusive: true }, () => resolve(new NodeListener(server)));
  });
}
