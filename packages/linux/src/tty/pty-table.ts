import { E, O, S } from '@tally86/abi';
import type { Inode } from '@tally86/core';
import type { FileOperations } from '../fs/open-file.ts';
import type { FileWorld } from '../fs/world.ts';
import { adoptTerminal } from './controlling.ts';
import { Pty } from './pty.ts';
import { PtyMaster } from './pty-master.ts';
import { PtySlave } from './pty-slave.ts';

/** Pseudo-terminals of a machine: minor numbers of the 8:8 form. */
export const MAX_PTYS = 256;
const SLAVE_MAJOR = 136;
const TTY_GROUP = 5;

/** The pseudo-terminals of a machine, and their names in /dev/pts (fs/devpts/inode.c). */
export class PtyTable {
  readonly #directory: Inode;
  readonly #ptys = new Map<number, Pty>();
  readonly #first: number;

  /** `first`: lowest number; below is the host's terminal. */
  constructor(directory: Inode, first: number) {
    this.#directory = directory;
    this.#first = first;
  }

  /** Opens /dev/ptmx: the lowest free number; −ENOSPC. */
  openMaster({ kernel }: FileWorld): FileOperations | number {
    let number = this.#first;
    while (this.#ptys.has(number)) number += 1;
    if (number >= MAX_PTYS) return -E.ENOSPC;
    const pty = new Pty(kernel, number, (SLAVE_MAJOR << 8) | number);
    const { fsuid } = kernel.current.process.credentials;
    const made = this.#directory.create(String(number), { mode: S.IFCHR | 0o620, uid: fsuid, gid: TTY_GROUP, rdev: pty.device });
    if (typeof made === 'number') return made;
    this.#ptys.set(number, pty);
    return new PtyMaster(pty, () => {
      this.#ptys.delete(number);
      this.#directory.unlink(String(number));
    });
  }

  /** Opens /dev/pts/N: −EIO while it is locked or when the master is gone, −EBUSY. */
  openSlave({ kernel }: FileWorld, number: number, flags: number): FileOperations | number {
    const pty = this.#ptys.get(number);
    if (pty === undefined || pty.locked) return -E.EIO;
    const { process } = kernel.current;
    if (pty.exclusive && process.credentials.euid !== 0) return -E.EBUSY;
    const isReadable = (flags & O.ACCMODE) !== O.WRONLY;
    if ((flags & O.NOCTTY) === 0 && isReadable) adoptTerminal(process, pty);
    return new PtySlave(pty);
  }
}
