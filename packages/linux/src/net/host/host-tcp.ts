import { E, IPPROTO, SO, SOL, TCP, TCP_STATE } from '@tally86/abi';
import type { HostConnection, HostConnectionEvents, HostEndpoint, HostListener, HostNetwork } from '@tally86/core';
import type { Task } from '../../kernel/types.ts';
import type { SyscallResult } from '../../sched/wait.ts';
import { ANY4, type Endpoint, ipOf, ipText, isAny, isV4, LOOPBACK4, LOOPBACK6 } from '../inet/address.ts';
import { TcpSocket } from '../inet/tcp-socket.ts';
import { HostAnswer, HostSignal } from './signal.ts';

/** Bytes that we hold for the host at most, for each connection. */
const SEND_LIMIT = 262_144;

export const hostEnd = ({ ip, port }: Endpoint): HostEndpoint => ({ address: ipText(ip), port });
export const ownEnd = ({ address, port }: HostEndpoint): Endpoint => ({ ip: ipOf(address), port });

/** A TCP socket of the guest that is one of the host. */
export class HostTcpSocket extends TcpSocket {
  #connection: HostConnection | null = null;
  #listener: HostListener | null = null;
  #binding: HostAnswer | null = null;
  #paused = false;
  #released = false;
  readonly #signal = new HostSignal();

  get #host(): HostNetwork {
    return this.net.host!;
  }
  override get hostWait(): () => Promise<unknown> {
    return this.#signal.wait;
  }
  outgoing(): number {
    return this.#connection?.pending ?? 0;
  }
  protected capacity(): number {
    return Math.min(SEND_LIMIT, this.options.sendBuffer);
  }
  protected room(): number {
    return Math.max(0, this.capacity() - this.outgoing());
  }
  protected transmit(bytes: Uint8Array): void {
    if (this.#connection === null) return;
    const { output } = this.net;
    const allowed = output.within(bytes);
    output.spend(allowed.length);
    this.#connection.send(allowed.slice());
  }
  protected transmitEnd(): void {
    this.#connection?.finish();
  }
  protected transmitReset(): void {
    this.#connection?.close(true);
    this.#connection = null;
  }
  protected override closed(): void {
    this.#connection?.close(false);
    this.#connection = null;
  }
  protected consumed(): void {
    if (!this.#paused || this.received.length * 2 > this.options.receiveBuffer) return;
    this.#paused = false;
    this.#connection?.pause(false);
  }

  /** What the host tells about the connection. */
  readonly #events: HostConnectionEvents = {
    connected: (local, remote) => {
      if (this.state !== TCP_STATE.SYN_SENT) return;
      this.established(ownEnd(local), ownEnd(remote));
      this.#applyOptions();
      this.#signal.fire();
    },
    data: (bytes) => {
      if (this.#released) return;
      this.arrive(bytes);
      if (this.received.length >= this.options.receiveBuffer && !this.#paused) {
        this.#paused = true;
        this.#connection?.pause(true);
      }
      this.#signal.fire();
    },
    ended: () => {
      this.arriveEnd();
      this.#signal.fire();
    },
    failed: (errno) => {
      this.#connection = null;
      this.fail(errno);
      this.#signal.fire();
    },
    drained: () => {
      this.queue.wake();
      this.#signal.fire();
    },
  };

  override optionChanged(level: number, name: number): void {
    if ((level === IPPROTO.TCP && name === TCP.NODELAY) || (level === SOL.SOCKET && name === SO.KEEPALIVE)) this.#applyOptions();
  }
  #applyOptions(): void {
    this.#connection?.setNoDelay(this.tcpOptions.get(TCP.NODELAY) === 1);
    this.#connection?.setKeepAlive(this.options.isOn(SO.KEEPALIVE));
  }

  override bind(task: Task, name: Uint8Array): SyscallResult {
    if (this.#binding !== null && this.local.port === 0) return this.#binding.result('bind', (result) => this.#bindingEnds(result));
    const to = this.parseBinding(task, name);
    return typeof to === 'number' ? to : this.#bindTo(to, 0);
  }

  /** The host listens from bind(2) on, for it is bound only then; it accepts nobody before listen(2). */
  #bindTo(to: Endpoint, after: number): SyscallResult {
    const asked = this.#host.listen({ ...hostEnd(to), v6Only: this.only6, reuseAddress: this.options.isOn(SO.REUSEADDR) });
    this.#binding = new HostAnswer(asked.then((listener) => {
      if (typeof listener === 'number') return -listener;
      if (this.#released) listener.close();
      else this.#listener = listener;
      return after;
    }));
    return this.#binding.result('bind', (result) => this.#bindingEnds(result));
  }
  #bindingEnds(result: number): number {
    this.#binding = null;
    if (this.#listener === null) return result;
    const local = ownEnd(this.#listener.local);
    // A socket that takes both families is bound to ::.
    this.local = isAny(local.ip) && this.isV6 ? { ip: 0n, port: local.port } : local;
    this.boundTo = this.local.ip;
    this.ports.add(this);
    if (result === LISTENS) this.#open();
    return 0;
  }

  override listen(task: Task, backlog: number): SyscallResult {
    if (this.#binding !== null) return this.#binding.result('listen', (result) => this.#bindingEnds(result));
    if (this.local.port !== 0 || this.state !== TCP_STATE.CLOSE) return super.listen(task, backlog);
    this.backlog = Math.min(backlog >>> 0, this.net.maxBacklog);
    return this.#bindTo(this.local, LISTENS);
  }
  protected startListening(): SyscallResult {
    if (this.#listener === null) return -E.EINVAL;
    this.#open();
    return 0;
  }

  /** From now on connections are taken in; the host's own queue holds those that come faster than the guest accepts. */
  #open(): void {
    this.state = TCP_STATE.LISTEN;
    this.#listener!.accept((connection, local, remote) => {
      if (this.state !== TCP_STATE.LISTEN || this.acceptQueue.length >= this.net.maxBacklog) return null;
      const child = new HostTcpSocket(this.net, this.kind, this.owner);
      child.#connection = connection;
      child.established(ownEnd(local), ownEnd(remote));
      this.queueChild(child);
      child.#applyOptions();
      child.ports.add(child);
      this.#signal.fire();
      return child.#events;
    });
  }
  protected stopListening(): void {
    this.state = TCP_STATE.CLOSE;
    this.#stopListener();
    for (const child of this.acceptQueue.splice(0)) {
      child.options.linger = { on: true, seconds: 0 };
      child.release();
    }
  }
  #stopListener(): void {
    this.#listener?.close();
    this.#listener = null;
  }

  protected start(to: Endpoint): number {
    if (isV4(to.ip) ? this.only6 : !this.isV6) return -E.ENETUNREACH;
    const target = isAny(to.ip) ? { ip: to.ip === ANY4 ? LOOPBACK4 : LOOPBACK6, port: to.port } : to;
    if (target.port === 0) return -E.ECONNREFUSED;
    this.#stopListener();
    this.remote = target;
    this.state = TCP_STATE.SYN_SENT;
    this.#connection = this.#host.connect(hostEnd(target), this.boundTo !== null ? hostEnd(this.local) : null, this.#events);
    return 0;
  }
  protected stopConnecting(): void {
    this.#connection?.close(true);
    this.#connection = null;
  }

  override release(): void {
    this.#released = true;
    this.#stopListener();
    super.release();
    this.#signal.fire();
  }
}

/** The result of a binding that listen(2) asked for. */
const LISTENS = 1;
