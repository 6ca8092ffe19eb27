import { E, MSG, POLL, SO, SOCK, TCP_STATE } from '@tally86/abi';
import type { Task } from '../../kernel/types.ts';
import type { WaitQueue } from '../../sched/wait.ts';
import { MAX_ALLOC, trueSize } from '../memory.ts';
import type { Incoming, Outgoing } from '../message.ts';
import { commonPoll, RCV_SHUTDOWN, SEND_SHUTDOWN } from '../socket.ts';
import { familyOf } from '../inet/address.ts';
import { deliver } from './deliver.ts';
import { parseUnixName } from './names.ts';
import { takeControl } from './take-control.ts';
import { UnixSocket } from './unix-socket.ts';

/** Datagrams of AF_UNIX: of SOCK_DGRAM, and of SOCK_SEQPACKET, where they go over a connection. */
export class UnixDatagram extends UnixSocket {
  /** A receiver without room, at which the last send was refused. */
  #awaited: UnixSocket | null = null;

  protected sibling(): UnixSocket {
    return new UnixDatagram(this.net, this.kind, this.owner);
  }
  override get queues(): readonly WaitQueue[] {
    const { peer } = this;
    return this.#awaited !== null ? [this.queue, this.#awaited.queue] : peer === null || peer.peer === this ? [this.queue] : [this.queue, peer.queue];
  }
  available(): number {
    if (this.state === TCP_STATE.LISTEN) return -E.EINVAL;
    if (!this.hasConnections) return this.received.first?.bytes.length ?? 0;
    return this.received.packets.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** May no more than its own peer send to it? */
  #refuses(sender: UnixSocket): boolean {
    return this.peer !== null && this.peer !== sender;
  }
  /** No room for datagrams of a socket that it is not connected to. */
  #isFullFor(sender: UnixSocket): boolean {
    return this !== sender && this.peer !== sender && this.received.length > this.backlog;
  }

  override connect(task: Task, bytes: Uint8Array): number {
    if (this.hasConnections) return super.connect(task, bytes);
    if (familyOf(bytes) === 0) {
      this.#disconnect(null);
      return 0;
    }
    const name = parseUnixName(bytes);
    if (typeof name === 'number') return name;
    if (name === null) return -E.EINVAL;
    if (this.options.isOn(SO.PASSCRED)) {
      const error = this.autobind();
      if (error < 0) return error;
    }
    const other = this.findOther(task, name);
    if (typeof other === 'number') return other;
    if ((other as UnixDatagram).#refuses(this)) return -E.EPERM;
    this.#disconnect(other);
    return 0;
  }

  /** Another peer, or none: what the old one sent is gone, and it is told (unix_dgram_disconnected). */
  #disconnect(next: UnixSocket | null): void {
    const old = this.peer;
    this.peer = next;
    this.state = next === null ? TCP_STATE.CLOSE : TCP_STATE.ESTABLISHED;
    if (old === null || old === next) return;
    if (this.received.length > 0) {
      this.received.clear();
      if (!old.dead && old.peer === this) old.error = E.ECONNRESET;
    }
    old.queue.wake();
    this.queue.wake();
  }

  send(message: Outgoing, task: Task): number {
    const { from, flags } = message;
    this.#awaited = null;
    if (this.hasConnections) {
      if (this.error !== 0) return this.takeError();
      if (this.state !== TCP_STATE.ESTABLISHED) return -E.ENOTCONN;
    }
    if ((flags & MSG.OOB) !== 0) return -E.EOPNOTSUPP;
    const other = this.#receiver(message, task);
    if (typeof other === 'number' && (message.name === null || other === -E.EINVAL)) return other;
    if (this.options.isOn(SO.PASSCRED)) {
      const error = this.autobind();
      if (error < 0) return error;
    }
    if (from.remaining > this.options.sendBuffer - 32) return -E.EMSGSIZE;
    if (this.error !== 0) return this.takeError();
    if ((this.shutdownMask & SEND_SHUTDOWN) !== 0) return -E.EPIPE;
    if (this.net.memory.room(this.charged, this.options.sendBuffer) === 0) return -E.EAGAIN;
    if (typeof other === 'number') return other;
    return this.#sendTo(other as UnixDatagram, message, task);
  }

  #receiver({ name: bytes }: Outgoing, task: Task): UnixSocket | number {
    if (bytes === null || this.hasConnections) return this.peer ?? -E.ENOTCONN;
    const name = parseUnixName(bytes);
    if (typeof name === 'number') return name;
    return name === null ? -E.EINVAL : this.findOther(task, name);
  }

  #sendTo(other: UnixDatagram, message: Outgoing, task: Task): number {
    const { from } = message;
    if (!this.hasConnections && other.#refuses(this)) return -E.EPERM;
    if (other.dead) {
      if (this.hasConnections) return -E.EPIPE;
      if (this.peer === other) this.#disconnect(null);
      return -E.ECONNREFUSED;
    }
    if ((other.shutdownMask & RCV_SHUTDOWN) !== 0) return -E.EPIPE;
    if (other.#isFullFor(this)) {
      this.#awaited = other;
      return -E.EAGAIN;
    }
    const length = from.remaining;
    const bytes = takeAll(message);
    if (bytes === null) return -E.EFAULT;
    const paged = Math.ceil(Math.max(0, length - MAX_ALLOC) / 4096) * 4096;
    const error = deliver(this, other, bytes, trueSize(Math.max(0, length - paged), paged), message, true, task);
    return error < 0 ? error : length;
  }

  receive(message: Incoming): number {
    const { to, flags } = message;
    if (this.kind.type === SOCK.SEQPACKET && this.state !== TCP_STATE.ESTABLISHED) return -E.ENOTCONN;
    if ((flags & MSG.OOB) !== 0) return -E.EOPNOTSUPP;
    const packet = this.received.first;
    if (packet === undefined) {
      if (this.error !== 0) return this.takeError();
      const ended = (this.shutdownMask & RCV_SHUTDOWN) !== 0;
      return ended && (this.hasConnections || (flags & MSG.DONTWAIT) === 0) ? 0 : -E.EAGAIN;
    }
    const { bytes } = packet;
    const peeks = (flags & MSG.PEEK) !== 0;
    const want = Math.min(bytes.length, to.remaining);
    const put = to.put(bytes.subarray(0, want));
    if (put < want) return -E.EFAULT;
    takeControl(this, packet, message, peeks);
    if (want < bytes.length) message.outFlags |= MSG.TRUNC;
    if (!peeks) {
      this.received.shift();
      // Senders that are not connected to it wait for its queue.
      this.queue.wake();
    }
    return (flags & MSG.TRUNC) !== 0 ? bytes.length : put;
  }

  poll(): number {
    let mask = commonPoll(this);
    if (this.received.length > 0 || this.acceptQueue.length > 0) mask |= POLL.IN | POLL.RDNORM;
    if (this.hasConnections && this.state === TCP_STATE.CLOSE) mask |= POLL.HUP;
    const { peer } = this;
    if (this.isWritable && !(peer !== null && (peer as UnixDatagram).#isFullFor(this))) mask |= POLL.OUT | POLL.WRNORM | POLL.WRBAND;
    return mask;
  }
}

/** All bytes of a message; null at a fault, and then it is as if nothing was taken. */
function takeAll({ from }: Outgoing): Uint8Array | null {
  const bytes = new Uint8Array(from.remaining);
  let at = 0;
  while (at < bytes.length) {
    const piece = from.take(bytes.length - at);
    if (piece.length === 0) return null;
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
