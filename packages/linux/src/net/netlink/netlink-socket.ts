import { AF, E, MSG, NETLINK, NLM_F, NLMSGHDR, packStruct, POLL, SOCKADDR_NL, SOL } from '@tally86/abi';
import type { Task } from '../../kernel/types.ts';
import type { OptionTable } from '../options/table.ts';
import { NETLINK_OPTIONS } from '../options/sol-netlink.ts';
import { QueueCharge, trueSize } from '../memory.ts';
import type { Incoming, Outgoing } from '../message.ts';
import { commonPoll, Socket } from '../socket.ts';
import { concatenate, errorMessage, type Request } from './build.ts';
import { answerRoute } from './route.ts';

/** Types below are the protocol's own. */
const NLMSG_MIN_TYPE = 16;

/** A socket to the kernel (netlink(7)): questions of NETLINK_ROUTE; other protocols are silent. */
export class NetlinkSocket extends Socket {
  /** Its port id; 0: none yet. */
  port = 0;
  groups = 0;
  #destination = 0;
  readonly #received: Uint8Array[] = [];
  readonly #charge = new QueueCharge(this.net.memory);
  readonly netlinkOptions = new Map<number, number>();

  override optionsOf(level: number): OptionTable | null {
    return level === SOL.NETLINK ? NETLINK_OPTIONS : super.optionsOf(level);
  }
  override get noLevel(): readonly [set: number, get: number] {
    return [-E.ENOPROTOOPT, -E.ENOPROTOOPT];
  }
  outgoing(): number {
    return -E.ENOTTY;
  }
  available(): number {
    return -E.ENOTTY;
  }
  localName(): Uint8Array {
    return packStruct(SOCKADDR_NL, { nl_family: AF.NETLINK, nl_pid: this.port, nl_groups: this.groups });
  }
  peerName(): Uint8Array {
    return packStruct(SOCKADDR_NL, { nl_family: AF.NETLINK, nl_pid: this.#destination });
  }

  /** Port and groups of a sockaddr_nl; −EINVAL. */
  #parse(name: Uint8Array): { port: number; groups: number } | number {
    if (name.length < SOCKADDR_NL.size || (name[0] | (name[1] << 8)) !== AF.NETLINK) return -E.EINVAL;
    const view = new DataView(name.buffer, name.byteOffset);
    return { port: view.getUint32(4, true), groups: view.getUint32(8, true) };
  }

  bind(task: Task, name: Uint8Array): number {
    const to = this.#parse(name);
    if (typeof to === 'number') return to;
    if (this.port !== 0 && to.port !== this.port) return -E.EINVAL;
    if (this.port === 0) {
      if (to.port !== 0 && this.net.netlinkPorts.has(to.port)) return -E.EADDRINUSE;
      this.#takePort(task, to.port);
    }
    this.groups = to.groups;
    return 0;
  }

  /** A port: the process's number, or the next one below zero if that is taken (netlink_autobind). */
  #takePort({ process }: Task, port: number): void {
    const { net } = this;
    this.port = port !== 0 ? port : net.netlinkPorts.has(process.pid) ? net.nextNetlinkPort() : process.pid;
    net.netlinkPorts.add(this.port);
  }

  connect(task: Task, name: Uint8Array): number {
    if (name.length >= 2 && (name[0] | (name[1] << 8)) === AF.UNSPEC) {
      this.#destination = 0;
      return 0;
    }
    const to = this.#parse(name);
    if (typeof to === 'number') return to;
    if ((to.port !== 0 || to.groups !== 0) && task.process.credentials.euid !== 0) return -E.EPERM;
    if (this.port === 0) this.#takePort(task, 0);
    this.#destination = to.port;
    return 0;
  }

  send({ from, flags, name }: Outgoing, task: Task): number {
    if ((flags & MSG.OOB) !== 0) return -E.EOPNOTSUPP;
    if (from.remaining === 0) return -E.ENODATA;
    let port = this.#destination;
    if (name !== null) {
      const to = this.#parse(name);
      if (typeof to === 'number') return to;
      if ((to.port !== 0 || to.groups !== 0) && task.process.credentials.euid !== 0) return -E.EPERM;
      ({ port } = to);
    }
    if (this.port === 0) this.#takePort(task, 0);
    if (from.remaining > this.options.sendBuffer - 32) return -E.EMSGSIZE;
    const parts: Uint8Array[] = [];
    while (from.remaining > 0) {
      const piece = from.take(from.remaining);
      if (piece.length === 0) return -E.EFAULT;
      parts.push(piece.slice());
    }
    if (port !== 0) return -E.ECONNREFUSED;
    const bytes = concatenate(parts);
    if (this.kind.protocol === NETLINK.ROUTE) this.#ask(bytes, task);
    return bytes.length;
  }

  /** Every request of a datagram in turn (net/netlink/af_netlink.c, netlink_rcv_skb). */
  #ask(bytes: Uint8Array, task: Task): void {
    const view = new DataView(bytes.buffer);
    for (let at = 0; bytes.length - at >= NLMSGHDR.size; ) {
      const length = view.getUint32(at, true);
      if (length < NLMSGHDR.size || length > bytes.length - at) return;
      const request: Request = {
        type: view.getUint16(at + 4, true), flags: view.getUint16(at + 6, true), sequence: view.getUint32(at + 8, true), port: this.port,
        bytes: bytes.subarray(at, at + length),
      };
      this.#answer(request, task);
      at += (length + 3) & ~3;
    }
  }

  #answer(request: Request, task: Task): void {
    let error = 0;
    const asks = (request.flags & NLM_F.REQUEST) !== 0 && request.type >= NLMSG_MIN_TYPE;
    if (asks) {
      const answers = answerRoute(request, this.net.interfaces(), task.process.credentials.euid === 0);
      if (typeof answers === 'number') error = answers;
      else for (const parts of answers) this.#queue(concatenate(parts));
      if (typeof answers !== 'number' && (request.flags & NLM_F.DUMP) !== 0) return;
    }
    if (error !== 0 || (request.flags & NLM_F.ACK) !== 0) this.#queue(errorMessage(request, error));
  }

  /** Answers beyond the buffer are lost, and the next receive says so. */
  #queue(bytes: Uint8Array): void {
    const size = trueSize(bytes.length);
    if (!this.#charge.take(size, this.options.receiveBuffer)) {
      this.error = E.ENOBUFS;
      return;
    }
    this.#received.push(bytes);
    this.queue.wake();
  }

  receive(message: Incoming): number {
    const { to, flags } = message;
    if ((flags & MSG.OOB) !== 0) return -E.EOPNOTSUPP;
    const bytes = this.#received[0];
    if (bytes === undefined) return this.error === 0 ? -E.EAGAIN : this.takeError();
    const want = Math.min(bytes.length, to.remaining);
    const put = to.put(bytes.subarray(0, want));
    if ((flags & MSG.PEEK) === 0) {
      this.#received.shift();
      this.#charge.give(trueSize(bytes.length));
    }
    if (put < want) return -E.EFAULT;
    if (want < bytes.length) message.outFlags |= MSG.TRUNC;
    message.name = packStruct(SOCKADDR_NL, { nl_family: AF.NETLINK });
    return (flags & MSG.TRUNC) !== 0 ? bytes.length : put;
  }

  poll(): number {
    return commonPoll(this) | POLL.OUT | POLL.WRNORM | POLL.WRBAND | (this.#received.length > 0 ? POLL.IN | POLL.RDNORM : 0);
  }

  release(): void {
    this.#received.length = 0;
    this.#charge.giveAll();
    this.net.netlinkPorts.delete(this.port);
    this.queue.wake();
  }
}
