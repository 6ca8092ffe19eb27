import { E, POLL, SEEK } from '@tally86/abi';
import type { HostStream } from '@tally86/core';
import type { Task } from '../kernel/types.ts';
import { createWaitQueue, type WaitQueue } from '../sched/wait.ts';
import { ALWAYS_READY, type Destination, type FileOperations, type OpenFile, type Source } from './open-file.ts';
import { seekWithin } from './regular-file.ts';
import type { Terminal } from './terminal.ts';
import { CHUNK } from './user-io.ts';

/** A stream of the host as a file: standard input, output and error. */
export class StreamFile implements FileOperations {
  readonly queues: readonly WaitQueue[] = [createWaitQueue()];
  readonly seekable: boolean;
  readonly stream: HostStream;
  readonly pollable: boolean;
  readonly #terminal: Terminal | null;
  /** The guest moved the position: from then on it is ours, not the host's. */
  #moved = false;
  /** Read from the host, and not taken by the guest because a page faulted. */
  #left: Uint8Array = new Uint8Array(0);

  constructor(stream: HostStream, terminal: Terminal | null) {
    this.stream = stream;
    this.pollable = stream.kind === 'pipe' || stream.kind === 'terminal';
    this.seekable = stream.file !== undefined && stream.file.position() >= 0;
    this.#terminal = terminal;
  }

  read(_file: OpenFile, to: Destination, offset: number): number {
    if (to.remaining === 0) return 0;
    const count = this.#read(to, offset);
    // The host tells of no edges: who waits for one looks again at what this read left.
    if (this.pollable) this.queues[0]!.wake(0, POLL.IN | POLL.RDNORM);
    return count;
  }

  #read(to: Destination, offset: number): number {
    if (this.#left.length > 0) {
      const put = to.put(this.#left);
      this.#left = this.#left.subarray(put);
      return put;
    }
    const scratch = new Uint8Array(Math.min(CHUNK, to.remaining));
    let done = 0;
    while (to.remaining > 0) {
      const bytes = scratch.subarray(0, Math.min(CHUNK, to.remaining));
      const count = this.#moved ? this.stream.file!.readAt(offset + done, bytes) : this.stream.read(bytes);
      if (count < 0) return done > 0 ? done : count;
      const put = to.put(bytes.subarray(0, count));
      done += put;
      if (put < count && !this.#moved) this.#left = bytes.slice(put, count);
      // One look at what is there, as read(2) of a pipe or a terminal; files go on to the end.
      if (put < count || count < bytes.length || this.stream.kind === 'terminal') break;
    }
    return done;
  }

  write(_file: OpenFile, from: Source, offset: number, { kernel: { output } }: Task): number {
    let done = 0;
    while (from.remaining > 0 && !output.exceeded) {
      const bytes = from.take(CHUNK);
      if (bytes.length === 0) break;
      const allowed = output.within(bytes);
      if (allowed.length === 0) break;
      const count = this.#moved ? this.stream.file!.writeAt(offset + done, allowed) : this.stream.write(allowed);
      if (count < bytes.length) from.giveBack(bytes.length - Math.max(0, count));
      if (count < 0) return done > 0 ? done : count;
      output.spend(count);
      done += count;
      if (count < bytes.length) break;
    }
    return done;
  }

  poll(file: OpenFile): number {
    if (this.stream.kind === 'file' || this.stream.kind === 'null') return ALWAYS_READY;
    const readable = file.readable && this.stream.readable() ? POLL.IN | POLL.RDNORM : 0;
    return readable | (file.writable ? POLL.OUT | POLL.WRNORM : 0);
  }

  hostWait = (): Promise<unknown> => this.stream.wait();
  readonly hostEvents = POLL.IN | POLL.RDNORM;

  seek(file: OpenFile, offset: number, whence: number): number {
    const { file: host } = this.stream;
    if (host === undefined || !this.seekable) return -E.ESPIPE;
    const position = this.#moved ? file.position : host.position();
    if (whence === SEEK.DATA || whence === SEEK.HOLE) return -E.EINVAL;
    const to = seekWithin(position, () => host.size(), 2 ** 44, offset, whence);
    if (to >= 0 && to !== position) this.#moved = true;
    return to;
  }

  ioctl(_file: OpenFile, request: number, argument: number, task: Task): number {
    return this.#terminal === null ? -E.ENOTTY : this.#terminal.ioctl(request, argument, task);
  }
}
