import { E, S } from '@tally86/abi';
import type { OpenNode } from '@tally86/core';
import type { Process } from '../kernel/types.ts';
import { NO_SPACE, ProcInode, type ProcSuper } from './proc-inode.ts';

/** /proc/PID/mem: memory by address, whatever its protection (fs/proc/base.c, mem_rw). */
export class MemoryOfProcess extends ProcInode {
  readonly #process: Process;

  constructor(fileSystem: ProcSuper, process: Process) {
    super(fileSystem, S.IFREG | 0o600, () => ({ uid: process.credentials.euid, gid: process.credentials.egid }));
    this.#process = process;
  }

  override open(): OpenNode {
    // Of the program that ran when it was opened.
    const { mmu } = this.#process.mm;
    const orError = (count: number, wanted: number): number => (count === 0 && wanted > 0 ? -E.EIO : count);
    return {
      ...NO_SPACE,
      read: (offset, into) => orError(mmu.peek(offset, into), into.length),
      write: (offset, from) => orError(mmu.poke(offset, from), from.length),
    };
  }
}
