import { E } from '@tally86/abi';
import { USER_END } from '@tally86/core';
import { type AddressSpace, isPageAligned, pageUp, removeRange, splitsOne } from './address-space.ts';

/** munmap(2): 0 or −errno. */
export function munmap(mm: AddressSpace, start: number, length: number): number {
  if (start < 0 || !isPageAligned(start) || start > USER_END || length > USER_END - start) return -E.EINVAL;
  const size = pageUp(length);
  if (size === 0) return -E.EINVAL;
  if (mm.vmas.size >= mm.maxMapCount && splitsOne(mm, start, start + size)) return -E.ENOMEM;
  removeRange(mm, start, start + size);
  return 0;
}
