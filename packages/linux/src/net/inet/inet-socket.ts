import { AF, E, IP, IPPROTO, IPV6 } from '@tally86/abi';
import type { Task } from '../../kernel/types.ts';
import type { SyscallResult } from '../../sched/wait.ts';
import type { OptionTable } from '../options/table.ts';
import { Socket } from '../socket.ts';
import { ANY4, ANY6, type Endpoint, type Ip, isAny, isLoopback, isV4, LOOPBACK4, LOOPBACK6, packName, parseName } from './address.ts';
import { IP_OPTIONS, IPV6_OPTIONS } from './ip-options.ts';
import { type PortTable, UNPRIVILEGED_PORT } from './ports.ts';

/** A socket of AF_INET or AF_INET6. */
export abstract class InetSocket extends Socket {
  abstract readonly ports: PortTable;
  local: Endpoint = { ip: this.kind.family === AF.INET6 ? ANY6 : ANY4, port: 0 };
  remote: Endpoint | null = null;
  /** The address that bind(2) named; null: none. */
  boundTo: Ip | null = null;
  /** Options of the levels IPPROTO_IP and IPPROTO_IPV6 that were set, by level and name. */
  readonly ipOptions = new Map<number, number>();

  get isV6(): boolean {
    return this.kind.family === AF.INET6;
  }
  /** IPV6_V6ONLY. */
  get only6(): boolean {
    return this.isV6 && this.ipOption(IPPROTO.IPV6, IPV6.V6ONLY) !== 0;
  }
  ipOption(level: number, name: number, standard = 0): number {
    return this.ipOptions.get(level * 256 + name) ?? standard;
  }
  /** Does what carries its packets tell their hop limit, class and destination? */
  get knowsHeaders(): boolean {
    return true;
  }

  override optionsOf(level: number): OptionTable | null {
    if (level === IPPROTO.IP) return IP_OPTIONS;
    if (level === IPPROTO.IPV6 && this.isV6) return IPV6_OPTIONS;
    return super.optionsOf(level);
  }
  override get noLevel(): readonly [set: number, get: number] {
    return [-E.ENOPROTOOPT, -E.EOPNOTSUPP];
  }

  localName(): Uint8Array {
    return packName(this.local, this.kind.family);
  }
  peerName(): Uint8Array | number {
    return this.remote === null ? -E.ENOTCONN : packName(this.remote, this.kind.family);
  }

  /** What a guest's bind(2) names; −errno in the kernel's order (net/ipv4/af_inet.c, __inet_bind). */
  parseBinding(task: Task, name: Uint8Array): Endpoint | number {
    const to = parseName(name, this.kind.family, this.isV6 ? [AF.INET6] : [AF.INET, AF.UNSPEC]);
    if (typeof to === 'number') return to;
    if (!this.isV6 && name[0] === AF.UNSPEC && to.ip !== ANY4) return -E.EAFNOSUPPORT;
    if (this.isV6 && isV4(to.ip) && this.only6) return -E.EINVAL;
    const free = this.ipOption(IPPROTO.IP, IP.FREEBIND) !== 0 || this.ipOption(IPPROTO.IPV6, IPV6.FREEBIND) !== 0;
    if (!isAny(to.ip) && !free && !this.net.isOurs(to.ip)) return -E.EADDRNOTAVAIL;
    if (to.port > 0 && to.port < UNPRIVILEGED_PORT && task.process.credentials.euid !== 0) return -E.EACCES;
    return this.local.port !== 0 || !this.isUnconnected ? -E.EINVAL : to;
  }
  /** The state in which bind(2) may be called. */
  protected abstract readonly isUnconnected: boolean;

  bind(task: Task, name: Uint8Array): SyscallResult {
    const to = this.parseBinding(task, name);
    return typeof to === 'number' ? to : this.take(to, false);
  }

  /** Takes a port, the next free one for 0; −EADDRINUSE, or −EADDRNOTAVAIL for one that connects. */
  take({ ip, port }: Endpoint, connects: boolean): number {
    if (port === 0) {
      const found = this.ports.allocate(this, ip, connects);
      if (found < 0) return connects ? -E.EADDRNOTAVAIL : -E.EADDRINUSE;
      this.local = { ip, port: found };
    } else {
      if (!this.ports.isFree(this, { ip, port })) return -E.EADDRINUSE;
      this.local = { ip, port };
    }
    if (!connects) this.boundTo = ip;
    this.ports.add(this);
    return 0;
  }

  /** The port goes back. */
  leave(): void {
    if (this.local.port !== 0) this.ports.remove(this);
    this.boundTo = null;
    this.local = { ip: this.#any, port: 0 };
  }
  get #any(): Ip {
    return this.isV6 ? ANY6 : ANY4;
  }
  /** No peer any more: only the address that bind(2) named stays, and the port. */
  forgetAddress(): void {
    this.remote = null;
    this.local = { ip: this.boundTo ?? this.#any, port: this.local.port };
  }

  /** Where a packet goes: an address without one is this machine. −ENETUNREACH for what is outside. */
  route(to: Endpoint): Endpoint | number {
    if (isV4(to.ip) && this.only6) return -E.ENETUNREACH;
    if (!isV4(to.ip) && !this.isV6) return -E.EAFNOSUPPORT;
    const ip = to.ip === ANY4 ? LOOPBACK4 : to.ip === ANY6 ? LOOPBACK6 : to.ip;
    if (!isLoopback(ip)) return -E.ENETUNREACH;
    // A socket that is bound to one family does not reach the other.
    if (!isAny(this.local.ip) && isV4(this.local.ip) !== isV4(ip)) return isV4(ip) ? -E.ENETUNREACH : -E.EINVAL;
    return { ip, port: to.port };
  }

  /** The address of this machine from which `ip` is reached. */
  sourceFor(ip: Ip): Ip {
    if (!isAny(this.local.ip)) return this.local.ip;
    return isV4(ip) ? LOOPBACK4 : LOOPBACK6;
  }
}
