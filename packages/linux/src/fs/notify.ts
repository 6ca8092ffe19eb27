import { IN, S } from '@tally86/abi';
import type { ByteString, Dentry, Inode } from '@tally86/core';
import type { NamePlace, TimeChange, TreeObserver } from '@tally86/vfs';
import type { OpenFile } from './open-file.ts';

/** Instances and watches of a machine (/proc/sys/fs/inotify). */
export const MAX_USER_INSTANCES = 128;
export const MAX_USER_WATCHES = 65_536;

/** Somebody who wants to know what becomes of an inode. */
export interface InodeWatch {
  readonly inode: Inode;
  /** `name`: the entry of a watched directory that the event is about; `unlinked`: it is a file that was opened by a name that is gone. */
  event(mask: number, name: ByteString, cookie: number, unlinked: boolean): void;
  /** The inode is gone. */
  ignored(): void;
}

/** What happens to files, told to those who watch their inodes and the directories above (fs/notify/fsnotify.c). */
export class NotifyTable implements TreeObserver {
  readonly #watches = new Map<Inode, Set<InodeWatch>>();
  /** Open files of an inode: one without names lives as long as there are some. */
  readonly #opens = new WeakMap<Inode, number>();
  #watchCount = 0;
  #instances = 0;
  #lastCookie = 0;

  /** False: too many instances (EMFILE). */
  openInstance(): boolean {
    if (this.#instances >= MAX_USER_INSTANCES) return false;
    this.#instances += 1;
    return true;
  }
  closeInstance(): void {
    this.#instances -= 1;
  }

  /** False: too many watches (ENOSPC). */
  add(watch: InodeWatch): boolean {
    if (this.#watchCount >= MAX_USER_WATCHES) return false;
    this.#watchCount += 1;
    let watches = this.#watches.get(watch.inode);
    if (watches === undefined) this.#watches.set(watch.inode, (watches = new Set()));
    watches.add(watch);
    return true;
  }
  remove(watch: InodeWatch): void {
    const watches = this.#watches.get(watch.inode);
    if (watches?.delete(watch) !== true) return;
    this.#watchCount -= 1;
    if (watches.size === 0) this.#watches.delete(watch.inode);
  }

  /** An event of the inode itself. */
  #self(inode: Inode, mask: number): void {
    const watches = this.#watches.get(inode);
    if (watches === undefined) return;
    const told = inode.type === S.IFDIR ? mask | IN.ISDIR : mask;
    for (const watch of [...watches]) watch.event(told, '', 0, false);
  }

  /** An event of a name in a directory. */
  #named({ directory, name }: NamePlace, inode: Inode, mask: number, cookie = 0, unlinked = false): void {
    const watches = this.#watches.get(directory.inode);
    if (watches === undefined) return;
    const told = inode.type === S.IFDIR ? mask | IN.ISDIR : mask;
    for (const watch of [...watches]) watch.event(told, name, cookie, unlinked);
  }

  /** An event of an inode that was reached by this entry: the directory above hears of it first. */
  entry({ parent, name, inode }: Dentry, mask: number, unlinked = false): void {
    if (this.#watches.size === 0) return;
    if (parent !== null) this.#named({ directory: parent, name }, inode, mask, 0, unlinked);
    this.#self(inode, mask);
  }

  #file(file: OpenFile, mask: number): void {
    if (file.tellsEvents) this.entry(file.dentry, mask, file.dentry.deleted);
  }

  opened(file: OpenFile): void {
    const { dentry } = file;
    this.#opens.set(dentry.inode, (this.#opens.get(dentry.inode) ?? 0) + 1);
    this.#file(file, IN.OPEN);
  }

  /** The last descriptor of an open file is going. */
  closed(file: OpenFile): void {
    const { inode } = file.dentry;
    const left = (this.#opens.get(inode) ?? 1) - 1;
    this.#opens.set(inode, left);
    this.#file(file, file.writable ? IN.CLOSE_WRITE : IN.CLOSE_NOWRITE);
    if (left === 0) this.#goneIfUnnamed(inode);
  }

  accessed(file: OpenFile): void {
    this.#file(file, IN.ACCESS);
  }
  modified(file: OpenFile): void {
    this.#file(file, IN.MODIFY);
  }

  /** utimensat(2) (fsnotify_change). */
  timesChanged(dentry: Dentry, { atime, mtime }: TimeChange): void {
    if (atime !== undefined && mtime !== undefined) this.entry(dentry, IN.ATTRIB);
    else if (atime !== undefined) this.entry(dentry, IN.ACCESS);
    else if (mtime !== undefined) this.entry(dentry, IN.MODIFY);
  }

  created(place: NamePlace, inode: Inode): void {
    this.#named(place, inode, IN.CREATE);
  }

  linked(place: NamePlace, inode: Inode): void {
    this.#self(inode, IN.ATTRIB);
    this.#named(place, inode, IN.CREATE);
  }

  removed(place: NamePlace, { inode }: Dentry): void {
    if (inode.type !== S.IFDIR) this.#self(inode, IN.ATTRIB);
    if ((this.#opens.get(inode) ?? 0) === 0) this.#goneIfUnnamed(inode);
    this.#named(place, inode, IN.DELETE);
  }

  moved(from: NamePlace, to: NamePlace, inode: Inode, replaced: Inode | null): void {
    if (this.#watches.size === 0) return;
    this.#lastCookie = (this.#lastCookie + 1) >>> 0;
    this.#named(from, inode, IN.MOVED_FROM, this.#lastCookie);
    this.#named(to, inode, IN.MOVED_TO, this.#lastCookie);
    if (replaced !== null) this.#self(replaced, IN.ATTRIB);
    this.#self(inode, IN.MOVE_SELF);
    if (replaced !== null && (this.#opens.get(replaced) ?? 0) === 0) this.#goneIfUnnamed(replaced);
  }

  #goneIfUnnamed(inode: Inode): void {
    const watches = this.#watches.get(inode);
    if (watches === undefined) return;
    const attributes = inode.getAttributes();
    if (typeof attributes !== 'number' && attributes.nlink > 0) return;
    this.#self(inode, IN.DELETE_SELF);
    for (const watch of [...watches]) watch.ignored();
  }
}
