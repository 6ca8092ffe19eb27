import { E, MAP, MREMAP, RLIMIT } from '@tally86/abi';
import { USER_END, type Vma } from '@tally86/core';
import { softLimit } from '../kernel/limits.ts';
import { type AddressSpace, addVma, changeVmas, isData, isHole, isPageAligned, mayExpand, pageUp, removeRange, VMA_TAG } from './address-space.ts';
import { placeArea } from './place.ts';
import { isSharedAnonymous } from './shared-anonymous.ts';

export interface MremapCall {
  readonly address: number;
  readonly oldLength: number;
  readonly newLength: number;
  readonly flags: number;
  readonly newAddress: number;
}

/** mremap(2): the new address or −errno, checked in the order of mm/mremap.c. */
export function mremap(mm: AddressSpace, call: MremapCall): number {
  const { address, flags } = call;
  const fixed = (flags & MREMAP.FIXED) !== 0;
  const mayMove = (flags & MREMAP.MAYMOVE) !== 0;
  const dontUnmap = (flags & MREMAP.DONTUNMAP) !== 0;
  if ((flags & ~(MREMAP.FIXED | MREMAP.MAYMOVE | MREMAP.DONTUNMAP)) !== 0) return -E.EINVAL;
  if (fixed && !mayMove) return -E.EINVAL;
  if (dontUnmap && (!mayMove || call.oldLength !== call.newLength)) return -E.EINVAL;
  if (address < 0 || !isPageAligned(address)) return address < 0 ? -E.EFAULT : -E.EINVAL;
  const oldLength = call.oldLength > USER_END ? Infinity : pageUp(call.oldLength);
  const newLength = call.newLength > USER_END ? Infinity : pageUp(call.newLength);
  if (newLength === 0) return -E.EINVAL;
  const vma = mm.vmas.find(address);
  if (vma === null) return -E.EFAULT;
  if (fixed || dontUnmap) return remapTo(mm, vma, call, oldLength, newLength);
  if (oldLength >= newLength) {
    // The tail may cross into the next VMAs, as in munmap.
    if (oldLength > newLength) {
      if (oldLength === Infinity || address + oldLength > USER_END) return -E.EINVAL;
      removeRange(mm, address + newLength, address + oldLength);
    }
    return address;
  }
  const error = checkResize(mm, vma, address, oldLength, newLength, false);
  if (error < 0) return error;
  const end = address + oldLength;
  if (end === vma.end && address + newLength <= USER_END && isHole(mm, end, address + newLength)) {
    if (!addVma(mm, { ...vma, start: end, end: address + newLength, offset: vma.source === null ? 0 : vma.offset + (end - vma.start) })) return -E.ENOMEM;
    mm.strategy.onMap(end, address + newLength, null);
    return address;
  }
  if (!mayMove) return -E.ENOMEM;
  const target = placeArea(mm, 0, newLength, 0);
  return target < 0 ? target : moveVma(mm, vma, address, oldLength, target, newLength, false);
}

/** MREMAP_FIXED and MREMAP_DONTUNMAP (mremap_to). */
function remapTo(mm: AddressSpace, first: Vma, call: MremapCall, oldLength: number, newLength: number): number {
  const { address, newAddress } = call;
  const fixed = (call.flags & MREMAP.FIXED) !== 0;
  const dontUnmap = (call.flags & MREMAP.DONTUNMAP) !== 0;
  if (newAddress < 0 || !isPageAligned(newAddress) || newLength > USER_END || newAddress > USER_END - newLength) return -E.EINVAL;
  if (oldLength > USER_END || (address + oldLength > newAddress && newAddress + newLength > address)) return -E.EINVAL;
  if (mm.vmas.size + 2 >= mm.maxMapCount - 3) return -E.ENOMEM;
  if (fixed) {
    if (newAddress < mm.minAddress) return -E.EPERM;
    removeRange(mm, newAddress, newAddress + newLength);
  }
  let length = oldLength;
  if (oldLength > newLength) {
    removeRange(mm, address + newLength, address + oldLength);
    length = newLength;
  }
  const vma = mm.vmas.find(address) ?? first;
  const error = checkResize(mm, vma, address, length, newLength, dontUnmap);
  if (error < 0) return error;
  const target = placeArea(mm, newAddress, newLength, fixed ? MAP.FIXED : 0);
  return target < 0 ? target : moveVma(mm, vma, address, length, target, newLength, dontUnmap);
}

/** vma_to_resize. */
function checkResize(mm: AddressSpace, vma: Vma, address: number, oldLength: number, newLength: number, dontUnmap: boolean): number {
  if (oldLength === 0 && !vma.shared) return -E.EINVAL;
  if (oldLength > vma.end - address) return -E.EFAULT;
  const growth = dontUnmap ? newLength : newLength - oldLength;
  if (growth === 0) return 0;
  if (newLength > USER_END) return -E.ENOMEM;
  if ((vma.tag & VMA_TAG.LOCKED) !== 0 && mm.lockedBytes + growth > softLimit(mm.limits, RLIMIT.MEMLOCK)) return -E.EAGAIN;
  return mayExpand(mm, growth, isData(vma)) ? 0 : -E.ENOMEM;
}

/** Moves pages and attributes of [from, from + oldLength) to a free place of newLength bytes. */
function moveVma(mm: AddressSpace, vma: Vma, from: number, oldLength: number, to: number, newLength: number, dontUnmap: boolean): number {
  if (mm.vmas.size >= mm.maxMapCount - 3) return -E.ENOMEM;
  const offset = vma.source === null ? 0 : vma.offset + (from - vma.start);
  if (!addVma(mm, { ...vma, start: to, end: to + newLength, offset })) return -E.ENOMEM;
  if (oldLength === 0) {
    if (isSharedAnonymous(vma.source)) vma.source.keep();
    return to;
  }
  if (!mm.mmu.move(from, to, oldLength)) {
    removeRange(mm, to, to + newLength);
    return -E.ENOMEM;
  }
  mm.onMapping?.({ kind: 'move', start: from, end: from + oldLength, prot: vma.prot });
  if (dontUnmap) {
    if (isSharedAnonymous(vma.source)) vma.source.keep();
    changeVmas(mm, from, from + oldLength, (old) => ({ ...old, tag: old.tag & ~VMA_TAG.LOCKED }));
  } else removeRange(mm, from, from + oldLength);
  return to;
}
