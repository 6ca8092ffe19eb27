import type { ByteString, Dentry, Inode } from '@tally86/core';

/** A name in a directory. */
export interface NamePlace {
  readonly directory: Dentry;
  readonly name: ByteString;
}

/** Is told what path operations did to names, once it is done. */
export interface TreeObserver {
  /** A new inode got its first name. */
  created(place: NamePlace, inode: Inode): void;
  /** An inode got one more name. */
  linked(place: NamePlace, inode: Inode): void;
  removed(place: NamePlace, victim: Dentry): void;
  /** `replaced` had the new name before. An exchange is told as two moves. */
  moved(from: NamePlace, to: NamePlace, inode: Inode, replaced: Inode | null): void;
}
