import { E, MAP } from '@tally86/abi';
import { PAGE_SIZE, USER_END } from '@tally86/core';
import { type AddressSpace, isPageAligned, pageDown } from './address-space.ts';

/** Where MAP_32BIT places, bottom-up (arch/x86/kernel/sys_x86_64.c, find_start_end). */
const LOW_2G = { low: 0x4000_0000, high: 0x8000_0000 };

/** An address for `length` bytes, or −errno (get_unmapped_area). Tells the strategy of the placement. */
export function placeArea(mm: AddressSpace, hint: number, length: number, flags: number): number {
  if (length > USER_END) return -E.ENOMEM;
  if ((flags & MAP.FIXED) !== 0) {
    if (hint > USER_END - length || hint < 0) return -E.ENOMEM;
    if (!isPageAligned(hint)) return -E.EINVAL;
    if (hint < mm.minAddress) return -E.EPERM;
    mm.strategy.onMap(hint, hint + length, null);
    return hint;
  }
  if ((flags & MAP['32BIT']) !== 0) {
    const start = mm.vmas.gaps.firstFit(length, LOW_2G.low, LOW_2G.high);
    if (start === null) return -E.ENOMEM;
    mm.strategy.onMap(start, start + length, null);
    return start;
  }
  const request = { length, hint: usableHint(mm, hint, length), alignment: PAGE_SIZE, mmapBase: mm.mmapBase };
  const start = mm.strategy.findFreeArea(mm.vmas.gaps, request);
  if (start === null) return -E.ENOMEM;
  mm.strategy.onMap(start, start + length, request);
  return start;
}

/** The hint as the kernel takes it: rounded, at least mmap_min_addr, 0 if it cannot hold the length. Guard gaps are the gap view's business. */
function usableHint(mm: AddressSpace, hint: number, length: number): number {
  if (hint <= 0) return 0;
  const start = Math.max(pageDown(hint), mm.minAddress);
  return start > USER_END - length ? 0 : start;
}
