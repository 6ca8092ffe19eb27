import { E } from '@tally86/abi';
import type { SyscallResult } from '../sched/wait.ts';
import type { CloneRequest } from './clone-request.ts';
import type { Task } from './types.ts';

/** A new process; flags, limits and the wanted number are checked. Without CLONE_THREAD nothing is there yet. */
export function cloneProcess({ kernel }: Task, _request: CloneRequest): SyscallResult {
  kernel.note('new processes are not supported: ENOSYS');
  return -E.ENOSYS;
}
