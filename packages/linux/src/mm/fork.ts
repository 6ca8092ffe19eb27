import { USER_END } from '@tally86/core';
import { account, type AddressSpace, pageProt, VMA_TAG } from './address-space.ts';
import { createSiblingSpace, releaseAddressSpace } from './create-address-space.ts';
import type { Limits } from '../kernel/limits.ts';
import { isSharedAnonymous } from './shared-anonymous.ts';

/** The address space of a forked child: pages are shared until one side stores (kernel/fork.c, dup_mmap). Null: the memory budget does not hold it. */
export function forkAddressSpace(mm: AddressSpace, limits: Limits): AddressSpace | null {
  const child = createSiblingSpace(mm, limits);
  child.strategy.restore(mm.strategy.snapshot());
  child.program = mm.program;
  child.mmapBase = mm.mmapBase;
  child.brkStart = mm.brkStart;
  child.brk = mm.brk;
  child.startData = mm.startData;
  child.endData = mm.endData;
  child.expeditedBarriers = mm.expeditedBarriers;
  for (const vma of mm.vmas.range(0, USER_END)) {
    if ((vma.tag & VMA_TAG.DONTFORK) !== 0) continue;
    const copy = { ...vma, tag: vma.tag & ~VMA_TAG.LOCKED };
    if (isSharedAnonymous(vma.source)) vma.source.keep();
    const whole = child.mmu.map(vma.start, vma.end, pageProt(vma.prot));
    child.vmas.insert(copy);
    account(child, copy, copy.end - copy.start, 1);
    if (!whole || ((vma.tag & VMA_TAG.WIPEONFORK) === 0 && !mm.mmu.share(child.mmu, vma.start, vma.end))) {
      releaseAddressSpace(child);
      return null;
    }
  }
  return child;
}
