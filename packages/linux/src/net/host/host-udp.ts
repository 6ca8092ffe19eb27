import { E, SO, SOL } from '@tally86/abi';
import type { HostDatagram, HostDatagramEvents } from '@tally86/core';
import type { Task } from '../../kernel/types.ts';
import type { SyscallResult } from '../../sched/wait.ts';
import { ANY4, ANY6, type Endpoint, isAny, isBroadcast, isV4, LOOPBACK4, LOOPBACK6 } from '../inet/address.ts';
import type { Header } from '../inet/received-control.ts';
import { UdpSocket } from '../inet/udp-socket.ts';
import { hostEnd, ownEnd } from './host-tcp.ts';
import { HostAnswer, HostSignal } from './signal.ts';

/** Datagrams that wait for the host's socket to be there; more are lost. */
const OUTBOX = 64;

/** Node tells the sender of a datagram, and nothing of its header: the options that ask for that are refused. */
const UNTOLD: Header = { hops: 0, trafficClass: 0 };

/** A UDP socket of the guest that is one of the host. */
export class HostUdpSocket extends UdpSocket {
  #datagram: HostDatagram | null = null;
  #opening: HostAnswer | null = null;
  #released = false;
  readonly #outbox: { bytes: Uint8Array; to: Endpoint | null }[] = [];
  readonly #signal = new HostSignal();

  override get knowsHeaders(): boolean {
    return false;
  }
  override get hostWait(): () => Promise<unknown> {
    return this.#signal.wait;
  }

  readonly #events: HostDatagramEvents = {
    message: (bytes, from) => {
      if (this.#released) return;
      this.deliver(bytes, ownEnd(from), this.local, UNTOLD);
      this.#signal.fire();
    },
    failed: (errno) => {
      // Only a socket with a peer is told (udp(7)).
      if (this.remote !== null) this.error = errno;
      this.queue.wake();
      this.#signal.fire();
    },
  };

  override bind(task: Task, name: Uint8Array): SyscallResult {
    if (this.#opening !== null && this.local.port === 0) return this.#opening.result('bind', (result) => result);
    const to = this.parseBinding(task, name);
    if (typeof to === 'number') return to;
    this.boundTo = to.ip;
    return this.#open(to, null).result('bind', (result) => result);
  }

  /** A new socket of the host, in place of an old one. */
  #open(at: Endpoint, peer: Endpoint | null): HostAnswer {
    this.#datagram?.close();
    this.#datagram = null;
    const binding = { ...hostEnd(at), v6Only: this.only6, reuseAddress: this.options.isOn(SO.REUSEADDR) };
    const answer = new HostAnswer(this.net.host!.datagram(binding, peer === null ? null : hostEnd(peer), this.#events).then((datagram) => {
      if (this.#opening === answer) this.#opening = null;
      if (typeof datagram === 'number') {
        this.#outbox.length = 0;
        return -datagram;
      }
      if (this.#released) {
        // what was sent goes out, whoever sent it is gone or not
        this.#flush(datagram);
        datagram.close();
      } else this.#opened(datagram);
      return 0;
    }));
    this.#opening = answer;
    return answer;
  }

  #opened(datagram: HostDatagram): void {
    this.#datagram = datagram;
    const known = this.local.port !== 0;
    const local = ownEnd(datagram.local);
    this.local = isAny(local.ip) ? { ip: this.isV6 ? ANY6 : ANY4, port: local.port } : local;
    if (!known) this.ports.add(this);
    if (this.options.isOn(SO.BROADCAST)) datagram.setBroadcast(true);
    this.#flush(datagram);
    this.queue.wake();
    this.#signal.fire();
  }

  #flush(datagram: HostDatagram): void {
    for (const { bytes, to } of this.#outbox.splice(0)) datagram.send(bytes, to === null ? null : hostEnd(to));
  }

  override optionChanged(level: number, name: number): void {
    super.optionChanged(level, name);
    if (level === SOL.SOCKET && name === SO.BROADCAST) this.#datagram?.setBroadcast(this.options.isOn(SO.BROADCAST));
  }

  /** Sending without a name takes any port, as soon as the host gives one. */
  override take(at: Endpoint): number {
    if (this.#opening === null && this.#datagram === null) this.#open(at, this.remote);
    return 0;
  }

  override route(to: Endpoint): Endpoint | number {
    if (isV4(to.ip) ? this.only6 : !this.isV6) return -E.ENETUNREACH;
    return isAny(to.ip) ? { ip: to.ip === ANY4 ? LOOPBACK4 : LOOPBACK6, port: to.port } : to;
  }

  protected override setPeer(to: Endpoint): SyscallResult {
    const target = this.route(to);
    if (typeof target === 'number') return target;
    if (isBroadcast(target.ip) && !this.options.isOn(SO.BROADCAST)) return -E.EACCES;
    // A socket of the host has one family; the guest's may have both.
    const any = this.isV6 && isV4(target.ip) ? ANY4 : this.local.ip;
    const from = { ip: isAny(this.local.ip) || this.boundTo === null ? any : this.local.ip, port: this.local.port };
    return this.#open(from, target).result('connect', (result) => {
      if (result === 0) this.joined(target);
      return result;
    });
  }

  protected transmit(bytes: Uint8Array, to: Endpoint): number {
    const { output } = this.net;
    // A datagram goes whole or not at all.
    if (output.within(bytes).length < bytes.length) return 0;
    output.spend(bytes.length);
    // nobody has that port
    if (to.port === 0) return 0;
    const target = this.remote !== null && this.remote.ip === to.ip && this.remote.port === to.port ? null : to;
    if (this.#datagram !== null) this.#datagram.send(bytes, target === null ? null : hostEnd(target));
    else if (this.#outbox.length < OUTBOX) this.#outbox.push({ bytes, to: target });
    return 0;
  }

  override release(): void {
    this.#released = true;
    this.#datagram?.close();
    this.#datagram = null;
    super.release();
    this.#signal.fire();
  }
}
