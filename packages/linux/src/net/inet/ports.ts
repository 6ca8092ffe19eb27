import { SO, TCP_STATE } from '@tally86/abi';
import { ANY4, ANY6, type Endpoint, type Ip, isAny, isV4 } from './address.ts';
import type { InetSocket } from './inet-socket.ts';

/** net.ipv4.ip_local_port_range, and the ports that only root binds (ip_unprivileged_port_start). */
export const FIRST_PORT = 32_768, LAST_PORT = 60_999, UNPRIVILEGED_PORT = 1024;

/** A port that nobody has open and that is still not free: the end of a connection is on its way (TIME_WAIT). */
export interface Held {
  readonly ip: Ip;
  readonly reuse: boolean;
  /** Monotonic nanoseconds. */
  until: number;
}

/** Does a socket bound to `own` take what is sent to `other`? */
function overlap(a: Ip, aOnly6: boolean, b: Ip, bOnly6: boolean): boolean {
  if (isV4(a) && isV4(b)) return a === b || a === ANY4 || b === ANY4;
  if (!isV4(a) && !isV4(b)) return a === b || a === ANY6 || b === ANY6;
  // One of each: only a :: that takes IPv4 too meets the other.
  return isV4(a) ? b === ANY6 && !bOnly6 : a === ANY6 && !aOnly6;
}

/** Who has which port of one protocol. New ones are given out in order: the same in every run. */
export class PortTable {
  readonly #bound = new Map<number, InetSocket[]>();
  readonly #held = new Map<number, Held[]>();
  /** Monotonic nanoseconds. */
  readonly now: () => number;
  #next = FIRST_PORT;

  constructor(now: () => number) {
    this.now = now;
  }

  /** All sockets with a port, in order of port, then of binding. */
  *sockets(): IterableIterator<InetSocket> {
    for (const port of [...this.#bound.keys()].sort((a, b) => a - b)) yield* this.#bound.get(port)!;
  }

  /** May this socket bind there (net/ipv4/inet_connection_sock.c, inet_csk_bind_conflict)? */
  isFree(socket: InetSocket, { ip, port }: Endpoint): boolean {
    const { options, owner } = socket;
    const reuse = options.isOn(SO.REUSEADDR);
    for (const other of this.#bound.get(port) ?? []) {
      if (other === socket || !overlap(ip, socket.only6, other.local.ip, other.only6)) continue;
      if (reuse && other.options.isOn(SO.REUSEADDR) && other.state !== TCP_STATE.LISTEN) continue;
      if (options.isOn(SO.REUSEPORT) && other.options.isOn(SO.REUSEPORT) && other.owner.uid === owner.uid) continue;
      return false;
    }
    return this.#heldAt(port).every((held) => !overlap(ip, socket.only6, held.ip, false) || (reuse && held.reuse));
  }

  /** The next port of the range that nobody has; −1: none. `held` ones can be had by who connects from them. */
  allocate(socket: InetSocket, ip: Ip, connects: boolean): number {
    const count = LAST_PORT - FIRST_PORT + 1;
    for (let tried = 0; tried < count; tried += 1) {
      const port = FIRST_PORT + ((this.#next - FIRST_PORT + tried) % count);
      if (connects ? this.#bound.has(port) : !this.isFree(socket, { ip, port })) continue;
      this.#next = port === LAST_PORT ? FIRST_PORT : port + 1;
      return port;
    }
    return -1;
  }

  add(socket: InetSocket): void {
    const { port } = socket.local;
    const list = this.#bound.get(port);
    if (list === undefined) this.#bound.set(port, [socket]);
    else list.push(socket);
  }

  remove(socket: InetSocket): void {
    const { port } = socket.local;
    const list = this.#bound.get(port);
    const index = list?.indexOf(socket) ?? -1;
    if (index < 0) return;
    list!.splice(index, 1);
    if (list!.length === 0) this.#bound.delete(port);
  }

  /** Keeps the port of a closed connection for so many nanoseconds. */
  hold({ local, options }: InetSocket, nanoseconds: number): Held {
    const list = this.#heldAt(local.port);
    const held: Held = { ip: local.ip, reuse: options.isOn(SO.REUSEADDR), until: this.now() + nanoseconds };
    list.push(held);
    this.#held.set(local.port, list);
    return held;
  }

  #heldAt(port: number): Held[] {
    const list = this.#held.get(port);
    if (list === undefined) return [];
    const now = this.now();
    const left = list.filter(({ until }) => until > now);
    if (left.length === 0) this.#held.delete(port);
    else this.#held.set(port, left);
    return left;
  }

  /**
   * The socket that takes what `from` sends to `to`, of those that `wants` it: one with that peer, then one of that address, then the
   * oldest of the rest; of several that share a port (SO_REUSEPORT) the sender's port chooses.
   */
  find(to: Endpoint, from: Endpoint, wants: (socket: InetSocket) => boolean): InetSocket | undefined {
    let best: InetSocket[] = [];
    let bestScore = -1;
    for (const socket of this.#bound.get(to.port) ?? []) {
      if (!overlap(socket.local.ip, socket.only6, to.ip, false) || !wants(socket)) continue;
      const { remote } = socket;
      if (remote !== null && (remote.port !== from.port || remote.ip !== from.ip)) continue;
      const score = (remote === null ? 0 : 4) + (isAny(socket.local.ip) ? 0 : 2) + (socket.local.ip === ANY6 && isV4(to.ip) ? 0 : 1);
      if (score > bestScore) [best, bestScore] = [[], score];
      if (score === bestScore) best.push(socket);
    }
    if (best.length < 2) return best[0];
    const sharing = best.filter(({ options }) => options.isOn(SO.REUSEPORT));
    return sharing.length > 0 ? sharing[from.port % sharing.length] : best.at(-1);
  }
}
