import { type Mappable, type MappingEvent, PAGE_SIZE, USER_END } from '@tally86/core';
import { RLIMIT } from '@tally86/abi';
import { type Limits, softLimit } from '../kernel/limits.ts';
import type { AddressSpaceParts } from '../kernel/types.ts';
import { type AddressSpace, type MappedFile, pageUp, removeRange } from './address-space.ts';
import { createUserMemory } from './create-user-memory.ts';
import { createPager, STACK_GUARD_GAP } from './stack.ts';

export interface AddressSpaceOptions {
  readonly parts: AddressSpaceParts;
  readonly limits: Limits;
  readonly maxMapCount: number;
  readonly minAddress: number;
  readonly onMapping: ((event: MappingEvent) => void) | null;
  readonly files?: AddressSpace['files'];
}

const MIN_STACK_GAP = 128 * 1024 * 1024;

/** Where top-down placement starts, without randomisation (arch/x86/mm/mmap.c, mmap_base). */
export function mmapBaseFor(limits: Limits): number {
  const gap = softLimit(limits, RLIMIT.STACK) + STACK_GUARD_GAP;
  const clamped = Math.min(Math.max(gap, MIN_STACK_GAP), Math.floor((USER_END / 6) * 5));
  return USER_END - pageUp(clamped);
}

/** An empty address space over the parts; it becomes the Mmu's pager. */
export function createAddressSpace(options: AddressSpaceOptions): AddressSpace {
  const { mmu, vmas, strategy } = options.parts;
  const files = options.files ?? new WeakMap<Mappable, MappedFile>();
  const mm: AddressSpace = {
    users: 1,
    mmu, vmas, strategy, files,
    limits: options.limits,
    maxMapCount: options.maxMapCount,
    minAddress: options.minAddress,
    onMapping: options.onMapping,
    user: createUserMemory(mmu),
    program: '',
    brkStart: 0, brk: 0, startData: 0, endData: 0,
    mmapBase: mmapBaseFor(options.limits),
    mappedBytes: 0, dataBytes: 0, lockedBytes: 0, futureTag: 0, expeditedBarriers: false,
    freshStrategy: strategy.snapshot(),
    describe: (source) => files.get(source),
    remember: (source, file) => void files.set(source, file),
  };
  mmu.pager = createPager(mm);
  return mm;
}

/** An empty address space beside another one, on the same memory. */
export function createSiblingSpace({ mmu, vmas, strategy, maxMapCount, minAddress, onMapping, files, freshStrategy }: AddressSpace, limits: Limits): AddressSpace {
  const fresh = strategy.clone();
  fresh.restore(freshStrategy);
  return createAddressSpace({ parts: { mmu: mmu.createSibling(), vmas: vmas.create(), strategy: fresh }, limits, maxMapCount, minAddress, onMapping, files });
}

/** Nobody uses it any more. */
export function releaseAddressSpace(mm: AddressSpace): void {
  clearAddressSpace(mm);
  mm.mmu.release();
}

/** Drops every mapping. */
export function clearAddressSpace(mm: AddressSpace): void {
  removeRange(mm, 0, USER_END + PAGE_SIZE);
  mm.brkStart = mm.brk = mm.startData = mm.endData = mm.futureTag = 0;
  mm.expeditedBarriers = false;
  mm.mmapBase = mmapBaseFor(mm.limits);
  mm.strategy.restore(mm.freshStrategy);
}
