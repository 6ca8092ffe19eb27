import type { Inode } from '@tally86/core';

const nameless = new WeakSet<Inode>();

/** A file that was opened with O_TMPFILE and O_EXCL: it never gets a name (the absence of I_LINKABLE). */
export function keepNameless(inode: Inode): void {
  nameless.add(inode);
}

export const isNameless = (inode: Inode): boolean => nameless.has(inode);
