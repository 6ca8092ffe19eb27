import { E, MSG, POLL, SO, TCP_STATE } from '@tally86/abi';
import type { Task } from '../../kernel/types.ts';
import { MAX_HEAD, trueSize } from '../memory.ts';
import type { Incoming, Outgoing, PeerCredentials } from '../message.ts';
import { commonPoll, RCV_SHUTDOWN, SEND_SHUTDOWN } from '../socket.ts';
import { deliver } from './deliver.ts';
import { takeControl } from './take-control.ts';
import { UnixSocket } from './unix-socket.ts';

/** Bytes of one packet that lie in pages (UNIX_SKB_FRAGS_SZ). */
const PAGED = 32_768;
const PAGE = 4096;

const sameWriter = (a: PeerCredentials, b: PeerCredentials): boolean => a.pid === b.pid && a.uid === b.uid && a.gid === b.gid;

/** A stream of AF_UNIX: bytes in packets, whose boundaries show only where files travel along. */
export class UnixStream extends UnixSocket {
  protected sibling(): UnixSocket {
    return new UnixStream(this.net, this.kind, this.owner);
  }
  override get isStream(): boolean {
    return true;
  }
  available(): number {
    if (this.state === TCP_STATE.LISTEN) return -E.EINVAL;
    return this.received.packets.reduce((sum, { bytes, used }) => sum + bytes.length - used, 0);
  }

  send(message: Outgoing, task: Task): number {
    const { from, flags, name } = message;
    if ((flags & MSG.OOB) !== 0) return -E.EOPNOTSUPP;
    if (name !== null) return this.state === TCP_STATE.ESTABLISHED ? -E.EISCONN : -E.EOPNOTSUPP;
    const other = this.peer;
    if (other === null) return -E.ENOTCONN;
    let moved = 0;
    const wanted = from.remaining;
    while (from.remaining > 0) {
      if ((this.shutdownMask & SEND_SHUTDOWN) !== 0 || other.dead || (other.shutdownMask & RCV_SHUTDOWN) !== 0) return moved > 0 ? moved : -E.EPIPE;
      if (this.error !== 0) return moved > 0 ? moved : this.takeError();
      const room = this.net.memory.room(this.charged, this.options.sendBuffer);
      if (room === 0) return moved > 0 ? moved : -E.EAGAIN;
      // The last packet may be more than there is room for, by itself.
      const size = Math.min(from.remaining, (this.options.sendBuffer >> 1) - 64, MAX_HEAD + PAGED);
      const bytes = from.take(size).slice();
      if (bytes.length === 0) return moved > 0 ? moved : -E.EFAULT;
      const paged = Math.min(size, Math.ceil(Math.max(0, size - MAX_HEAD) / PAGE) * PAGE);
      // Files go with the first packet of a message, wherever the message is taken up again.
      const error = deliver(this, other, bytes, trueSize(size - paged, paged), message, moved === 0 && from.done === bytes.length, task);
      if (error < 0) return moved > 0 ? moved : error;
      moved += bytes.length;
    }
    return wanted === 0 ? 0 : moved;
  }

  receive(message: Incoming): number {
    const { to, flags } = message;
    if ((flags & MSG.OOB) !== 0 || this.state !== TCP_STATE.ESTABLISHED) return -E.EINVAL;
    if (this.received.length > 0) return this.#takeOut(message);
    message.complete = true;
    if (this.error !== 0) return this.takeError();
    if ((this.shutdownMask & RCV_SHUTDOWN) !== 0) return 0;
    message.complete = false;
    return to.faulted ? -E.EFAULT : -E.EAGAIN;
  }

  #takeOut(message: Incoming): number {
    const { to, flags } = message;
    const peeks = (flags & MSG.PEEK) !== 0;
    const passCredentials = this.options.isOn(SO.PASSCRED);
    let [moved, at] = [0, 0];
    let writer: PeerCredentials | null = null;
    while (to.remaining > 0 && at < this.received.length) {
      const packet = this.received.packets[at];
      if (passCredentials && writer !== null && !sameWriter(writer, packet.credentials)) {
        message.complete = true;
        break;
      }
      writer = packet.credentials;
      const want = Math.min(packet.bytes.length - packet.used, to.remaining);
      const put = to.put(packet.bytes.subarray(packet.used, packet.used + want));
      if (put < want && put === 0) return moved > 0 ? moved : -E.EFAULT;
      moved += put;
      const hasFiles = packet.files.length > 0;
      takeControl(this, packet, message, peeks);
      if (peeks) at += 1;
      else {
        packet.used += put;
        if (packet.used < packet.bytes.length) break;
        this.received.shift();
      }
      if (hasFiles) {
        message.complete = true;
        break;
      }
      if (put < want) break;
    }
    return moved;
  }

  poll(): number {
    let mask = commonPoll(this);
    if (this.received.length > 0 || this.acceptQueue.length > 0) mask |= POLL.IN | POLL.RDNORM;
    if (this.state === TCP_STATE.CLOSE) mask |= POLL.HUP;
    if (this.isWritable) mask |= POLL.OUT | POLL.WRNORM | POLL.WRBAND;
    return mask;
  }
}
