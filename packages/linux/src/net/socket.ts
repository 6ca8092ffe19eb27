import { E, O, POLL, S, SHUT, SOL, TCP_STATE } from '@tally86/abi';
import type { Dentry } from '@tally86/core';
import type { Destination, FileOperations, OpenFile, Source } from '../fs/open-file.ts';
import { PseudoInode } from '../fs/pseudo-file-system.ts';
import type { Task } from '../kernel/types.ts';
import { brokenPipe } from '../fs/transfer.ts';
import { createWaitQueue, type SyscallResult, type WaitQueue } from '../sched/wait.ts';
import type { FileWorld } from '../fs/world.ts';
import { releaseFile } from './hold.ts';
import { incoming, type Incoming, NO_CONTROL, NO_PEER, type Outgoing, type PeerCredentials } from './message.ts';
import { SocketOptions } from './options/socket-options.ts';
import { SOL_SOCKET_OPTIONS } from './options/sol-socket.ts';
import type { OptionTable } from './options/table.ts';
import { socketIoctl } from './socket-ioctl.ts';
import type { NetStack } from './stack.ts';

/** Bits of {@link Socket.shutdownMask}: nothing more is received, nothing more is sent. */
export const RCV_SHUTDOWN = 1, SEND_SHUTDOWN = 2, BOTH_SHUTDOWN = 3;

/** What a socket is (the arguments of socket(2)). */
export interface SocketKind {
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
}

/**
 * A socket (struct socket and struct sock). Calls answer at once: −EAGAIN means that they would sleep until one of the queues is woken.
 * Errors are −errno.
 */
export abstract class Socket implements FileOperations {
  readonly kind: SocketKind;
  readonly net: NetStack;
  readonly seekable = false;
  readonly asynchronous = true;
  readonly raisesPipe = true;
  readonly queue: WaitQueue = createWaitQueue();
  readonly options: SocketOptions;
  /** Where it is in a tree, for /proc; set once it has a file. */
  dentry: Dentry | null = null;
  /** sk_err: a positive errno that the next call tells, once. */
  error = 0;
  shutdownMask = 0;
  /** TCP_STATE, which the kernel uses for all families. */
  state: number = TCP_STATE.CLOSE;
  peerCredentials: PeerCredentials = NO_PEER;
  /** The user who made it. */
  readonly owner: PeerCredentials;

  constructor(net: NetStack, kind: SocketKind, owner: PeerCredentials) {
    this.net = net;
    this.kind = kind;
    this.owner = owner;
    this.options = new SocketOptions(kind);
  }

  /** Bytes sent that the receiver has not taken yet (SIOCOUTQ), and those that can be received (SIOCINQ); −errno. */
  abstract outgoing(): number;
  abstract available(): number;
  abstract bind(task: Task, name: Uint8Array): SyscallResult;
  /** 0, −EINPROGRESS or −EALREADY (it goes on: see {@link connected}), −EAGAIN (ask again), −errno. */
  abstract connect(task: Task, name: Uint8Array): SyscallResult;
  abstract localName(): Uint8Array;
  /** −ENOTCONN without a peer. */
  abstract peerName(): Uint8Array | number;
  /** Bytes taken, −errno. SIGPIPE is the caller's to send: see {@link signalsPipe}. */
  abstract send(message: Outgoing, task: Task): number;
  abstract receive(message: Incoming, task: Task): number;
  abstract poll(file: OpenFile): number;
  abstract release(): void;

  get queues(): readonly WaitQueue[] {
    return [this.queue];
  }
  /** What connect(2) sleeps on. */
  get connectQueues(): readonly WaitQueue[] {
    return this.queues;
  }
  /** Settles at the host's next event; undefined: nothing outside can change it. */
  get hostWait(): (() => Promise<unknown>) | undefined {
    return undefined;
  }
  /** Bytes without boundaries: a call goes on until all is sent, and MSG_WAITALL has a meaning. */
  get isStream(): boolean {
    return false;
  }
  /** −EPIPE comes with SIGPIPE. */
  get signalsPipe(): boolean {
    return this.isStream;
  }
  /** Answers of a connect that goes on: 0, −EINPROGRESS (still), −errno. */
  connected(_task: Task, _name: Uint8Array): number {
    return 0;
  }
  listen(_task: Task, _backlog: number): SyscallResult {
    return -E.EOPNOTSUPP;
  }
  accept(_task: Task): Socket | number {
    return -E.EOPNOTSUPP;
  }
  shutdown(_how: number): number {
    return -E.EOPNOTSUPP;
  }
  /** Requests of the family. */
  ioctlOfFamily(_request: number, _argument: number, _task: Task): number {
    return -E.ENOTTY;
  }
  /** Options of one level; null: the socket has no such level, which {@link noLevel} answers, to who sets and who asks. */
  optionsOf(level: number): OptionTable | null {
    return level === SOL.SOCKET ? SOL_SOCKET_OPTIONS : null;
  }
  get noLevel(): readonly [set: number, get: number] {
    return [-E.EOPNOTSUPP, -E.EOPNOTSUPP];
  }
  /** An option was set. */
  optionChanged(_level: number, _name: number): void {}

  /** The pending error as −errno, which is told once; 0: none. */
  takeError(): number {
    const { error } = this;
    this.error = 0;
    return -error;
  }

  /** Nanoseconds that a sleeping call has; Infinity: as long as it takes (SO_RCVTIMEO, SO_SNDTIMEO). */
  patience(writing: boolean): number {
    return writing ? this.options.sendTimeout : this.options.receiveTimeout;
  }

  read(_file: OpenFile, to: Destination, _offset: number, task: Task): number {
    if (to.remaining === 0) return 0;
    const message = incoming(to, 0);
    const count = this.receive(message, task);
    // read(2) has no place for files: they are closed.
    for (const file of message.files) releaseFile(file);
    return count;
  }

  write(_file: OpenFile, from: Source, _offset: number, task: Task): number {
    const count = this.send({ from, flags: 0, name: null, control: NO_CONTROL }, task);
    if (count === -E.EPIPE && this.signalsPipe) brokenPipe(task);
    return count;
  }

  ioctl(_file: OpenFile, request: number, argument: number, task: Task): number {
    return socketIoctl(this, request, argument, task);
  }
}

/** The bits of shutdown(2)'s argument; −EINVAL. */
export function shutdownBits(how: number): number {
  return how >= SHUT.RD && how <= SHUT.RDWR ? how + 1 : -E.EINVAL;
}

/** POLL bits that all sockets have in common. */
export function commonPoll(socket: Socket): number {
  const { shutdownMask } = socket;
  let mask = 0;
  if (socket.error !== 0) mask |= POLL.ERR;
  if (shutdownMask === BOTH_SHUTDOWN) mask |= POLL.HUP;
  if ((shutdownMask & RCV_SHUTDOWN) !== 0) mask |= POLL.RDHUP | POLL.IN | POLL.RDNORM;
  return mask;
}

/** The file of a new socket, in sockfs. */
export function socketFile(world: FileWorld, socket: Socket, flags: number): OpenFile {
  const inode = new PseudoInode(world.sockets, S.IFSOCK | 0o777, socket.owner.uid, socket.owner.gid);
  const file = world.looseFile(world.socketMount, `socket:[${inode.ino}]`, inode, socket, O.RDWR | (flags & O.NONBLOCK));
  socket.dentry = file.dentry;
  return file;
}
