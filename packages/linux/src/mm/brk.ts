import { RLIMIT } from '@tally86/abi';
import { PROT, USER_END } from '@tally86/core';
import { softLimit } from '../kernel/limits.ts';
import { type AddressSpace, addVma, mayExpand, pageUp, removeRange } from './address-space.ts';
import { populate } from './populate.ts';
import { STACK_GUARD_GAP } from './stack.ts';

/** brk(2): the break after the call; unchanged if it cannot be moved (mm/mmap.c). */
export function brk(mm: AddressSpace, wanted: number): number {
  if (wanted < mm.brkStart || wanted > USER_END) return mm.brk;
  if (wanted - mm.brkStart + (mm.endData - mm.startData) > softLimit(mm.limits, RLIMIT.DATA)) return mm.brk;
  const oldEnd = pageUp(mm.brk);
  const newEnd = pageUp(wanted);
  if (newEnd < oldEnd) removeRange(mm, newEnd, oldEnd);
  else if (newEnd > oldEnd) {
    const next = mm.vmas.findFrom(oldEnd);
    if (next !== null && newEnd + (next.growsDown ? STACK_GUARD_GAP : 0) > next.start) return mm.brk;
    if (newEnd > USER_END || mm.vmas.size > mm.maxMapCount || !mayExpand(mm, newEnd - oldEnd, true)) return mm.brk;
    const tag = mm.futureTag;
    if (!addVma(mm, { start: oldEnd, end: newEnd, prot: PROT.READ | PROT.WRITE, shared: false, source: null, offset: 0, name: '[heap]', growsDown: false, tag })) return mm.brk;
    if (tag !== 0) populate(mm, oldEnd, newEnd);
  }
  mm.brk = wanted;
  return wanted;
}
