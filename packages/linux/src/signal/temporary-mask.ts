import { E } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { UNBLOCKABLE } from './actions.ts';

/** Ends a temporary mask. `interrupted`: a signal ended the call, and its handler runs under the temporary mask first. */
export type RestoreMask = (interrupted: boolean) => void;

/** A signal mask for the time of one call (set_user_sigmask): how to end it; −EINVAL, −EFAULT. */
export function swapMask(task: Task, address: number, size: number): RestoreMask | number {
  if (size !== 8) return -E.EINVAL;
  const mask = task.user.readU64(address);
  if (mask === null) return -E.EFAULT;
  const old = task.signalMask;
  task.savedSignalMask = old;
  task.signalMask = mask & ~UNBLOCKABLE;
  return (interrupted) => {
    // Delivery puts the old one into the handler's frame, or back if there is no handler.
    if (interrupted) return;
    task.signalMask = old;
    task.savedSignalMask = null;
  };
}
