import type { Timestamp } from '@tally86/core';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface HostOptions {
  /** Directory (or file) of the host that becomes the root. Symbolic links in this path are followed once, now. */
  readonly path: string;
  /**
   * `host` (default): times, block counts and sizes of directories are shown as they are. `fixed`: what depends on the host's file
   * system and clock is not shown: untouched times are `fixedTime`, touched ones the guest's.
   */
  readonly attributes?: 'host' | 'fixed';
  /** Nanoseconds since 1970; default 0. */
  readonly fixedTime?: Timestamp;
  /**
   * Directories of the host that hold installed software. Under `fixed` what is there belongs to root whatever `owner` says, so that the guest
   * can write as little of it as an ordinary user, and regular files show their own mtime, which their packages set: Python, say, takes a
   * compiled module for stale, and writes it anew, if the source's mtime is not the one it was compiled at.
   */
  readonly installedPaths?: readonly string[];
  /** Shown as the owner of everything; default: the host's owners. */
  readonly owner?: Owner;
  /** The guest's clock, for times under `fixed`; default: always `fixedTime`. */
  readonly now?: () => Timestamp;
  /** Ask the host not to update access times where it lets us. Default false. */
  readonly keepAccessTimes?: boolean;
}
