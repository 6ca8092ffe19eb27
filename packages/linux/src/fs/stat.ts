import { packStruct, STAT, STATFS, STATX, STATX_STRUCT } from '@tally86/abi';
import type { Dentry, FileSystemStatus, InodeAttributes, Timestamp } from '@tally86/core';

const NS = 1_000_000_000n;
/** Seconds (rounded down) and nanoseconds of a time. */
function split(time: Timestamp): readonly [seconds: bigint, nanoseconds: bigint] {
  const nanoseconds = ((time % NS) + NS) % NS;
  return [(time - nanoseconds) / NS, nanoseconds];
}

/** struct stat of an entry. */
export function packStat({ inode, mount }: Dentry, a: InodeAttributes): Uint8Array {
  const [[atime, atimeNs], [mtime, mtimeNs], [ctime, ctimeNs]] = [split(a.atime), split(a.mtime), split(a.ctime)];
  return packStruct(STAT, {
    st_dev: mount.device, st_ino: inode.ino, st_nlink: a.nlink, st_mode: a.mode, st_uid: a.uid, st_gid: a.gid, st_rdev: inode.rdev,
    st_size: a.size, st_blksize: a.blockSize, st_blocks: a.blocks, st_atime: atime, st_atime_nsec: atimeNs, st_mtime: mtime, st_mtime_nsec: mtimeNs,
    st_ctime: ctime, st_ctime_nsec: ctimeNs,
  });
}

/** The two halves of a device number, as makedev() joins them. */
const major = (device: number): number => (device >>> 8) & 0xfff;
const minor = (device: number): number => (device & 0xff) | ((device >>> 12) & 0xfff00);
const MOUNT_ROOT = 0x2000;

/** struct statx of an entry. */
export function packStatx(dentry: Dentry, a: InodeAttributes): Uint8Array {
  const { inode, mount } = dentry;
  const [[atime, atimeNs], [mtime, mtimeNs], [ctime, ctimeNs], [btime, btimeNs]] = [split(a.atime), split(a.mtime), split(a.ctime), split(a.btime)];
  return packStruct(STATX_STRUCT, {
    stx_mask: STATX.BASIC_STATS | STATX.BTIME | STATX.MNT_ID, stx_blksize: a.blockSize, stx_attributes: dentry.parent === null ? MOUNT_ROOT : 0,
    stx_nlink: a.nlink, stx_uid: a.uid, stx_gid: a.gid, stx_mode: a.mode, stx_ino: inode.ino, stx_size: a.size, stx_blocks: a.blocks,
    stx_attributes_mask: MOUNT_ROOT,
    stx_atime_sec: atime, stx_atime_nsec: atimeNs, stx_btime_sec: btime, stx_btime_nsec: btimeNs, stx_ctime_sec: ctime, stx_ctime_nsec: ctimeNs,
    stx_mtime_sec: mtime, stx_mtime_nsec: mtimeNs, stx_rdev_major: major(inode.rdev), stx_rdev_minor: minor(inode.rdev),
    stx_dev_major: major(mount.device), stx_dev_minor: minor(mount.device), stx_mnt_id: mount.id,
  });
}

/** ST_* of statvfs(3), as the kernel puts them into f_flags. */
const ST = { RDONLY: 1, NOSUID: 2, NODEV: 4, NOEXEC: 8, VALID: 0x20, RELATIME: 0x1000 } as const;

export function packStatfs({ mount }: Dentry, s: FileSystemStatus): Uint8Array {
  const { readOnly, noSuid, noDev, noExec } = mount.flags;
  return packStruct(STATFS, {
    f_type: s.magic, f_bsize: s.blockSize, f_blocks: s.blocks, f_bfree: s.blocksFree, f_bavail: s.blocksAvailable, f_files: s.files,
    f_ffree: s.filesFree, f_fsid: mount.device, f_namelen: s.nameMax, f_frsize: s.blockSize,
    f_flags: ST.VALID | ST.RELATIME | (readOnly ? ST.RDONLY : 0) | (noSuid ? ST.NOSUID : 0) | (noDev ? ST.NODEV : 0) | (noExec ? ST.NOEXEC : 0),
  });
}

