import { E, MCL, RLIMIT } from '@tally86/abi';
import { PAGE_SIZE, USER_END } from '@tally86/core';
import { softLimit } from '../kernel/limits.ts';
import { type AddressSpace, changeVmas, pageDown, pageUp, VMA_TAG } from './address-space.ts';
import { populate } from './populate.ts';

/** mlock(2), mlock2(2), munlock(2): 0 or −errno (mm/mlock.c). Nothing is ever swapped: the flag is kept, and locking touches the pages. */
export function lockRange(mm: AddressSpace, address: number, length: number, lock: boolean, touch: boolean): number {
  const limit = softLimit(mm.limits, RLIMIT.MEMLOCK);
  if (lock && limit === 0) return -E.EPERM;
  if (address < 0 || length > USER_END) return -E.ENOMEM;
  const start = pageDown(address);
  const end = pageUp(address + length);
  if (lock && mm.lockedBytes + (end - start) > limit && mm.lockedBytes + unlockedBytes(mm, start, end) > limit) return -E.ENOMEM;
  if (end === start) return 0;
  if (end > USER_END) return -E.ENOMEM;
  const complete = setLocked(mm, start, end, lock);
  if (!complete) return -E.ENOMEM;
  return lock && touch && !populate(mm, start, end) ? -E.ENOMEM : 0;
}

/** mlockall(2) and munlockall(2) (flags 0). */
export function lockAll(mm: AddressSpace, flags: number): number {
  const limit = softLimit(mm.limits, RLIMIT.MEMLOCK);
  if (flags !== 0) {
    if ((flags & ~(MCL.CURRENT | MCL.FUTURE | MCL.ONFAULT)) !== 0 || flags === MCL.ONFAULT) return -E.EINVAL;
    if (limit === 0) return -E.EPERM;
    if ((flags & MCL.CURRENT) !== 0 && mm.mappedBytes > limit) return -E.ENOMEM;
  }
  mm.futureTag = (flags & MCL.FUTURE) !== 0 ? VMA_TAG.LOCKED : 0;
  if (flags !== 0 && (flags & MCL.CURRENT) === 0) return 0;
  for (const vma of [...mm.vmas.range(0, USER_END)]) {
    setLocked(mm, vma.start, vma.end, flags !== 0);
    if (flags !== 0 && (flags & MCL.ONFAULT) === 0) populate(mm, vma.start, vma.end);
  }
  return 0;
}

function setLocked(mm: AddressSpace, start: number, end: number, lock: boolean): boolean {
  return changeVmas(mm, start, end, (vma) => ({ ...vma, tag: lock ? vma.tag | VMA_TAG.LOCKED : vma.tag & ~VMA_TAG.LOCKED }));
}

function unlockedBytes(mm: AddressSpace, start: number, end: number): number {
  let bytes = 0;
  for (const vma of mm.vmas.range(start, end)) {
    if ((vma.tag & VMA_TAG.LOCKED) === 0) bytes += Math.min(vma.end, end) - Math.max(vma.start, start);
  }
  return bytes;
}

/** mincore(2): 0 or −errno; one byte a page at `vector`, written a page of bytes at a time as the kernel does. */
export function mincore(mm: AddressSpace, start: number, length: number, vector: number): number {
  if (start >= 0 && start % PAGE_SIZE !== 0) return -E.EINVAL;
  if (!mm.user.inUserSpace(start, length)) return -E.ENOMEM;
  const pages = Math.ceil(length / PAGE_SIZE);
  if (!mm.user.inUserSpace(vector, pages)) return -E.EFAULT;
  for (let done = 0; done < pages; ) {
    const chunk = new Uint8Array(Math.min(pages - done, PAGE_SIZE));
    const from = start + done * PAGE_SIZE;
    let filled = 0;
    while (filled < chunk.length && mm.vmas.find(from + filled * PAGE_SIZE) !== null) {
      chunk[filled] = mm.mmu.resident(from + filled * PAGE_SIZE) ? 1 : 0;
      filled += 1;
    }
    if (filled === 0) return -E.ENOMEM;
    if (!mm.user.write(vector + done, chunk.subarray(0, filled))) return -E.EFAULT;
    done += filled;
  }
  return 0;
}
