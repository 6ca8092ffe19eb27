import { E, PROT_EXEC, PROT_GROWSDOWN, PROT_GROWSUP, PROT_SEM, PROT_WRITE, RLIMIT } from '@tally86/abi';
import { USER_END } from '@tally86/core';
import { softLimit } from '../kernel/limits.ts';
import { type AddressSpace, changeVmas, isData, isPageAligned, pageProt, pageUp, splitsOne, VMA_TAG } from './address-space.ts';

/** mprotect(2) in the order of mm/mprotect.c: 0 or −errno; what lies before a hole or a refused VMA is changed all the same. */
export function mprotect(mm: AddressSpace, address: number, length: number, protection: number): number {
  const grows = protection & (PROT_GROWSDOWN | PROT_GROWSUP);
  const prot = protection & ~(PROT_GROWSDOWN | PROT_GROWSUP);
  if (grows === (PROT_GROWSDOWN | PROT_GROWSUP)) return -E.EINVAL;
  // −1 stands for every address above user space: aligned or not is not known, but nothing is mapped there.
  if (address >= 0 && !isPageAligned(address)) return -E.EINVAL;
  if (length === 0) return 0;
  if (address < 0 || length > USER_END || address + pageUp(length) > USER_END) return -E.ENOMEM;
  if ((prot & ~(7 | PROT_SEM)) !== 0) return -E.EINVAL;
  const end = address + pageUp(length);
  let start = address;
  const first = mm.vmas.findFrom(start);
  if (first === null) return -E.ENOMEM;
  if (grows === PROT_GROWSDOWN) {
    if (first.start >= end) return -E.ENOMEM;
    if (!first.growsDown) return -E.EINVAL;
    start = first.start;
  } else if (first.start > start) return -E.ENOMEM;
  else if (grows === PROT_GROWSUP) return -E.EINVAL;
  if (mm.vmas.size + 1 > mm.maxMapCount && splitsOne(mm, start, end)) return -E.ENOMEM;
  return change(mm, start, end, prot & 7);
}

function change(mm: AddressSpace, start: number, end: number, prot: number): number {
  let result = 0;
  let stop = start;
  let grown = 0;
  for (const vma of mm.vmas.range(start, end)) {
    if (vma.start > stop) break;
    if (((prot & PROT_WRITE) !== 0 && (vma.tag & VMA_TAG.DENY_WRITE) !== 0) || ((prot & PROT_EXEC) !== 0 && (vma.tag & VMA_TAG.DENY_EXEC) !== 0)) {
      result = -E.EACCES;
      break;
    }
    const upTo = Math.min(vma.end, end);
    if (!isData(vma) && isData({ ...vma, prot })) {
      grown += upTo - stop;
      if (mm.dataBytes + grown > softLimit(mm.limits, RLIMIT.DATA)) {
        result = -E.ENOMEM;
        break;
      }
    }
    stop = upTo;
  }
  if (result === 0 && stop < end) result = -E.ENOMEM;
  if (stop === start) return result;
  changeVmas(mm, start, stop, (vma) => ({ ...vma, prot }));
  if (!mm.mmu.protect(start, stop, pageProt(prot))) return -E.ENOMEM;
  mm.onMapping?.({ kind: 'protect', start, end: stop, prot });
  return result;
}
