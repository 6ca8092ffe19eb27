import { AF, E, IPPROTO, MSG, POLL, SIOC, SO, TCP_STATE } from '@tally86/abi';
import type { OpenFile } from '../../fs/open-file.ts';
import { CHUNK } from '../../fs/user-io.ts';
import type { Task } from '../../kernel/types.ts';
import type { SyscallResult } from '../../sched/wait.ts';
import { ByteQueue } from '../byte-queue.ts';
import { readStreamControl } from '../control.ts';
import type { Incoming, Outgoing, PeerCredentials } from '../message.ts';
import type { OptionTable } from '../options/table.ts';
import { BOTH_SHUTDOWN, commonPoll, RCV_SHUTDOWN, SEND_SHUTDOWN, shutdownBits, type Socket, type SocketKind } from '../socket.ts';
import type { NetStack } from '../stack.ts';
import { type Endpoint, familyOf, parseName } from './address.ts';
import { InetSocket } from './inet-socket.ts';
import { TCP_OPTIONS } from './tcp-options.ts';

const OPEN: ReadonlySet<number> = new Set([TCP_STATE.ESTABLISHED, TCP_STATE.CLOSE_WAIT]);
/** What the kernel lets a send buffer grow to over the loopback. */
const GROWN_SNDBUF = 2_626_560;

/** A TCP socket (net/ipv4/tcp.c), whatever carries its bytes: see the subclasses. */
export abstract class TcpSocket extends InetSocket {
  readonly ports;
  readonly received: ByteQueue;
  /** socket_state: what connect(2) was asked and told. */
  phase: 'unconnected' | 'connecting' | 'connected' = 'unconnected';
  /** The other side has sent its end (SOCK_DONE). */
  done = false;
  backlog = 0;
  readonly acceptQueue: TcpSocket[] = [];
  readonly tcpOptions = new Map<number, number | string>();

  constructor(net: NetStack, kind: SocketKind, owner: PeerCredentials) {
    super(net, kind, owner);
    this.ports = net.tcpPorts;
    this.received = new ByteQueue(net.memory);
  }

  /** Bytes that can be sent now, of those that an empty way takes. */
  protected abstract room(): number;
  protected abstract capacity(): number;
  protected abstract transmit(bytes: Uint8Array): void;
  protected abstract transmitEnd(): void;
  protected abstract transmitReset(): void;
  /** Bytes were taken out of {@link received}. */
  protected abstract consumed(): void;
  /** Starts to connect; {@link established} or {@link fail} follow, at once or later. */
  protected abstract start(to: Endpoint): number;
  protected abstract stopConnecting(): void;
  /** Others may connect from now on. */
  protected abstract startListening(): SyscallResult;
  protected abstract stopListening(): void;

  override get isStream(): boolean {
    return true;
  }
  protected get isUnconnected(): boolean {
    return this.state === TCP_STATE.CLOSE;
  }
  override optionsOf(level: number): OptionTable | null {
    return level === IPPROTO.TCP ? TCP_OPTIONS : super.optionsOf(level);
  }
  override peerName(): Uint8Array | number {
    return this.state === TCP_STATE.CLOSE || this.state === TCP_STATE.SYN_SENT ? -E.ENOTCONN : super.peerName();
  }
  available(): number {
    return this.received.length;
  }

  connect(_task: Task, name: Uint8Array): number {
    if (familyOf(name) === -1) return -E.EINVAL;
    if (familyOf(name) === AF.UNSPEC) {
      this.disconnect();
      return 0;
    }
    if (this.phase === 'connected') return -E.EISCONN;
    if (this.phase === 'connecting') return this.state === TCP_STATE.SYN_SENT ? -E.EALREADY : this.connected();
    if (this.state !== TCP_STATE.CLOSE) return -E.EISCONN;
    const to = parseName(name, this.kind.family, [this.kind.family]);
    if (typeof to === 'number') return to;
    this.shutdownMask = 0;
    this.done = false;
    const error = this.start(to);
    if (error < 0) return error;
    this.phase = 'connecting';
    return -E.EINPROGRESS;
  }

  override connected(): number {
    if (this.phase !== 'connecting') return this.phase === 'connected' ? -E.EISCONN : this.takeError() || -E.ECONNABORTED;
    if (this.state === TCP_STATE.SYN_SENT) return -E.EINPROGRESS;
    if (this.state === TCP_STATE.CLOSE) {
      const error = this.takeError() || -E.ECONNABORTED;
      this.disconnect();
      return error;
    }
    this.phase = 'connected';
    return 0;
  }

  /** The connection stands. */
  established(local: Endpoint, remote: Endpoint): void {
    this.local = local;
    this.remote = remote;
    this.state = TCP_STATE.ESTABLISHED;
    if (!this.options.sendBufferLocked) this.options.sendBuffer = GROWN_SNDBUF;
    this.queue.wake();
  }

  /** connect(2) to AF_UNSPEC, and the end of a failed one (tcp_disconnect). */
  protected disconnect(): void {
    const { state } = this;
    if (state === TCP_STATE.LISTEN) this.stopListening();
    else if (state === TCP_STATE.SYN_SENT) this.stopConnecting();
    else if (OPEN.has(state) || state === TCP_STATE.FIN_WAIT2) this.transmitReset();
    this.received.clear();
    this.state = TCP_STATE.CLOSE;
    this.phase = 'unconnected';
    this.forgetAddress();
    this.error = 0;
    this.shutdownMask = 0;
    this.done = false;
    this.queue.wake();
  }

  override listen(_task: Task, backlog: number): SyscallResult {
    if (this.phase !== 'unconnected' || (this.state !== TCP_STATE.CLOSE && this.state !== TCP_STATE.LISTEN)) return -E.EINVAL;
    this.backlog = Math.min(backlog >>> 0, this.net.maxBacklog);
    if (this.state === TCP_STATE.LISTEN) return 0;
    if (this.local.port === 0) {
      const error = this.take(this.local, false);
      if (error < 0) return error;
    } else if (!this.ports.isFree(this, this.local)) return -E.EADDRINUSE;
    return this.startListening();
  }

  override accept(): Socket | number {
    if (this.state !== TCP_STATE.LISTEN) return -E.EINVAL;
    const child = this.acceptQueue.shift();
    if (child === undefined) return -E.EAGAIN;
    this.accepted();
    return child;
  }
  /** There is room for one more in the queue. */
  protected accepted(): void {}
  get acceptQueueIsFull(): boolean {
    return this.acceptQueue.length > this.backlog;
  }
  /** A connection that a listener made. */
  queueChild(child: TcpSocket): void {
    child.phase = 'connected';
    child.options.inherit(this.options);
    for (const [name, value] of this.tcpOptions) child.tcpOptions.set(name, value);
    for (const [name, value] of this.ipOptions) child.ipOptions.set(name, value);
    this.acceptQueue.push(child);
    this.queue.wake();
  }

  send({ from, flags, control }: Outgoing, task: Task): number {
    if ((flags & (MSG.OOB | MSG.FASTOPEN)) !== 0) return -E.EOPNOTSUPP;
    if (this.state === TCP_STATE.SYN_SENT && this.error === 0) return -E.EAGAIN;
    if (!OPEN.has(this.state) || this.error !== 0 || (this.shutdownMask & SEND_SHUTDOWN) !== 0) return this.takeError() || -E.EPIPE;
    const refused = readStreamControl(control.bytes, task);
    if (refused < 0) return refused;
    let moved = 0;
    while (from.remaining > 0) {
      const room = this.room();
      if (room === 0) return moved > 0 ? moved : -E.EAGAIN;
      const bytes = from.take(Math.min(CHUNK, room));
      if (bytes.length === 0) return moved > 0 ? moved : -E.EFAULT;
      this.transmit(bytes);
      moved += bytes.length;
      if (!OPEN.has(this.state)) break;
    }
    return moved;
  }

  receive(message: Incoming): number {
    const { to, flags } = message;
    if ((flags & MSG.ERRQUEUE) !== 0) return -E.EAGAIN;
    if (this.state === TCP_STATE.LISTEN) return -E.ENOTCONN;
    if ((flags & MSG.OOB) !== 0) return -E.EINVAL;
    if (this.received.length > 0) return this.takeOut(message);
    message.complete = true;
    if (this.done) return 0;
    if (this.error !== 0) return this.takeError();
    if ((this.shutdownMask & RCV_SHUTDOWN) !== 0) return 0;
    if (this.state === TCP_STATE.CLOSE) return -E.ENOTCONN;
    message.complete = false;
    return to.faulted ? -E.EFAULT : -E.EAGAIN;
  }

  private takeOut({ to, flags }: Incoming): number {
    if (to.remaining === 0) return 0;
    const peeks = (flags & MSG.PEEK) !== 0;
    // MSG_TRUNC throws bytes away (tcp(7)).
    const count = (flags & MSG.TRUNC) !== 0 ? Math.min(to.remaining, this.received.length) : this.received.copy(to);
    if (count === 0) return -E.EFAULT;
    if (!peeks) {
      this.received.drop(count);
      this.consumed();
    }
    return count;
  }

  /** Bytes from the other side. */
  arrive(bytes: Uint8Array): void {
    this.received.push(bytes);
    this.queue.wake();
  }

  /** The other side sends no more (tcp_fin). */
  arriveEnd(): void {
    this.done = true;
    this.shutdownMask |= RCV_SHUTDOWN;
    if (this.state === TCP_STATE.ESTABLISHED) this.state = TCP_STATE.CLOSE_WAIT;
    else if (this.state === TCP_STATE.FIN_WAIT2) this.finish();
    this.queue.wake();
  }

  /** The other side is gone (tcp_reset), or the connection failed with another error. */
  fail(errno?: number): void {
    if (this.state === TCP_STATE.CLOSE) return;
    const usual = this.state === TCP_STATE.SYN_SENT ? E.ECONNREFUSED : this.state === TCP_STATE.CLOSE_WAIT ? E.EPIPE : E.ECONNRESET;
    this.error = errno ?? usual;
    this.finish();
    this.queue.wake();
  }

  /** Nothing comes and goes any more (tcp_done); what was received can still be read. */
  protected finish(): void {
    this.state = TCP_STATE.CLOSE;
    this.shutdownMask = BOTH_SHUTDOWN;
  }

  override shutdown(how: number): number {
    const bits = shutdownBits(how);
    if (bits < 0) return bits;
    switch (this.state) {
      case TCP_STATE.LISTEN:
        if ((bits & RCV_SHUTDOWN) !== 0) this.disconnect();
        return 0;
      case TCP_STATE.SYN_SENT:
        this.disconnect();
        return 0;
      case TCP_STATE.CLOSE:
        this.shutdownMask |= bits;
        this.queue.wake();
        return -E.ENOTCONN;
      default:
        this.shutdownMask |= bits;
        if ((bits & SEND_SHUTDOWN) !== 0) this.sendEnd();
        this.queue.wake();
        return 0;
    }
  }

  protected sendEnd(): void {
    if (!OPEN.has(this.state)) return;
    const last = this.state === TCP_STATE.CLOSE_WAIT;
    this.state = last ? TCP_STATE.LAST_ACK : TCP_STATE.FIN_WAIT2;
    this.transmitEnd();
    if (last) this.finish();
  }

  poll(_file?: OpenFile): number {
    if (this.state === TCP_STATE.LISTEN) return this.acceptQueue.length > 0 ? POLL.IN | POLL.RDNORM : 0;
    let mask = commonPoll(this);
    if (this.state === TCP_STATE.CLOSE) mask |= POLL.HUP;
    if (this.state === TCP_STATE.SYN_SENT) return mask;
    if (this.received.length >= Math.min(this.options.get(SO.RCVLOWAT), this.options.receiveBuffer >> 1)) mask |= POLL.IN | POLL.RDNORM;
    if ((this.shutdownMask & SEND_SHUTDOWN) !== 0 || this.state === TCP_STATE.CLOSE || this.room() * 3 >= this.capacity()) mask |= POLL.OUT | POLL.WRNORM;
    return mask;
  }

  override ioctlOfFamily(request: number, argument: number, task: Task): number {
    if (request !== SIOC.ATMARK) return super.ioctlOfFamily(request, argument, task);
    return task.user.writeU32(argument, 0) ? 0 : -E.EFAULT;
  }

  release(): void {
    const { state } = this;
    if (state === TCP_STATE.LISTEN) this.stopListening();
    else if (state === TCP_STATE.SYN_SENT) this.stopConnecting();
    else if (OPEN.has(state) || state === TCP_STATE.FIN_WAIT2) this.hangUp();
    this.received.clear();
    this.state = TCP_STATE.CLOSE;
    this.leave();
    this.queue.wake();
  }

  /** close(2) of a connection: bytes that nobody read, and a linger time of 0, make it a reset (tcp_close). */
  private hangUp(): void {
    const { on, seconds } = this.options.linger;
    if (this.received.length > 0 || (on && seconds === 0)) this.transmitReset();
    else this.sendEnd();
    this.closed();
  }
  /** The guest has closed it; the connection may outlive the socket. */
  protected closed(): void {}
}
