import { constants, fstatSync, openSync, readFileSync, readSync, type Stats, writeSync } from 'node:fs';
import { E } from '@tally86/abi';
import type { HostSeekable, HostStream, HostStreamKind, HostTerminal } from '@tally86/core';
import { hostErrno } from './errors.ts';

export interface HostStreamOptions {
  /**
   * `host` (default): shown as what it is. `pipe`: always a pipe, and a read returns all that was asked for unless the input ends, so that
   * the guest cannot tell how the bytes arrived: for reproducible runs.
   */
  readonly present?: 'host' | 'pipe';
}

/** Milliseconds between looks at an input that had nothing; the last one stays. */
const PAUSES = [0, 0, 1, 1, 2, 4, 8];
/** /dev/null of Linux. */
const NULL_DEVICE = 0x103;

/** Loaded when it is needed: it takes Node's streams and sockets along. */
const isTerminal = (fd: number): boolean => process.getBuiltinModule('node:tty').isatty(fd);

/** A stream over a descriptor of this process (0, 1, 2, or one that the embedder opened). */
export function createHostStream(fd: number, options: HostStreamOptions = {}): HostStream {
  const kind = options.present === 'pipe' ? 'pipe' : kindOf(fd);
  const input = createInput(fd, options.present === 'pipe');
  const stream: HostStream = {
    kind,
    read: input.read,
    readable: input.readable,
    wait: input.wait,
    write: (from) => writeAll(fd, from),
  };
  if (kind === 'terminal') return { ...stream, terminal: createTerminal() };
  if (kind === 'file') return { ...stream, file: createSeekable(fd) };
  return stream;
}

function kindOf(fd: number): HostStreamKind {
  if (isTerminal(fd)) return 'terminal';
  let stats: Stats;
  try {
    stats = fstatSync(fd);
  } catch {
    return 'null';
  }
  if (stats.isFile()) return 'file';
  return stats.isCharacterDevice() && stats.rdev === NULL_DEVICE ? 'null' : 'pipe';
}

function createInput(fd: number, whole: boolean): Pick<HostStream, 'read' | 'readable' | 'wait'> {
  let source = -1;
  let ahead = new Uint8Array(0);
  let ended = false;
  let misses = 0;
  const fetch = (into: Uint8Array): number => {
    if (source < 0) source = openWithoutBlocking(fd);
    try {
      const count = readSync(source, into, 0, into.length, null);
      ended = count === 0;
      misses = 0;
      return count;
    } catch (error) {
      const errno = hostErrno(error);
      if (errno === -E.EAGAIN) misses += 1;
      return errno;
    }
  };
  const keep = (bytes: Uint8Array): void => {
    const joined = new Uint8Array(ahead.length + bytes.length);
    joined.set(ahead);
    joined.set(bytes, ahead.length);
    ahead = joined;
  };
  return {
    read(into) {
      if (into.length === 0) return 0;
      let done = Math.min(ahead.length, into.length);
      into.set(ahead.subarray(0, done));
      ahead = ahead.subarray(done);
      while (done < into.length && !(ended && done > 0)) {
        if (done > 0 && !whole) break;
        const count = fetch(into.subarray(done));
        if (count === 0) break;
        if (count < 0) {
          if (done === 0) return count;
          if (!whole) break;
          keep(into.subarray(0, done));
          return count;
        }
        done += count;
      }
      return done;
    },
    readable() {
      if (ahead.length > 0 || ended) return true;
      // One byte tells it, and leaves the rest to whoever shares the input.
      const byte = new Uint8Array(1);
      const count = fetch(byte);
      if (count === -E.EAGAIN) return false;
      if (count > 0) keep(byte.subarray(0, count));
      return true;
    },
    wait: () => new Promise((resolve) => setTimeout(resolve, PAUSES[Math.min(misses, PAUSES.length) - 1] ?? 0)),
  };
}

/** The same pipe or terminal, opened anew so that O_NONBLOCK is not set for others who share the descriptor; else the descriptor itself. */
function openWithoutBlocking(fd: number): number {
  try {
    if (fstatSync(fd).isFile()) return fd;
    return openSync(`/proc/self/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return fd;
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

function writeAll(fd: number, from: Uint8Array): number {
  for (let done = 0; ; ) {
    try {
      done += writeSync(fd, from, done, from.length - done, null);
      if (done >= from.length) return done;
    } catch (error) {
      const errno = hostErrno(error);
      // Somebody made the descriptor non-blocking; a guest that writes waits all the same.
      if (errno !== -E.EAGAIN) return done > 0 ? done : errno;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

function createTerminal(): HostTerminal {
  return {
    size() {
      const stream = [process.stdout, process.stderr].find((candidate) => candidate.isTTY);
      return { rows: stream?.rows ?? 24, columns: stream?.columns ?? 80 };
    },
    setRaw(raw) {
      if (isTerminal(0)) process.stdin.setRawMode(raw);
    },
  };
}

function createSeekable(fd: number): HostSeekable {
  const attempt = (call: () => number): number => {
    try {
      return call();
    } catch (error) {
      return hostErrno(error);
    }
  };
  return {
    size: () => attempt(() => fstatSync(fd).size),
    position() {
      try {
        const line = /^pos:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'));
        return line === null ? -E.ESPIPE : Number(line[1]);
      } catch {
        return -E.ESPIPE;
      }
    },
    readAt: (offset, into) => attempt(() => readSync(fd, into, 0, into.length, offset)),
    writeAt: (offset, from) => attempt(() => writeSync(fd, from, 0, from.length, offset)),
  };
}
