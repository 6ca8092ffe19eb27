import type { ByteString, Mappable } from '@tally86/core';
import type { ControllingTerminal } from '../tty/controlling.ts';

/** What the loader and mmap need of an open file, whatever file system it is on. */
export interface ImageFile {
  /** Absolute path after all symbolic links, as /proc/self/exe and /proc/self/maps show it. */
  readonly path: ByteString;
  readonly device: number;
  readonly inode: number;
  /** Permission bits and file type (st_mode). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  size(): number;
  /** Bytes read; fewer at the end of the file; −errno. */
  read(offset: number, into: Uint8Array): number;
  /** The one object that stands for this inode in the page cache. */
  readonly mappable: Mappable;
  /** Releases what the opening took (a host descriptor); mappings keep the Mappable alive themselves. */
  release(): void;
}

/** An open descriptor asked for by mmap(2). */
export interface MapSource {
  readonly readable: boolean;
  readonly writable: boolean;
  /** Opened by O_APPEND does not matter to mmap; a mount with noexec does. */
  readonly noexec: boolean;
  /** Sealed against writes (F_SEAL_WRITE, F_SEAL_FUTURE_WRITE). Default: not. */
  readonly sealed?: boolean;
  readonly mappable: Mappable;
  /** Name in /proc/self/maps. */
  readonly path: ByteString;
  readonly device: number;
  readonly inode: number;
}

/** A task's descriptors, as the rest of the kernel needs them. Implemented in src/fs, whose own type extends it. */
export interface FileTable {
  /** Tasks that share it (CLONE_FILES). */
  users: number;
  /** −EBADF, −ENODEV (a file that has no pages), −EACCES are the kernel's answers. */
  /** Null: memory of its own, as with MAP_ANONYMOUS (/dev/zero). */
  mapSource(fd: number): MapSource | null | number;
  /** execve(2). */
  closeOnExec(): void;
  /** Exit of the last task that shares it. */
  closeAll(): void;
  /** fork(2): a copy that shares the open file descriptions. */
  fork(): FileTable;
}

/** Root, working directory and umask (fs_struct). Implemented in src/fs, whose own type extends it. */
export interface FileContext {
  /** execve(2): opens for execution, following links: −ENOENT, −EACCES, −ENOTDIR, −ELOOP, … */
  openImage(path: ByteString): ImageFile | number;
  /** The terminal that the first process finds itself on; absent: none. */
  readonly hostTerminal?: ControllingTerminal | null;
  fork(): FileContext;
}
