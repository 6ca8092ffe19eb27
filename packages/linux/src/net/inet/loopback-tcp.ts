import { POLL, TCP_STATE } from '@tally86/abi';
import type { SyscallResult } from '../../sched/wait.ts';
import { type Endpoint, isAny } from './address.ts';
import type { Held } from './ports.ts';
import { TcpSocket } from './tcp-socket.ts';

/** How long the port of a closed connection is not free again (TCP_TIMEWAIT_LEN), in nanoseconds. */
const TIME_WAIT = 60e9;

/** A TCP socket over the machine's own loopback: what one end sends, the other has. */
export class LoopbackTcpSocket extends TcpSocket {
  #peer: LoopbackTcpSocket | null = null;
  /** Somebody looked for room and found little: only then is it told that there is more (SOCK_NOSPACE). */
  #lacksRoom = false;
  /** Closed by the guest, while the other end may still send. */
  #orphan = false;
  /** Its port, once it has closed first. */
  #held: Held | null = null;
  /** Of a listener: who waits for room in its queue, in order; of a connecting socket: where it waits. */
  readonly #pending: LoopbackTcpSocket[] = [];
  #waitsFor: LoopbackTcpSocket | null = null;

  outgoing(): number {
    const peer = this.#peer;
    return peer === null ? 0 : Math.max(0, peer.received.length - peer.options.receiveBuffer);
  }

  protected capacity(): number {
    return this.options.sendBuffer + (this.#peer?.options.receiveBuffer ?? 0);
  }
  protected room(): number {
    const capacity = this.capacity();
    const room = this.net.memory.room(this.#peer?.received.length ?? 0, capacity);
    if (room * 3 < capacity) this.#lacksRoom = true;
    return room;
  }

  protected transmit(bytes: Uint8Array): void {
    const peer = this.#peer;
    if (peer === null || peer.#orphan) {
      // Bytes for who has gone are answered by a reset, and then its port is free.
      if (peer !== null && peer.#held !== null) peer.#held.until = 0;
      this.fail();
    } else peer.arrive(bytes);
  }

  protected transmitEnd(): void {
    const peer = this.#peer;
    if (peer === null) return;
    if (peer.#held !== null) peer.#held.until = this.ports.now() + TIME_WAIT;
    peer.arriveEnd();
  }

  protected transmitReset(): void {
    const peer = this.#peer;
    this.#peer = null;
    peer?.fail();
  }

  protected consumed(): void {
    const peer = this.#peer;
    if (peer === null || !peer.#lacksRoom) return;
    peer.#lacksRoom = false;
    peer.queue.wake(Infinity, POLL.OUT | POLL.WRNORM);
  }

  /** Both ends are done: who ended first keeps its port for a while. */
  protected override finish(): void {
    if (this.state === TCP_STATE.FIN_WAIT2 && !this.#orphan && this.error === 0) this.ports.hold(this, TIME_WAIT);
    super.finish();
  }

  protected override closed(): void {
    if (this.state === TCP_STATE.FIN_WAIT2) {
      this.#orphan = true;
      this.#held = this.ports.hold(this, TIME_WAIT);
    }
  }

  override release(): void {
    super.release();
    if (!this.#orphan) this.#peer = null;
  }

  protected start(to: Endpoint): number {
    const target = this.route(to);
    if (typeof target === 'number') return target;
    const source = this.sourceFor(target.ip);
    if (this.local.port === 0) {
      const error = this.take({ ip: source, port: 0 }, true);
      if (error < 0) return error;
    } else if (isAny(this.local.ip)) this.local = { ip: source, port: this.local.port };
    this.remote = target;
    this.state = TCP_STATE.SYN_SENT;
    const listener = this.ports.find(target, this.local, ({ state }) => state === TCP_STATE.LISTEN) as LoopbackTcpSocket | undefined;
    if (listener === undefined) this.fail();
    else if (listener.acceptQueueIsFull) {
      listener.#pending.push(this);
      this.#waitsFor = listener;
    } else this.#join(listener);
    return 0;
  }

  #join(listener: LoopbackTcpSocket): void {
    const child = new LoopbackTcpSocket(this.net, listener.kind, listener.owner);
    const [near, far] = [this.local, this.remote!];
    this.#peer = child;
    child.#peer = this;
    child.established(far, near);
    child.ports.add(child);
    // Who connects hears of it first: the last packet of the handshake is its own.
    this.established(near, far);
    listener.queueChild(child);
  }

  protected stopConnecting(): void {
    const list = this.#waitsFor === null ? [] : this.#waitsFor.#pending;
    const index = list.indexOf(this);
    if (index >= 0) list.splice(index, 1);
    this.#waitsFor = null;
  }

  protected startListening(): SyscallResult {
    this.state = TCP_STATE.LISTEN;
    return 0;
  }

  protected override accepted(): void {
    while (!this.acceptQueueIsFull) {
      const next = this.#pending.shift();
      if (next === undefined) return;
      next.#waitsFor = null;
      next.#join(this);
    }
  }

  protected stopListening(): void {
    this.state = TCP_STATE.CLOSE;
    for (const waiting of this.#pending.splice(0)) {
      waiting.#waitsFor = null;
      waiting.fail();
    }
    for (const child of this.acceptQueue.splice(0)) {
      child.options.linger = { on: true, seconds: 0 };
      child.release();
    }
  }
}
