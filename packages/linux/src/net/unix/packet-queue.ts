import type { OpenFile } from '../../fs/open-file.ts';
import type { NetMemory } from '../memory.ts';
import type { PeerCredentials } from '../message.ts';
import type { UnixName, UnixNames } from './names.ts';
import { dropFiles } from './rights.ts';
import type { UnixSocket } from './unix-socket.ts';

/** What one send put into a receiver's queue (struct sk_buff with its unix_skb_parms). */
export interface Packet {
  readonly bytes: Uint8Array;
  /** Bytes taken out already. */
  used: number;
  /** Files on their way; empty once they were received. */
  files: readonly OpenFile[];
  readonly credentials: PeerCredentials;
  readonly from: UnixName | null;
  /** Who is charged for it until it is received. */
  readonly sender: UnixSocket;
  readonly size: number;
}

/** Packets that wait to be received. */
export class PacketQueue {
  readonly packets: Packet[] = [];
  readonly #memory: NetMemory;
  readonly #names: UnixNames;

  constructor(memory: NetMemory, names: UnixNames) {
    this.#memory = memory;
    this.#names = names;
  }

  get first(): Packet | undefined {
    return this.packets[0];
  }
  get length(): number {
    return this.packets.length;
  }

  push(packet: Packet): void {
    this.packets.push(packet);
    this.#memory.take(packet.size);
    packet.sender.charged += packet.size;
  }

  /** The first one goes; its sender has room again. */
  shift(): void {
    const packet = this.packets.shift();
    if (packet !== undefined) this.#forget(packet);
  }

  /** All go, with the files in them. */
  clear(): void {
    for (const packet of this.packets.splice(0)) {
      this.#forget(packet);
      dropFiles(this.#names, packet.files);
    }
  }

  #forget(packet: Packet): void {
    this.#memory.take(-packet.size);
    packet.sender.charged -= packet.size;
    packet.sender.queue.wake();
  }
}
