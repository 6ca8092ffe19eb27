import { SS } from '@tally86/abi';
import type { SignalStack } from './types.ts';

/** Before any sigaltstack(2): no size, so that it shows as SS_DISABLE. */
export const NO_ALT_STACK: SignalStack = { sp: 0, size: 0, flags: 0 };
/** What SS_AUTODISARM leaves while the handler runs (sas_ss_reset). */
export const DISARMED: SignalStack = { sp: 0, size: 0, flags: SS.DISABLE };

/** on_sig_stack: never with SS_AUTODISARM, because then the stack is disarmed while it is in use. */
export function isOnStack(stack: SignalStack, sp: number): boolean {
  return (stack.flags & SS.AUTODISARM) === 0 && sp > stack.sp && sp - stack.sp <= stack.size;
}

/** sas_ss_flags: SS_DISABLE, SS_ONSTACK or 0. */
export function stackFlags(stack: SignalStack, sp: number): number {
  if (stack.size === 0) return SS.DISABLE;
  return isOnStack(stack, sp) ? SS.ONSTACK : 0;
}
