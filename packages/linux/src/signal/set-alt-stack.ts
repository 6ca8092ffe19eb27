import { E, MINSIGSTKSZ, SS } from '@tally86/abi';
import { toAddress, toSize } from '../mm/create-user-memory.ts';
import type { Task } from '../kernel/types.ts';
import { NO_ALT_STACK, stackFlags } from './alt-stack.ts';

/** Sets the alternate stack from a stack_t in bytes (kernel/signal.c, do_sigaltstack): 0 or −errno. */
export function setAltStack(task: Task, stack: Uint8Array, sp: number): number {
  const view = new DataView(stack.buffer, stack.byteOffset);
  const flags = view.getUint32(8, true);
  if (stackFlags(task.altStack, sp) === SS.ONSTACK) return -E.EPERM;
  const mode = (flags & ~SS.AUTODISARM) >>> 0;
  if (mode !== SS.DISABLE && mode !== SS.ONSTACK && mode !== 0) return -E.EINVAL;
  const size = toSize(view.getUint32(16, true), view.getUint32(20, true));
  const base = toAddress(view.getUint32(0, true), view.getUint32(4, true));
  const { altStack } = task;
  if (altStack.sp === base && altStack.size === size && altStack.flags === flags) return 0;
  if (mode === SS.DISABLE) {
    task.altStack = { ...NO_ALT_STACK, flags };
    return 0;
  }
  if (size < MINSIGSTKSZ) return -E.ENOMEM;
  task.altStack = { sp: base, size, flags };
  return 0;
}
