import { fdatasyncSync, fsyncSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { E } from '@tally86/abi';
import type { OpenNode } from '@tally86/core';
import { attempt, hostErrno } from './errors.ts';
import type { HostInode } from './host-inode.ts';

/** Bytes read, fewer than asked only at the end of the file; −errno. */
export function readHost(inode: HostInode, offset: number, into: Uint8Array): number {
  const fd = inode.readFd();
  if (fd < 0) return fd;
  let done = 0;
  try {
    while (done < into.length) {
      const count = readSync(fd, into, done, into.length - done, offset + done);
      if (count === 0) break;
      done += count;
    }
  } catch (error) {
    if (done === 0) return hostErrno(error);
  }
  return done;
}

/** Bytes written; −errno if none. */
export function writeHost(inode: HostInode, offset: number, from: Uint8Array): number {
  const fd = inode.writeFd();
  if (fd < 0) return fd;
  let done = 0;
  try {
    while (done < from.length) {
      const count = writeSync(fd, from, done, from.length - done, offset + done);
      if (count === 0) break;
      done += count;
    }
  } catch (error) {
    if (done === 0) return hostErrno(error);
  }
  inode.modified();
  return done;
}

/** A host file that is open. All openings of an inode share its host descriptors: offsets are always given. */
export function createHostOpenNode(inode: HostInode): OpenNode {
  const size = () => {
    const stats = inode.stats();
    return typeof stats === 'number' ? 0 : Number(stats.size);
  };
  return {
    size,
    read: (offset, into) => readHost(inode, offset, into),
    write: (offset, from) => writeHost(inode, offset, from),
    truncate(length) {
      const fd = inode.writeFd();
      if (fd < 0) return fd;
      const error = attempt(() => ftruncateSync(fd, length));
      if (error === 0) inode.modified();
      return error;
    },
    // node:fs has no fallocate(2); libc falls back to writing.
    allocate: () => -E.EOPNOTSUPP,
    // Nor SEEK_DATA: as on file systems without holes.
    seekData: (offset) => (offset < size() ? offset : -E.ENXIO),
    seekHole: (offset) => (offset < size() ? size() : -E.ENXIO),
    sync(dataOnly) {
      const fd = inode.readFd();
      return fd < 0 ? fd : attempt(() => (dataOnly ? fdatasyncSync(fd) : fsyncSync(fd)));
    },
    close: () => inode.closeOne(),
  };
}
