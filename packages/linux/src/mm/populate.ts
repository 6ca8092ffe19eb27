import { PAGE_SIZE, PROT } from '@tally86/core';
import type { AddressSpace } from './address-space.ts';

/** Touches the pages of [start, end) as mlock and MAP_POPULATE do: writable private ones for writing. Stops at the first that cannot be had; returns true if none. */
export function populate(mm: AddressSpace, start: number, end: number): boolean {
  for (const vma of mm.vmas.range(start, end)) {
    if (vma.prot === 0) continue;
    const access = (vma.prot & PROT.WRITE) !== 0 && !vma.shared ? PROT.WRITE : PROT.READ;
    const last = Math.min(vma.end, end);
    for (let address = Math.max(vma.start, start); address < last; address += PAGE_SIZE) {
      if (mm.mmu.translate(address, access) < 0) return false;
    }
  }
  return true;
}
