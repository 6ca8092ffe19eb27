import { AF, LINGER, packStruct, SO, SOCK } from '@tally86/abi';
import type { SocketKind } from '../socket.ts';

/** net.core.wmem_default and wmem_max, in bytes; TCP starts with its own. */
export const BUFFER_DEFAULT = 212_992;
export const BUFFER_MAX = 212_992;
export const TCP_SNDBUF = 16_384, TCP_RCVBUF = 131_072;
/** Least sizes (SOCK_MIN_SNDBUF, SOCK_MIN_RCVBUF). */
const MIN_SNDBUF = 4608, MIN_RCVBUF = 2304;

export const UNLIMITED_RATE = 0xffff_ffff_ffff_ffffn;

/** The options of level SOL_SOCKET of one socket. */
export class SocketOptions {
  /** Options that are a number, by SO_*. */
  readonly #numbers = new Map<number, number>();
  sendBuffer: number;
  receiveBuffer: number;
  /** The guest chose the size: it is not adjusted any more. */
  sendBufferLocked = false;
  receiveBufferLocked = false;
  /** Nanoseconds. */
  sendTimeout = Infinity;
  receiveTimeout = Infinity;
  linger: { on: boolean; seconds: number } = { on: false, seconds: 0 };
  /** Bytes a second, 64 bits; all ones: no limit. Kept and shown: nothing is paced. */
  maxPacingRate = UNLIMITED_RATE;

  constructor({ family, type }: SocketKind) {
    const tcp = (family === AF.INET || family === AF.INET6) && type === SOCK.STREAM;
    this.sendBuffer = tcp ? TCP_SNDBUF : BUFFER_DEFAULT;
    this.receiveBuffer = tcp ? TCP_RCVBUF : BUFFER_DEFAULT;
  }

  get(name: number): number {
    return this.#numbers.get(name) ?? DEFAULTS[name] ?? 0;
  }
  set(name: number, value: number): void {
    this.#numbers.set(name, value);
  }
  isOn(name: number): boolean {
    return this.get(name) !== 0;
  }

  /** The kernel doubles what is asked for (net/core/sock.c, __sock_set_rcvbuf). */
  setSendBuffer(bytes: number, limit = BUFFER_MAX): void {
    this.sendBuffer = Math.max(Math.min(bytes >>> 0, limit) * 2, MIN_SNDBUF);
    this.sendBufferLocked = true;
  }
  setReceiveBuffer(bytes: number, limit = BUFFER_MAX): void {
    this.receiveBuffer = Math.max(Math.min(bytes >>> 0, limit) * 2, MIN_RCVBUF);
    this.receiveBufferLocked = true;
  }

  /** What an accepted socket takes over from its listener. */
  inherit(from: SocketOptions): void {
    for (const [name, value] of from.#numbers) this.#numbers.set(name, value);
    this.sendBuffer = from.sendBuffer;
    this.receiveBuffer = from.receiveBuffer;
    this.sendBufferLocked = from.sendBufferLocked;
    this.receiveBufferLocked = from.receiveBufferLocked;
    this.sendTimeout = from.sendTimeout;
    this.receiveTimeout = from.receiveTimeout;
    this.linger = from.linger;
    this.maxPacingRate = from.maxPacingRate;
  }
}

const DEFAULTS: Readonly<Record<number, number>> = {
  [SO.RCVLOWAT]: 1, [SO.SNDLOWAT]: 1, [SO.PEEK_OFF]: -1, [SO.BPF_EXTENSIONS]: 64, [SO.INCOMING_CPU]: -1,
};

export function packLinger({ on, seconds }: SocketOptions['linger']): Uint8Array {
  return packStruct(LINGER, { l_onoff: on ? 1 : 0, l_linger: seconds });
}
