import { E, S, SHUT, SO, SOCK, TCP_STATE } from '@tally86/abi';
import { createAt, MAY, permission, unlinkAt } from '@tally86/vfs';
import type { Inode } from '@tally86/core';
import { contextOf, worldOf } from '../../fs/access.ts';
import type { Process, Task } from '../../kernel/types.ts';
import type { WaitQueue } from '../../sched/wait.ts';
import type { PeerCredentials } from '../message.ts';
import { BOTH_SHUTDOWN, RCV_SHUTDOWN, SEND_SHUTDOWN, shutdownBits, Socket, type SocketKind } from '../socket.ts';
import type { NetStack } from '../stack.ts';
import { packUnixName, parseUnixName, type UnixName } from './names.ts';
import { PacketQueue } from './packet-queue.ts';
import { collectGarbage } from './rights.ts';

/** Datagrams that a socket's queue takes from those it is not connected to (net.unix.max_dgram_qlen). */
const DATAGRAM_QUEUE = 10;

/** Who a process is to its peer (init_peercred). */
export function effectiveIds({ pid, credentials: { euid, egid, groups } }: Process): PeerCredentials {
  return { pid, uid: euid, gid: egid, groups };
}

/** A socket of AF_UNIX (net/unix/af_unix.c). */
export abstract class UnixSocket extends Socket {
  name: UnixName | null = null;
  /** The inode that its path made. */
  boundInode: Inode | null = null;
  peer: UnixSocket | null = null;
  /** Bytes of its own in the queues of others (sk_wmem_alloc). */
  charged = 0;
  /** No descriptor and no message leads to it any more. */
  dead = false;
  readonly received: PacketQueue;
  /** Most packets in the queue, less one: of a listener, its backlog. */
  backlog = DATAGRAM_QUEUE;
  readonly acceptQueue: UnixSocket[] = [];
  /** The listener in whose queue it waits. */
  listener: UnixSocket | null = null;

  constructor(net: NetStack, kind: SocketKind, owner: PeerCredentials) {
    super(net, kind, owner);
    this.received = new PacketQueue(net.memory, net.unixNames);
    net.unixNames.sockets.add(this);
  }

  /** A socket for the other side of a connection. */
  protected abstract sibling(): UnixSocket;

  /** A stream or a sequence of packets: connected before it is used. */
  get hasConnections(): boolean {
    return this.kind.type !== SOCK.DGRAM;
  }
  outgoing(): number {
    return this.state === TCP_STATE.LISTEN ? -E.EINVAL : this.charged;
  }
  localName(): Uint8Array {
    return packUnixName(this.name);
  }
  peerName(): Uint8Array | number {
    return this.peer === null ? -E.ENOTCONN : packUnixName(this.peer.name);
  }
  /** Most of the send buffer is free (unix_writable). */
  get isWritable(): boolean {
    return this.state !== TCP_STATE.LISTEN && this.charged * 4 <= this.options.sendBuffer;
  }

  bind(task: Task, bytes: Uint8Array): number {
    const name = parseUnixName(bytes);
    if (typeof name === 'number') return name;
    if (name === null) return this.autobind();
    if (name.kind === 'path') return this.#bindPath(task, name);
    if (this.name !== null) return -E.EINVAL;
    if (!this.net.unixNames.bindAbstract(this, name.name)) return -E.EADDRINUSE;
    this.name = name;
    return 0;
  }

  autobind(): number {
    if (this.name !== null) return 0;
    const name = this.net.unixNames.autobind(this);
    if (name === null) return -E.ENOSPC;
    this.name = { kind: 'abstract', name };
    return 0;
  }

  #bindPath(task: Task, name: UnixName & { kind: 'path' }): number {
    const context = contextOf(task);
    const who = task.process.credentials;
    const made = createAt(context.walkContext(who), name.path, { mode: S.IFSOCK | (0o777 & ~context.umask) });
    if (made < 0) return made === -E.EEXIST ? -E.EADDRINUSE : made;
    const dentry = worldOf(task).vfs.walk(context.walkContext(who), name.path, { follow: false });
    if (this.name !== null || typeof dentry === 'number') {
      unlinkAt(context.walkContext(who), name.path);
      return typeof dentry === 'number' ? dentry : -E.EINVAL;
    }
    this.name = name;
    this.boundInode = dentry.inode;
    this.net.unixNames.bindInode(this, dentry.inode);
    return 0;
  }

  /** The socket behind a name, for sending and connecting (unix_find_other); −errno. */
  findOther(task: Task, name: UnixName): UnixSocket | number {
    if (name.kind === 'abstract') return this.net.unixNames.findAbstract(this.kind.type, name.name) ?? -E.ECONNREFUSED;
    const context = contextOf(task);
    const who = task.process.credentials;
    const dentry = worldOf(task).vfs.walk(context.walkContext(who), name.path);
    if (typeof dentry === 'number') return dentry;
    const error = permission(dentry, MAY.WRITE, who);
    if (error < 0) return error;
    if (dentry.inode.type !== S.IFSOCK) return -E.ECONNREFUSED;
    const other = this.net.unixNames.findInode(dentry.inode);
    if (other === undefined) return -E.ECONNREFUSED;
    return other.kind.type === this.kind.type ? other : -E.EPROTOTYPE;
  }

  /** Both ends of socketpair(2). */
  pairWith(other: UnixSocket, process: Process): void {
    this.peer = other;
    other.peer = this;
    this.state = other.state = TCP_STATE.ESTABLISHED;
    this.peerCredentials = other.peerCredentials = effectiveIds(process);
  }

  /** What a connect that has to wait sleeps on: the listener's queue too. */
  #awaited: UnixSocket | null = null;
  override get connectQueues(): readonly WaitQueue[] {
    return this.#awaited === null ? this.queues : [this.queue, this.#awaited.queue];
  }

  connect(task: Task, bytes: Uint8Array): number {
    this.#awaited = null;
    const name = parseUnixName(bytes);
    if (typeof name === 'number') return name;
    if (name === null) return -E.EINVAL;
    if (this.options.isOn(SO.PASSCRED)) {
      const error = this.autobind();
      if (error < 0) return error;
    }
    const other = this.findOther(task, name);
    if (typeof other === 'number') return other;
    if (other.state !== TCP_STATE.LISTEN || (other.shutdownMask & RCV_SHUTDOWN) !== 0) return -E.ECONNREFUSED;
    if (other.acceptQueue.length > other.backlog) {
      this.#awaited = other;
      return -E.EAGAIN;
    }
    if (this.state === TCP_STATE.ESTABLISHED) return -E.EISCONN;
    if (this.state !== TCP_STATE.CLOSE) return -E.EINVAL;
    const child = other.sibling();
    child.options.inherit(other.options);
    child.name = other.name;
    child.listener = other;
    child.pairWith(this, task.process);
    this.peerCredentials = other.peerCredentials;
    other.acceptQueue.push(child);
    other.queue.wake();
    return 0;
  }
  override connected(task: Task, name: Uint8Array): number {
    return this.connect(task, name);
  }

  override listen(task: Task, backlog: number): number {
    if (!this.hasConnections) return -E.EOPNOTSUPP;
    if (this.name === null) return -E.EINVAL;
    if (this.state !== TCP_STATE.CLOSE && this.state !== TCP_STATE.LISTEN) return -E.EINVAL;
    this.backlog = Math.min(backlog >>> 0, this.net.maxBacklog);
    this.state = TCP_STATE.LISTEN;
    this.peerCredentials = effectiveIds(task.process);
    this.queue.wake();
    return 0;
  }

  override accept(): Socket | number {
    if (!this.hasConnections) return -E.EOPNOTSUPP;
    if (this.state !== TCP_STATE.LISTEN) return -E.EINVAL;
    const child = this.acceptQueue.shift();
    if (child === undefined) return (this.shutdownMask & RCV_SHUTDOWN) !== 0 ? -E.EINVAL : -E.EAGAIN;
    child.listener = null;
    this.queue.wake();
    return child;
  }

  override shutdown(how: number): number {
    const bits = shutdownBits(how);
    if (bits < 0) return bits;
    this.shutdownMask |= bits;
    const { peer } = this;
    if (peer !== null && this.hasConnections) {
      if (how !== SHUT.WR) peer.shutdownMask |= SEND_SHUTDOWN;
      if (how !== SHUT.RD) peer.shutdownMask |= RCV_SHUTDOWN;
      peer.queue.wake();
    }
    this.queue.wake();
    return 0;
  }

  release(): void {
    const { peer } = this;
    const unread = this.received.length > 0;
    this.dead = true;
    this.net.unixNames.remove(this);
    this.state = TCP_STATE.CLOSE;
    this.shutdownMask = BOTH_SHUTDOWN;
    this.peer = null;
    if (peer !== null && this.hasConnections && !peer.dead) {
      peer.shutdownMask = BOTH_SHUTDOWN;
      if (unread || this.listener !== null) peer.error = E.ECONNRESET;
      peer.queue.wake();
    }
    for (const child of this.acceptQueue.splice(0)) child.release();
    this.received.clear();
    this.queue.wake();
    if (peer !== null) peer.queue.wake();
    collectGarbage(this.net.unixNames);
  }
}

