import { E } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';

/**
 * Identity of a futex word, or −errno (kernel/futex/core.c, get_futex_key). Private: the address space and the address. Shared: the object
 * that the page shows and the offset in it; a private page is known by its address space again, but is another futex than under the private flag.
 */
export function futexKey(task: Task, address: number, shared: boolean): string | number {
  if (address >= 0 && address % 4 !== 0) return -E.EINVAL;
  const { user, kernel: { futexes }, process: { mm } } = task;
  if (!user.inUserSpace(address, 4)) return -E.EFAULT;
  if (!shared) return `private ${futexes.identify(mm)} ${address}`;
  if (user.readU8(address) < 0) return -E.EFAULT;
  const vma = mm.vmas.find(address);
  if (vma === null || !vma.shared || vma.source === null) return `memory ${futexes.identify(mm)} ${address}`;
  return `object ${futexes.identify(vma.source)} ${vma.offset + address - vma.start}`;
}
