import { E, MADV } from '@tally86/abi';
import { PAGE_SIZE, PROT, USER_END, type Vma } from '@tally86/core';
import { type AddressSpace, changeVmas, isPageAligned, pageUp, VMA_TAG } from './address-space.ts';
import { isSharedAnonymous } from './shared-anonymous.ts';

/** Sets and clears tag bits; false: the VMA refuses with EINVAL. */
interface TagChange {
  readonly set: number;
  readonly clear: number;
}

/** Advice that only changes a VMA's flags (mm/madvise.c, madvise_vma_behavior). */
const TAG_CHANGES: Readonly<Record<number, TagChange>> = {
  [MADV.NORMAL]: { set: 0, clear: VMA_TAG.RANDOM | VMA_TAG.SEQUENTIAL },
  [MADV.RANDOM]: { set: VMA_TAG.RANDOM, clear: VMA_TAG.SEQUENTIAL },
  [MADV.SEQUENTIAL]: { set: VMA_TAG.SEQUENTIAL, clear: VMA_TAG.RANDOM },
  [MADV.DONTFORK]: { set: VMA_TAG.DONTFORK, clear: 0 },
  [MADV.DOFORK]: { set: 0, clear: VMA_TAG.DONTFORK },
  [MADV.DONTDUMP]: { set: VMA_TAG.DONTDUMP, clear: 0 },
  [MADV.DODUMP]: { set: 0, clear: VMA_TAG.DONTDUMP },
  [MADV.WIPEONFORK]: { set: VMA_TAG.WIPEONFORK, clear: 0 },
  [MADV.KEEPONFORK]: { set: 0, clear: VMA_TAG.WIPEONFORK },
  [MADV.MERGEABLE]: { set: VMA_TAG.MERGEABLE, clear: 0 },
  [MADV.UNMERGEABLE]: { set: 0, clear: VMA_TAG.MERGEABLE },
  [MADV.HUGEPAGE]: { set: VMA_TAG.HUGEPAGE, clear: VMA_TAG.NOHUGEPAGE },
  [MADV.NOHUGEPAGE]: { set: VMA_TAG.NOHUGEPAGE, clear: VMA_TAG.HUGEPAGE },
};

/** Advice that needs nothing here: pages are never swapped or read ahead. MADV_FREE keeps the contents, as a kernel with free memory does. */
const NO_EFFECT: ReadonlySet<number> = new Set([MADV.WILLNEED, MADV.FREE, MADV.COLD, MADV.PAGEOUT]);
const KNOWN: ReadonlySet<number> = new Set([...Object.keys(TAG_CHANGES).map(Number), ...NO_EFFECT, MADV.DONTNEED, MADV.DONTNEED_LOCKED, MADV.REMOVE, MADV.POPULATE_READ, MADV.POPULATE_WRITE]);

/** madvise(2): 0 or −errno. Holes give ENOMEM after the rest was advised. */
export function madvise(mm: AddressSpace, address: number, length: number, advice: number): number {
  if (advice === MADV.HWPOISON || advice === MADV.SOFT_OFFLINE) return -E.EPERM;
  if (!KNOWN.has(advice)) return -E.EINVAL;
  if (address >= 0 && !isPageAligned(address)) return -E.EINVAL;
  if (length > USER_END) return -E.EINVAL;
  if (length === 0) return 0;
  if (address < 0 || address + length > USER_END) return -E.ENOMEM;
  const end = address + pageUp(length);
  // Populating goes page by page and stops at the first hole; all other advice goes on behind it.
  const populates = advice === MADV.POPULATE_READ || advice === MADV.POPULATE_WRITE;
  let hole = false;
  let at = address;
  for (const vma of [...mm.vmas.range(address, end)]) {
    if (vma.start > at) hole = true;
    if (hole && populates) return -E.ENOMEM;
    const start = Math.max(vma.start, address);
    at = Math.min(vma.end, end);
    const error = advise(mm, vma, start, at, advice);
    if (error < 0) return error;
  }
  return hole || at < end ? -E.ENOMEM : 0;
}

function advise(mm: AddressSpace, vma: Vma, start: number, end: number, advice: number): number {
  const change = TAG_CHANGES[advice];
  if (change !== undefined) {
    if (advice === MADV.WIPEONFORK && (vma.source !== null || vma.shared)) return -E.EINVAL;
    const tag = (vma.tag & ~change.clear) | change.set;
    if (tag === vma.tag) return 0;
    if (mm.vmas.size >= mm.maxMapCount && (start > vma.start || end < vma.end)) return -E.ENOMEM;
    changeVmas(mm, start, end, (old) => ({ ...old, tag: (old.tag & ~change.clear) | change.set }));
    return 0;
  }
  switch (advice) {
    case MADV.FREE:
      return vma.source === null ? 0 : -E.EINVAL;
    case MADV.DONTNEED:
    case MADV.DONTNEED_LOCKED:
      if (advice === MADV.DONTNEED && (vma.tag & VMA_TAG.LOCKED) !== 0) return -E.EINVAL;
      // A shared page's contents belong to the object: only private pages are lost.
      if (vma.shared) return 0;
      mm.mmu.discard(start, end);
      return 0;
    case MADV.REMOVE:
      return remove(mm, vma, start, end);
    case MADV.POPULATE_READ:
    case MADV.POPULATE_WRITE:
      return populateAdvice(mm, vma, start, end, advice === MADV.POPULATE_WRITE ? PROT.WRITE : PROT.READ);
    default:
      return 0;
  }
}

/** MADV_REMOVE: punches a hole into what is behind a shared mapping; only nameless memory can do that here. */
function remove(mm: AddressSpace, vma: Vma, start: number, end: number): number {
  if ((vma.tag & VMA_TAG.LOCKED) !== 0 || vma.source === null) return -E.EINVAL;
  if (!vma.shared || (vma.prot & PROT.WRITE) === 0) return -E.EACCES;
  if (!isSharedAnonymous(vma.source)) return -E.EOPNOTSUPP;
  const first = (vma.offset + start - vma.start) / PAGE_SIZE;
  // By present pages, not by addresses: a reservation may be endless.
  const present: number[] = [];
  mm.mmu.forEachPage((address) => {
    if (address >= start && address < end) present.push(address);
  });
  for (const address of present) mm.mmu.zero(address, PAGE_SIZE);
  vma.source.punch(first, first + (end - start) / PAGE_SIZE);
  return 0;
}

function populateAdvice(mm: AddressSpace, vma: Vma, start: number, end: number, access: number): number {
  if ((vma.prot & access) === 0) return -E.EINVAL;
  for (let address = start; address < end; address += PAGE_SIZE) {
    if (mm.mmu.translate(address, access) >= 0) continue;
    const { reason } = mm.mmu.fault;
    return reason === 'budget' ? -E.ENOMEM : reason === 'bus' ? -E.EFAULT : -E.ENOMEM;
  }
  return 0;
}
