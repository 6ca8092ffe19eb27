import { SOMAXCONN } from '@tally86/abi';
import type { HostNetwork } from '@tally86/core';
import type { OutputBudget } from '../kernel/output-budget.ts';
import type { Kernel } from '../kernel/types.ts';
import { type Ip, isLoopback } from './inet/address.ts';
import { hostInterfaces, LO, type NetInterface } from './inet/interfaces.ts';
import { PortTable } from './inet/ports.ts';
import { NetMemory } from './memory.ts';
import type { Socket } from './socket.ts';
import { UnixNames } from './unix/names.ts';

/** What the sockets of a machine share (struct net). */
export class NetStack {
  readonly memory = new NetMemory();
  readonly unixNames = new UnixNames();
  readonly tcpPorts: PortTable;
  readonly udpPorts: PortTable;
  /** net.core.somaxconn */
  readonly maxBacklog = SOMAXCONN;
  readonly #kernel: () => Kernel;
  readonly #cookies = new WeakMap<Socket, number>();
  #lastCookie = 0;
  #lastPort = 0;

  constructor(kernel: () => Kernel) {
    this.#kernel = kernel;
    const now = (): number => this.#kernel().clock.monotonic();
    this.tcpPorts = new PortTable(now);
    this.udpPorts = new PortTable(now);
  }

  /** The network outside; null: there is none. */
  get host(): HostNetwork | null {
    return this.#kernel().network;
  }
  /** What may be sent to the network outside. */
  get output(): OutputBudget {
    return this.#kernel().output;
  }
  /** Real time in nanoseconds. */
  realtime(): bigint {
    return this.#kernel().clock.realtime();
  }

  /** Is it an address of this machine? With the host's network, the host knows. */
  isOurs(ip: Ip): boolean {
    return this.host !== null || isLoopback(ip);
  }
  interfaces(): readonly NetInterface[] {
    return this.host === null ? [LO] : hostInterfaces(this.host.interfaces());
  }

  /** A number for each socket, given when it is first asked for (SO_COOKIE). */
  cookieOf(socket: Socket): number {
    let cookie = this.#cookies.get(socket);
    if (cookie === undefined) this.#cookies.set(socket, (cookie = this.#lastCookie += 1));
    return cookie;
  }

  /** Port ids of netlink that are taken. */
  readonly netlinkPorts = new Set<number>();
  /** The next port id of netlink for a process that has its own already. */
  nextNetlinkPort(): number {
    return ((this.#lastPort -= 1) - 4096) >>> 0;
  }
}
