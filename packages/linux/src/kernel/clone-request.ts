import { E } from '@tally86/abi';
import type { Task } from './types.ts';

/** What fork, vfork, clone and clone3 ask for (struct kernel_clone_args). */
export interface CloneRequest {
  /** CLONE_ flags below 2^32, without the signal. */
  readonly flags: number;
  /** CLONE_CLEAR_SIGHAND, CLONE_INTO_CGROUP of clone3. */
  readonly clearHandlers: boolean;
  readonly intoCgroup: boolean;
  /** Sent to the parent at the end; 0: none. */
  readonly exitSignal: number;
  /** The new rsp; 0n: the caller's. */
  readonly stack: bigint;
  readonly tls: bigint;
  /** Addresses for CLONE_PIDFD, CLONE_PARENT_SETTID, CLONE_CHILD_SETTID and CLONE_CHILD_CLEARTID. */
  readonly pidfd: number;
  readonly parentTid: number;
  readonly childTid: number;
  /** Numbers that the new task is to have, the innermost name space's first; empty: the next one. */
  readonly setTid: readonly number[];
}

/** The number of the task to be made: the one asked for, or the next; −EAGAIN if there is none. */
export function numberFor({ kernel }: Task, { setTid }: CloneRequest): number {
  if (setTid.length > 0) return kernel.pids.claim(setTid[0]);
  const next = kernel.pids.next();
  return next < 0 ? -E.EAGAIN : next;
}
