import { S } from '@tally86/abi';
import type { FileSystem } from '@tally86/core';
import { createMemoryFileSystem } from '@tally86/vfs';
import { DEVICE } from './devices.ts';

interface DeviceNode {
  readonly name: string;
  readonly mode: number;
  readonly rdev?: number;
  readonly target?: string;
}

const NODES: readonly DeviceNode[] = [
  { name: 'null', mode: S.IFCHR | 0o666, rdev: DEVICE.null },
  { name: 'zero', mode: S.IFCHR | 0o666, rdev: DEVICE.zero },
  { name: 'full', mode: S.IFCHR | 0o666, rdev: DEVICE.full },
  { name: 'random', mode: S.IFCHR | 0o666, rdev: DEVICE.random },
  { name: 'urandom', mode: S.IFCHR | 0o666, rdev: DEVICE.urandom },
  { name: 'tty', mode: S.IFCHR | 0o666, rdev: DEVICE.tty },
  { name: 'ptmx', mode: S.IFCHR | 0o666, rdev: DEVICE.ptmx },
  { name: 'fd', mode: S.IFLNK | 0o777, target: '/proc/self/fd' },
  { name: 'stdin', mode: S.IFLNK | 0o777, target: '/proc/self/fd/0' },
  { name: 'stdout', mode: S.IFLNK | 0o777, target: '/proc/self/fd/1' },
  { name: 'stderr', mode: S.IFLNK | 0o777, target: '/proc/self/fd/2' },
  { name: 'pts', mode: S.IFDIR | 0o755 },
  { name: 'shm', mode: S.IFDIR | 0o1777 },
];

/** /dev: the devices every program expects. */
export function createDevFileSystem(now: () => bigint): FileSystem {
  const fileSystem = createMemoryFileSystem({ type: 'devtmpfs', now, maxBytes: 16 * 1024 * 1024 });
  for (const { name, ...node } of NODES) fileSystem.root.create(name, { uid: 0, gid: 0, ...node });
  return fileSystem;
}

/** /dev/pts, with the one terminal if there is one: it belongs to the guest's user. */
export function createPtsFileSystem(now: () => bigint, owner: number | null): FileSystem {
  const fileSystem = createMemoryFileSystem({ type: 'devpts', now, maxBytes: 1024 * 1024 });
  if (owner !== null) fileSystem.root.create('0', { mode: S.IFCHR | 0o620, uid: owner, gid: 5, rdev: DEVICE.pts });
  return fileSystem;
}
