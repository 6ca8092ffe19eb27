import { E } from '@tally86/abi';
import type { HostBinding, HostConnection, HostConnectionEvents, HostEndpoint, HostInterface, HostNetwork } from '@tally86/core';
import { NodeConnection } from './connection.ts';
import { datagram } from './datagram.ts';
import { listen } from './listener.ts';

/** How much of the host's network a guest has: all of it, or what is on this machine. */
export type NetworkReach = 'host' | 'loopback';

const isLoopback = ({ address }: HostEndpoint): boolean => address.startsWith('127.') || /^0*(:0*)*:0*1$/.test(address);
const isAny = (address: string): boolean => /^[0:.]+$/.test(address);

/** The address to bind: on the loopback alone, `any` is the loopback's; undefined: not reachable. */
function bindable(at: HostBinding, reach: NetworkReach): HostBinding | undefined {
  if (reach === 'host' || isLoopback(at)) return at;
  return isAny(at.address) ? { ...at, address: at.address.includes(':') ? '::1' : '127.0.0.1' } : undefined;
}

/** A connection that never stands. */
function refused(events: HostConnectionEvents, errno: number): HostConnection {
  setImmediate(() => events.failed(errno));
  return { pending: 0, send() {}, pause() {}, setNoDelay() {}, setKeepAlive() {}, finish() {}, close() {} };
}

function interfaces(reach: NetworkReach): readonly HostInterface[] {
  const { networkInterfaces } = process.getBuiltinModule('node:os');
  return Object.entries(networkInterfaces()).flatMap(([name, list = []]): HostInterface[] => {
    const loopback = list.some(({ internal }) => internal);
    if (reach === 'loopback' && !loopback) return [];
    return [{
      name, loopback,
      hardwareAddress: Uint8Array.from((list[0]?.mac ?? '').split(':'), (byte) => Number.parseInt(byte, 16) || 0).slice(0, 6),
      addresses: list.map(({ address, cidr }) => ({ address, prefix: Number(cidr?.split('/')[1] ?? 128) })),
    }];
  });
}

/** Real sockets, through Node. */
export function createHostNetwork(reach: NetworkReach): HostNetwork {
  const net = process.getBuiltinModule('node:net');
  return {
    name: reach,
    connect(to, from, events) {
      if (reach === 'loopback' && !isLoopback(to)) return refused(events, E.ENETUNREACH);
      const options = { host: to.address, port: to.port, allowHalfOpen: true, ...(from === null ? {} : { localAddress: from.address, localPort: from.port }) };
      const connection = new NodeConnection(net.connect(options));
      connection.attach(events);
      return connection;
    },
    listen(at) {
      const found = bindable(at, reach);
      return found === undefined ? Promise.resolve(E.EADDRNOTAVAIL) : listen(found);
    },
    datagram(at, peer, events) {
      const found = bindable(at, reach);
      if (found === undefined) return Promise.resolve(E.EADDRNOTAVAIL);
      return peer !== null && reach === 'loopback' && !isLoopback(peer) ? Promise.resolve(E.ENETUNREACH) : datagram(found, peer, events);
    },
    interfaces: () => interfaces(reach),
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  };
}
