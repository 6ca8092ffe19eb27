import { E, MAP, MLOCK_ONFAULT } from '@tally86/abi';
import { brk } from '../mm/brk.ts';
import { isPageAligned } from '../mm/address-space.ts';
import { madvise } from '../mm/madvise.ts';
import { lockAll, lockRange, mincore } from '../mm/mlock.ts';
import { mmap } from '../mm/mmap.ts';
import { mprotect } from '../mm/mprotect.ts';
import { mremap } from '../mm/mremap.ts';
import { msync } from '../mm/msync.ts';
import { munmap } from '../mm/munmap.ts';
import { absent, fixed, full, partial } from './define.ts';
import type { SyscallEntry, SyscallHandler } from './types.ts';

const sysMmap: SyscallHandler = ({ process, files }, args) => {
  const offset = args.size(5);
  if (!isPageAligned(offset) && offset < Number.MAX_SAFE_INTEGER) return -E.EINVAL;
  const flags = args.u32(3);
  const anonymous = (flags & MAP.ANONYMOUS) !== 0;
  const file = anonymous ? null : files.mapSource(args.i32(4));
  if (typeof file === 'number') return file;
  // Nobody reserved huge pages.
  if ((flags & MAP.HUGETLB) !== 0) return anonymous ? -E.ENOMEM : -E.EINVAL;
  return mmap(process.mm, { address: args.ptr(0), length: args.size(1), prot: args.u32(2), flags, offset: anonymous ? 0 : offset, file });
};

const lock = (locking: boolean, touch: (flags: number) => boolean | null): SyscallHandler => ({ process }, args) => {
  const touching = touch(args.u32(2));
  return touching === null ? -E.EINVAL : lockRange(process.mm, args.ptr(0), args.size(1), locking, touching);
};

/** mm/: mappings and what programs tell about them. */
export const memorySyscalls: readonly SyscallEntry[] = [
  full('mmap', 'ptr size prot mapflags fd hex', sysMmap),
  full('munmap', 'ptr size', ({ process }, args) => munmap(process.mm, args.ptr(0), args.size(1))),
  full('mprotect', 'ptr size prot', ({ process }, args) => mprotect(process.mm, args.ptr(0), args.size(1), args.u32(2))),
  full('mremap', 'ptr size size hex ptr', ({ process }, args) =>
    mremap(process.mm, { address: args.ptr(0), oldLength: args.size(1), newLength: args.size(2), flags: args.u32(3), newAddress: args.ptr(4) })),
  full('brk', 'ptr', ({ process }, args) => brk(process.mm, args.ptr(0))),
  partial('madvise', 'ptr size int', 'MADV_FREE keeps the pages; advice about swapping and huge pages has no effect', ({ process }, args) =>
    madvise(process.mm, args.ptr(0), args.size(1), args.i32(2))),
  full('msync', 'ptr size int', ({ process }, args) => msync(process.mm, args.ptr(0), args.size(1), args.i32(2))),
  full('mincore', 'ptr size ptr', ({ process }, args) => mincore(process.mm, args.ptr(0), args.size(1), args.ptr(2))),
  full('mlock', 'ptr size', lock(true, () => true)),
  full('mlock2', 'ptr size int', lock(true, (flags) => ((flags & ~MLOCK_ONFAULT) !== 0 ? null : flags === 0))),
  full('munlock', 'ptr size', lock(false, () => false)),
  full('mlockall', 'int', ({ process }, args) => (args.i32(0) === 0 ? -E.EINVAL : lockAll(process.mm, args.i32(0)))),
  full('munlockall', '', ({ process }) => lockAll(process.mm, 0)),
  fixed('pkey_mprotect', 'ptr size prot int', 'no protection keys: only key −1', ({ process }, args) =>
    args.i32(3) === -1 ? mprotect(process.mm, args.ptr(0), args.size(1), args.u32(2)) : -E.EINVAL),
  fixed('pkey_alloc', 'uint uint', 'no protection keys', (_, args) => (args.u32(0) !== 0 || (args.u32(1) & ~3) !== 0 ? -E.EINVAL : -E.ENOSPC)),
  fixed('pkey_free', 'int', 'no protection keys', -E.EINVAL),
  absent('remap_file_pages', 'deprecated'),
  absent('mbind', 'NUMA'),
  absent('set_mempolicy', 'NUMA'),
  absent('get_mempolicy', 'NUMA'),
  absent('migrate_pages', 'NUMA'),
  absent('move_pages', 'NUMA'),
  absent('userfaultfd', 'not configured'),
  absent('memfd_secret', 'not configured'),
];
