import type { Socket } from 'node:net';
import type { HostConnection, HostConnectionEvents, HostEndpoint } from '@tally86/core';
import { errnoOf } from './errno.ts';

/** The two ends of a socket that stands. */
export const endsOf = (socket: Socket): readonly [local: HostEndpoint, remote: HostEndpoint] => [
  { address: socket.localAddress ?? '::', port: socket.localPort ?? 0 },
  { address: socket.remoteAddress ?? '::', port: socket.remotePort ?? 0 },
];

/** A socket of Node as a connection of the guest's. */
export class NodeConnection implements HostConnection {
  readonly #socket: Socket;
  /** The guest closed it: nothing is told any more, and what arrives is answered by a reset. */
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    // A reset that nobody listens to must not end the process.
    socket.on('error', () => {});
  }

  /** Tells what happens from now on. */
  attach(events: HostConnectionEvents): void {
    const socket = this.#socket;
    const tell = (what: () => void) => (): void => {
      if (!this.#closed) what();
    };
    socket.on('connect', tell(() => events.connected(...endsOf(socket))));
    socket.on('data', (bytes: Buffer) => {
      if (this.#closed) socket.resetAndDestroy();
      else events.data(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
    });
    socket.on('end', tell(() => events.ended()));
    socket.on('drain', tell(() => events.drained()));
    socket.on('error', (error) => {
      if (!this.#closed) events.failed(errnoOf(error));
    });
  }

  get pending(): number {
    return this.#socket.writableLength;
  }
  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }
  pause(paused: boolean): void {
    if (paused) this.#socket.pause();
    else this.#socket.resume();
  }
  setNoDelay(on: boolean): void {
    this.#socket.setNoDelay(on);
  }
  setKeepAlive(on: boolean): void {
    this.#socket.setKeepAlive(on);
  }
  finish(): void {
    this.#socket.end();
  }
  close(reset: boolean): void {
    this.#closed = true;
    if (reset) this.#socket.resetAndDestroy();
    else {
      this.#socket.resume();
      this.#socket.destroySoon();
    }
  }
}
