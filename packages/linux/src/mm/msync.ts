import { E, MS } from '@tally86/abi';
import { USER_END } from '@tally86/core';
import { type AddressSpace, isPageAligned, pageUp, VMA_TAG } from './address-space.ts';

/** msync(2): 0 or −errno (mm/msync.c). */
export function msync(mm: AddressSpace, start: number, length: number, flags: number): number {
  if ((flags & ~(MS.ASYNC | MS.INVALIDATE | MS.SYNC)) !== 0) return -E.EINVAL;
  if (start >= 0 && !isPageAligned(start)) return -E.EINVAL;
  if ((flags & MS.ASYNC) !== 0 && (flags & MS.SYNC) !== 0) return -E.EINVAL;
  if (length === 0) return 0;
  if (start < 0 || length > USER_END || start + pageUp(length) > USER_END) return -E.ENOMEM;
  const end = start + pageUp(length);
  let at = start;
  let hole = false;
  for (const vma of mm.vmas.range(start, end)) {
    if (vma.start > at) hole = true;
    at = Math.min(vma.end, end);
    if ((flags & MS.INVALIDATE) !== 0 && (vma.tag & VMA_TAG.LOCKED) !== 0) return -E.EBUSY;
    if ((flags & MS.SYNC) !== 0 && vma.shared && vma.source !== null) mm.mmu.sync(Math.max(vma.start, start), at);
  }
  return hole || at < end ? -E.ENOMEM : 0;
}
