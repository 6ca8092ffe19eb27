import type { BigIntStats } from 'node:fs';
import { S } from '@tally86/abi';
import type { InodeAttributes, Timestamp } from '@tally86/core';
import type { Owner } from './options.ts';

/** Times that the guest set or caused itself; they show in place of the host's. */
export interface GuestTimes {
  atime?: Timestamp;
  mtime?: Timestamp;
  ctime?: Timestamp;
}

/** How host attributes are shown. */
export interface AttributeView {
  /** null: as the host has them. A time: everything that depends on the host's file system is fixed, and this is every untouched time. */
  readonly fixedTime: Timestamp | null;
  /** null: as the host has them. */
  readonly owner: Owner | null;
}

const ROOT: Owner = { uid: 0, gid: 0 };

/** What the guest sees of host attributes; `installed`: it belongs to root, and a regular file shows its own mtime. */
export function showAttributes(stats: BigIntStats, view: AttributeView, times: GuestTimes, installed: boolean): InodeAttributes {
  const mode = Number(stats.mode);
  const directory = (mode & S.IFMT) === S.IFDIR;
  const owner = installed ? ROOT : view.owner;
  const uid = owner?.uid ?? Number(stats.uid);
  const gid = owner?.gid ?? Number(stats.gid);
  const { fixedTime } = view;
  if (fixedTime === null) {
    return {
      mode, uid, gid, nlink: Number(stats.nlink), size: Number(stats.size), blocks: Number(stats.blocks), blockSize: Number(stats.blksize),
      atime: times.atime ?? stats.atimeNs, mtime: times.mtime ?? stats.mtimeNs, ctime: times.ctime ?? stats.ctimeNs, btime: stats.birthtimeNs,
    };
  }
  // Sizes and link counts of directories differ between the host's file systems; 1 link says that the count tells nothing.
  const size = directory ? 4096 : Number(stats.size);
  return {
    mode, uid, gid, nlink: directory ? 1 : Number(stats.nlink), size, blocks: Math.ceil(size / 4096) * 8, blockSize: 4096,
    atime: times.atime ?? fixedTime, mtime: times.mtime ?? (installed && (mode & S.IFMT) === S.IFREG ? stats.mtimeNs : fixedTime), ctime: times.ctime ?? fixedTime, btime: fixedTime,
  };
}

/** Identity of a host file. */
export function fileKey(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}
