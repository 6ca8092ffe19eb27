import { E, MAP, PROT_EXEC, PROT_WRITE, RLIMIT } from '@tally86/abi';
import { type Mappable, USER_END, type Vma } from '@tally86/core';
import type { MapSource } from '../kernel/file-seam.ts';
import { softLimit } from '../kernel/limits.ts';
import { type AddressSpace, addVma, isHole, isPageAligned, mayExpand, pageUp, removeRange, VMA_TAG } from './address-space.ts';
import { populate } from './populate.ts';
import { placeArea } from './place.ts';
import { createSharedAnonymous } from './shared-anonymous.ts';

export interface MmapCall {
  readonly address: number;
  /** size_t. */
  readonly length: number;
  readonly prot: number;
  readonly flags: number;
  /** Byte offset in the file; a multiple of the page size. */
  readonly offset: number;
  /** The descriptor's file; null with MAP_ANONYMOUS. */
  readonly file: MapSource | null;
}

/** Flags that MAP_SHARED_VALIDATE knows (LEGACY_MAP_MASK). */
const LEGACY_FLAGS = MAP.SHARED | MAP.PRIVATE | MAP.FIXED | MAP.ANONYMOUS | MAP.DENYWRITE | MAP.EXECUTABLE | MAP.UNINITIALIZED | MAP.GROWSDOWN |
  MAP.LOCKED | MAP.NORESERVE | MAP.POPULATE | MAP.NONBLOCK | MAP.STACK | MAP.HUGETLB | MAP['32BIT'];

/** mmap(2) once the descriptor is known: an address or −errno, checked in the order of mm/mmap.c, do_mmap. */
export function mmap(mm: AddressSpace, call: MmapCall): number {
  if (call.length === 0) return -E.EINVAL;
  const flags = (call.flags & MAP.FIXED_NOREPLACE) !== 0 ? call.flags | MAP.FIXED : call.flags;
  const length = call.length > USER_END ? Infinity : pageUp(call.length);
  if (length === Infinity) return -E.ENOMEM;
  if (call.offset + length > Number.MAX_SAFE_INTEGER) return -E.EOVERFLOW;
  if (mm.vmas.size > mm.maxMapCount) return -E.ENOMEM;
  if ((flags & MAP.FIXED) !== 0 && (flags & MAP.FIXED_NOREPLACE) !== 0 && isPageAligned(call.address) && call.address >= 0 && call.address <= USER_END - length) {
    if (!isHole(mm, call.address, call.address + length)) return -E.EEXIST;
  }
  const kind = checkKind(mm, call, flags, length);
  if (typeof kind === 'number') return kind;
  const start = placeArea(mm, call.address, length, flags);
  if (start < 0) return start;
  return mapRegion(mm, call, kind, start, length, flags);
}

interface Kind {
  readonly shared: boolean;
  readonly tag: number;
}

/** What the flags and the file allow; −errno. */
function checkKind(mm: AddressSpace, call: MmapCall, flags: number, length: number): Kind | number {
  const { file, prot } = call;
  const type = flags & MAP.TYPE;
  let tag = mm.futureTag;
  if ((flags & MAP.LOCKED) !== 0) tag |= VMA_TAG.LOCKED;
  if ((tag & VMA_TAG.LOCKED) !== 0) {
    const limit = softLimit(mm.limits, RLIMIT.MEMLOCK);
    if ((flags & MAP.LOCKED) !== 0 && limit === 0) return -E.EPERM;
    if (mm.lockedBytes + length > limit) return -E.EAGAIN;
  }
  if ((flags & MAP.NORESERVE) !== 0) tag |= VMA_TAG.NORESERVE;
  const growsDown = (flags & MAP.GROWSDOWN) !== 0;
  if (file === null) {
    if (type !== MAP.SHARED && type !== MAP.PRIVATE) return -E.EINVAL;
    if (type === MAP.SHARED && growsDown) return -E.EINVAL;
    return { shared: type === MAP.SHARED, tag };
  }
  if (type === MAP.SHARED_VALIDATE && (flags & ~(LEGACY_FLAGS | MAP.SHARED_VALIDATE | MAP.FIXED_NOREPLACE)) !== 0) return -E.EOPNOTSUPP;
  const shared = type === MAP.SHARED || type === MAP.SHARED_VALIDATE;
  if (!shared && type !== MAP.PRIVATE) return -E.EINVAL;
  if (shared && (prot & PROT_WRITE) !== 0 && !file.writable) return -E.EACCES;
  if (!file.readable) return -E.EACCES;
  if (file.noexec && (prot & PROT_EXEC) !== 0) return -E.EPERM;
  if (growsDown) return -E.EINVAL;
  if (shared && file.sealed === true && (prot & PROT_WRITE) !== 0) return -E.EPERM;
  // A read-only shared mapping can never become writable; noexec mounts never executable.
  if (shared && (!file.writable || file.sealed === true)) tag |= VMA_TAG.DENY_WRITE;
  if (file.noexec) tag |= VMA_TAG.DENY_EXEC;
  return { shared, tag };
}

function mapRegion(mm: AddressSpace, call: MmapCall, kind: Kind, start: number, length: number, flags: number): number {
  const { file, prot } = call;
  const end = start + length;
  const growsDown = (flags & MAP.GROWSDOWN) !== 0;
  if (!mayExpand(mm, length - overlapBytes(mm, start, end), (prot & PROT_WRITE) !== 0 && !kind.shared && !growsDown, (kind.tag & VMA_TAG.NORESERVE) === 0)) return -E.ENOMEM;
  removeRange(mm, start, end);
  let source: Mappable | null = file?.mappable ?? null;
  if (file !== null) mm.remember(file.mappable, { device: file.device, inode: file.inode, path: file.path });
  else if (kind.shared) source = createSharedAnonymous(length);
  const vma: Vma = {
    start, end, prot: prot & 7, shared: kind.shared, source, growsDown, tag: kind.tag,
    offset: file === null ? 0 : call.offset,
    name: file?.path ?? (kind.shared ? '/dev/zero (deleted)' : ''),
  };
  if (!addVma(mm, vma)) return -E.ENOMEM;
  if ((kind.tag & VMA_TAG.LOCKED) !== 0 || (flags & (MAP.POPULATE | MAP.NONBLOCK)) === MAP.POPULATE) populate(mm, start, end);
  return start;
}

/** Bytes of [start, end) that are mapped now: MAP_FIXED replaces them. */
function overlapBytes(mm: AddressSpace, start: number, end: number): number {
  let bytes = 0;
  for (const vma of mm.vmas.range(start, end)) bytes += Math.min(vma.end, end) - Math.max(vma.start, start);
  return bytes;
}
