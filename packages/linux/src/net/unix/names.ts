import { AF, E, SOCKADDR_UN_PATH, SOCKADDR_UN_SIZE } from '@tally86/abi';
import type { ByteString, Inode } from '@tally86/core';
import type { UnixSocket } from './unix-socket.ts';

/** A name of AF_UNIX: a path, or bytes behind a NUL that no file has. */
export type UnixName =
  | { readonly kind: 'path'; readonly path: ByteString }
  | { readonly kind: 'abstract'; readonly name: ByteString };

const ABSTRACT_LIMIT = 0x10_0000;

/** A sockaddr_un; null: the family alone (autobind). −EINVAL. */
export function parseUnixName(bytes: Uint8Array): UnixName | null | number {
  if (bytes.length < SOCKADDR_UN_PATH || bytes.length > SOCKADDR_UN_SIZE || (bytes[0] | (bytes[1] << 8)) !== AF.UNIX) return -E.EINVAL;
  if (bytes.length === SOCKADDR_UN_PATH) return null;
  const text = String.fromCharCode(...bytes.subarray(SOCKADDR_UN_PATH));
  if (text[0] === '\0') return { kind: 'abstract', name: text.slice(1) };
  const end = text.indexOf('\0');
  return { kind: 'path', path: end < 0 ? text : text.slice(0, end) };
}

/** The sockaddr_un of a name; of none: the family alone. */
export function packUnixName(name: UnixName | null): Uint8Array {
  const text = name === null ? '' : name.kind === 'path' ? `${name.path}\0` : `\0${name.name}`;
  const bytes = new Uint8Array(SOCKADDR_UN_PATH + text.length);
  bytes[0] = AF.UNIX;
  for (let i = 0; i < text.length; i += 1) bytes[SOCKADDR_UN_PATH + i] = text.charCodeAt(i);
  return bytes;
}

/** Who is bound to which name. */
export class UnixNames {
  readonly #abstract = new Map<string, UnixSocket>();
  readonly #byInode = new WeakMap<Inode, UnixSocket>();
  /** All sockets of the family, in order of creation, for /proc/net/unix and the search for garbage. */
  readonly sockets = new Set<UnixSocket>();
  /** Files in messages that nobody has received yet. */
  inFlight = 0;
  #lastAutobind = 0;

  /** Names of sockets of different types do not meet. */
  #key = (type: number, name: ByteString): string => `${type}:${name}`;

  findAbstract(type: number, name: ByteString): UnixSocket | undefined {
    return this.#abstract.get(this.#key(type, name));
  }
  bindAbstract(socket: UnixSocket, name: ByteString): boolean {
    const key = this.#key(socket.kind.type, name);
    if (this.#abstract.has(key)) return false;
    this.#abstract.set(key, socket);
    return true;
  }
  /** A free name of five hexadecimal digits, in order (unix_autobind); null: none is left. */
  autobind(socket: UnixSocket): ByteString | null {
    for (let tried = 0; tried < ABSTRACT_LIMIT; tried += 1) {
      this.#lastAutobind = (this.#lastAutobind + 1) % ABSTRACT_LIMIT;
      const name = this.#lastAutobind.toString(16).padStart(5, '0');
      if (this.bindAbstract(socket, name)) return name;
    }
    return null;
  }

  findInode(inode: Inode): UnixSocket | undefined {
    return this.#byInode.get(inode);
  }
  bindInode(socket: UnixSocket, inode: Inode): void {
    this.#byInode.set(inode, socket);
  }

  /** The socket is gone: a path stays, and leads nowhere. */
  remove(socket: UnixSocket): void {
    this.sockets.delete(socket);
    if (socket.name?.kind === 'abstract') this.#abstract.delete(this.#key(socket.kind.type, socket.name.name));
    if (socket.boundInode !== null) this.#byInode.delete(socket.boundInode);
  }
}
