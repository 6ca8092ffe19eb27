import { RLIMIT } from '@tally86/abi';
import { PAGE_SIZE, type PageBacking, type Pager, type Vma } from '@tally86/core';
import { softLimit } from '../kernel/limits.ts';
import { account, type AddressSpace, mayExpand, pageDown, pageProt } from './address-space.ts';

/** stack_guard_gap: 256 pages below a stack stay free. */
export const STACK_GUARD_GAP = 256 * PAGE_SIZE;

/** Extends a VMA that grows down so that it holds `address` (mm/mmap.c, expand_downwards); false: the touch faults. */
export function expandStack(mm: AddressSpace, vma: Vma, address: number): boolean {
  const start = pageDown(address);
  if (start < mm.minAddress) return false;
  const below = mm.vmas.findBelow(vma.start);
  if (below !== null && !below.growsDown && below.prot !== 0 && start - below.end < STACK_GUARD_GAP) return false;
  if (below !== null && below.end > start) return false;
  if (vma.end - start > softLimit(mm.limits, RLIMIT.STACK)) return false;
  const bytes = vma.start - start;
  if (!mayExpand(mm, bytes, false)) return false;
  if (!mm.mmu.map(start, vma.start, pageProt(vma.prot))) return false;
  mm.vmas.insert({ ...vma, start, end: vma.start, offset: 0 });
  account(mm, vma, bytes, 1);
  mm.onMapping?.({ kind: 'map', start, end: vma.start, prot: vma.prot });
  return true;
}

/** Answers the Mmu's page faults from the VMAs. */
export function createPager(mm: AddressSpace): Pager {
  return {
    backing(address): PageBacking | null {
      let vma = mm.vmas.find(address);
      if (vma === null) {
        const above = mm.vmas.findFrom(address);
        if (above === null || !above.growsDown || !expandStack(mm, above, address)) return null;
        vma = mm.vmas.find(address);
        if (vma === null) return null;
      }
      return {
        prot: pageProt(vma.prot),
        shared: vma.shared,
        source: vma.source,
        pageIndex: vma.source === null ? 0 : (vma.offset + pageDown(address) - vma.start) / PAGE_SIZE,
      };
    },
  };
}
