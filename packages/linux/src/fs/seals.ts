import { E, F_SEAL } from '@tally86/abi';
import { type Inode, type Mappable, USER_END } from '@tally86/core';
import type { Process } from '../kernel/types.ts';
import { VMA_TAG } from '../mm/address-space.ts';

const ALL = Object.values(F_SEAL).reduce((set, seal) => set | seal, 0);
/** Seals that forbid to change content. */
export const WRITE_SEALS = F_SEAL.WRITE | F_SEAL.FUTURE_WRITE;
const PAGE = 4096;

/** What may not be done to files in memory any more (mm/memfd.c, mm/shmem.c). */
export class SealTable {
  readonly #seals = new WeakMap<Inode, number>();

  /** A file of memfd_create(2). */
  start(inode: Inode, seals: number): void {
    this.#seals.set(inode, seals);
  }

  /** Seals of a file; 0 if it never had any. */
  of(inode: Inode): number {
    return this.#seals.get(inode) ?? 0;
  }

  /** F_GET_SEALS; −EINVAL. Files of a tmpfs that have a name cannot be sealed. */
  get(inode: Inode): number {
    return this.#seals.get(inode) ?? (inode.fileSystem.type === 'tmpfs' ? F_SEAL.SEAL : -E.EINVAL);
  }

  /** F_ADD_SEALS: 0, −EPERM, −EBUSY (mapped so that it can be written), −EINVAL. */
  add(inode: Inode, writable: boolean, seals: number, processes: Iterable<Process>): number {
    if (!writable) return -E.EPERM;
    if ((seals & ~ALL) !== 0) return -E.EINVAL;
    const now = this.get(inode);
    if (now < 0) return now;
    if ((now & F_SEAL.SEAL) !== 0) return -E.EPERM;
    if ((seals & F_SEAL.WRITE) !== 0 && (now & F_SEAL.WRITE) === 0 && isMappedWritable(inode.mappable, processes)) return -E.EBUSY;
    let next = now | seals;
    // What cannot be executed cannot be made executable, so it cannot be changed either.
    if ((seals & F_SEAL.EXEC) !== 0 && isExecutable(inode)) next |= F_SEAL.SHRINK | F_SEAL.GROW | WRITE_SEALS;
    this.#seals.set(inode, next);
    return 0;
  }

  /** Bytes of a write that are allowed, from its start; −EPERM if none are. A page goes whole or not at all. */
  writable(inode: Inode, size: number, offset: number, length: number): number {
    const seals = this.of(inode);
    if (seals === 0) return length;
    if ((seals & WRITE_SEALS) !== 0) return -E.EPERM;
    if ((seals & F_SEAL.GROW) === 0 || offset + length <= size) return length;
    const allowed = Math.floor(size / PAGE) * PAGE - offset;
    return allowed > 0 ? allowed : -E.EPERM;
  }

  mayTruncate(inode: Inode, from: number, to: number): boolean {
    const seals = this.of(inode);
    return !((to < from && (seals & F_SEAL.SHRINK) !== 0) || (to > from && (seals & F_SEAL.GROW) !== 0));
  }

  /** fallocate(2) up to `end`. */
  mayAllocate(inode: Inode, punches: boolean, size: number, end: number): boolean {
    const seals = this.of(inode);
    return punches ? (seals & WRITE_SEALS) === 0 : (seals & F_SEAL.GROW) === 0 || end <= size;
  }

  mayChangeMode(inode: Inode, mode: number): boolean {
    if ((this.of(inode) & F_SEAL.EXEC) === 0) return true;
    const attributes = inode.getAttributes();
    return typeof attributes === 'number' || ((attributes.mode ^ mode) & 0o111) === 0;
  }
}

function isExecutable(inode: Inode): boolean {
  const attributes = inode.getAttributes();
  return typeof attributes !== 'number' && (attributes.mode & 0o111) !== 0;
}

function isMappedWritable(mappable: Mappable | null, processes: Iterable<Process>): boolean {
  for (const { mm } of processes) {
    for (const vma of mm.vmas.range(0, USER_END)) {
      if (vma.shared && vma.source === mappable && (vma.tag & VMA_TAG.DENY_WRITE) === 0) return true;
    }
  }
  return false;
}
