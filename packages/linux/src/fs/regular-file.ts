import { E, FALLOC, IOCTL, RLIMIT, SEEK, SIG } from '@tally86/abi';
import type { Dentry, Mappable, OpenNode, PageCache } from '@tally86/core';
import { softLimit } from '../kernel/limits.ts';
import type { Task } from '../kernel/types.ts';
import { sendSignal } from '../signal/send.ts';
import { ALWAYS_READY, type Destination, type FileOperations, NO_QUEUES, OpenFile, type Source } from './open-file.ts';
import type { SealTable } from './seals.ts';
import { CHUNK } from './user-io.ts';

/** What regular files must know of mappings: the page cache has newer bytes than the file, or older ones. */
export interface MappedInodes {
  readonly seals: SealTable;
  /** The page cache, if this file may have pages in it. */
  cacheOf(dentry: Dentry): { readonly cache: PageCache; readonly mappable: Mappable } | null;
}

/** For one transfer at a time: nothing below calls back. */
const scratch = new Uint8Array(CHUNK);

/** A regular file that is open. */
export class RegularFile implements FileOperations {
  readonly node: OpenNode;
  readonly seekable = true;
  readonly pollable = false;
  readonly queues = NO_QUEUES;
  readonly #mapped: MappedInodes;

  constructor(node: OpenNode, mapped: MappedInodes) {
    this.node = node;
    this.#mapped = mapped;
  }

  read(file: OpenFile, to: Destination, offset: number): number {
    const cached = this.#mapped.cacheOf(file.dentry);
    if (cached?.cache.has(cached.mappable)) cached.cache.flush(cached.mappable);
    let at = offset;
    while (to.remaining > 0) {
      const want = Math.min(to.remaining, CHUNK);
      const count = this.node.read(at, scratch.subarray(0, want));
      if (count < 0) return at > offset ? at - offset : count;
      const put = to.put(scratch.subarray(0, count));
      at += put;
      if (count < want || put < count) break;
    }
    return at - offset;
  }

  write(file: OpenFile, from: Source, offset: number, task: Task): number {
    const wanted = from.remaining;
    if (wanted === 0) return 0;
    const limit = Math.min(softLimit(task.process.limits, RLIMIT.FSIZE), file.dentry.inode.fileSystem.maxFileSize);
    if (offset >= limit) return this.#tooBig(task, offset);
    const allowed = this.#mapped.seals.writable(file.dentry.inode, this.node.size(), offset, wanted);
    if (allowed < 0) return allowed;
    const end = Math.min(limit, offset + allowed);
    const cached = this.#mapped.cacheOf(file.dentry);
    const { output } = task.kernel;
    let at = offset;
    while (from.remaining > 0 && at < end && !output.exceeded) {
      const bytes = from.take(Math.min(CHUNK, end - at));
      if (bytes.length === 0) break;
      const count = this.node.write(at, output.within(bytes));
      if (count < bytes.length) from.giveBack(bytes.length - Math.max(0, count));
      if (count < 0) return at > offset ? at - offset : count;
      if (cached?.cache.has(cached.mappable)) cached.cache.update(cached.mappable, at, bytes.subarray(0, count));
      output.spend(count);
      at += count;
      if (count < bytes.length) break;
    }
    return at - offset;
  }

  #tooBig(task: Task, offset: number): number {
    if (offset >= softLimit(task.process.limits, RLIMIT.FSIZE)) fileTooBig(task);
    return -E.EFBIG;
  }

  /** ftruncate(2) and O_TRUNC. */
  truncate(file: OpenFile, size: number): number {
    if (!this.#mapped.seals.mayTruncate(file.dentry.inode, this.node.size(), size)) return -E.EPERM;
    const cached = this.#mapped.cacheOf(file.dentry);
    if (cached?.cache.has(cached.mappable)) cached.cache.flush(cached.mappable);
    const error = this.node.truncate(size);
    if (error === 0 && cached?.cache.has(cached.mappable)) cached.cache.truncate(cached.mappable, size);
    return error;
  }

  allocate(file: OpenFile, mode: number, offset: number, length: number): number {
    const punches = (mode & FALLOC.PUNCH_HOLE) !== 0;
    if (!this.#mapped.seals.mayAllocate(file.dentry.inode, punches, this.node.size(), offset + length)) return -E.EPERM;
    const cached = this.#mapped.cacheOf(file.dentry);
    if (cached?.cache.has(cached.mappable)) cached.cache.flush(cached.mappable);
    const error = this.node.allocate(mode, offset, length);
    // A hole that was punched must show in mappings too.
    if (error === 0 && cached?.cache.has(cached.mappable)) this.#refresh(cached, offset, length);
    return error;
  }

  #refresh({ cache, mappable }: { cache: PageCache; mappable: Mappable }, offset: number, length: number): void {
    const end = Math.min(offset + length, this.node.size());
    for (let at = offset; at < end; at += CHUNK) {
      const bytes = scratch.subarray(0, Math.min(CHUNK, end - at));
      if (this.node.read(at, bytes) > 0) cache.update(mappable, at, bytes);
    }
  }

  poll(): number {
    return ALWAYS_READY;
  }

  seek(file: OpenFile, offset: number, whence: number): number {
    const limit = file.dentry.inode.fileSystem.maxFileSize;
    if (whence === SEEK.DATA || whence === SEEK.HOLE) {
      if (offset < 0) return -E.ENXIO;
      return whence === SEEK.DATA ? this.node.seekData(offset) : this.node.seekHole(offset);
    }
    return seekWithin(file.position, () => this.node.size(), limit, offset, whence);
  }

  ioctl(file: OpenFile, request: number, argument: number, task: Task): number {
    if (request !== IOCTL.FIONREAD) return -E.ENOTTY;
    const left = Math.max(-0x8000_0000, Math.min(this.node.size() - file.position, 0x7fff_ffff));
    return task.user.writeU32(argument, left) ? 0 : -E.EFAULT;
  }

  release(): void {
    this.node.close();
  }
}

/** SEEK_SET, SEEK_CUR and SEEK_END (fs/read_write.c, generic_file_llseek_size). */
export function seekWithin(position: number, size: () => number, limit: number, offset: number, whence: number): number {
  let to: number;
  if (whence === SEEK.SET) to = offset;
  else if (whence === SEEK.CUR) to = position + offset;
  else if (whence === SEEK.END) to = size() + offset;
  else return -E.EINVAL;
  return to < 0 || to > limit ? -E.EINVAL : to;
}

/** A write beyond RLIMIT_FSIZE. */
export function fileTooBig(task: Task): void {
  sendSignal(task, { signo: SIG.XFSZ, errno: 0, code: 0, pid: task.process.pid, uid: task.process.credentials.uid });
}
