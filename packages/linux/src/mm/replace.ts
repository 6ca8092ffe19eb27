import type { Process } from '../kernel/types.ts';
import { createSiblingSpace, releaseAddressSpace } from './create-address-space.ts';

/** A process lets go of its address space; the last one to do so gives the memory back (mmput). */
export function dropAddressSpace({ mm, kernel }: Process): void {
  mm.users -= 1;
  if (mm.users > 0) return;
  kernel.engines.leave(mm);
  releaseAddressSpace(mm);
}

/** execve: an empty address space for a program in place of the old one, which others may go on with (fs/exec.c, exec_mmap). */
export function replaceAddressSpace(process: Process, program: string): void {
  const fresh = createSiblingSpace(process.mm, process.limits);
  fresh.program = program;
  dropAddressSpace(process);
  process.mm = fresh;
  process.kernel.engines.enter(fresh);
}
