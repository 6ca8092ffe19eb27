import { E, O } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { ALWAYS_READY, type Destination, type FileOperations, NO_QUEUES, type OpenFile, type Source } from '../fs/open-file.ts';
import { StreamFile } from '../fs/stream-file.ts';
import { CHUNK } from '../fs/user-io.ts';
import type { DeviceDriver, FileWorld } from '../fs/world.ts';

/** makedev() for numbers that fit the old 8:8 form. */
export const device = (major: number, minor: number): number => (major << 8) | minor;

/** Numbers of Documentation/admin-guide/devices.txt. */
export const DEVICE = {
  null: device(1, 3), zero: device(1, 5), full: device(1, 7), random: device(1, 8), urandom: device(1, 9),
  tty: device(5, 0), ptmx: device(5, 2), pts: device(136, 0),
} as const;

const ready = { poll: () => ALWAYS_READY, queues: NO_QUEUES, seekable: true, seek: () => 0 } as const;

const swallow = (_file: OpenFile, from: Source): number => {
  const { remaining } = from;
  return remaining;
};

const readZeros = (_file: OpenFile, to: Destination): number => to.putZeros(to.remaining);

const readRandom = (_file: OpenFile, to: Destination, _offset: number, task: Task): number => {
  let done = 0;
  while (to.remaining > 0) {
    const bytes = new Uint8Array(Math.min(CHUNK, to.remaining));
    task.kernel.entropy.fill(bytes);
    const put = to.put(bytes);
    done += put;
    if (put < bytes.length) break;
  }
  return done;
};

/** Bytes mixed into the pool change nothing: the source is seeded, or the host's. */
const mixIn = (_file: OpenFile, from: Source): number => {
  let done = 0;
  for (let bytes = from.take(CHUNK); bytes.length > 0; bytes = from.take(CHUNK)) done += bytes.length;
  return done;
};

/** linux/random.h: bits in the pool. */
const RNDGETENTCNT = 0x8004_5200;
const POOL_BITS = 256;
const PRIVILEGED: ReadonlySet<number> = new Set([0x4004_5201, 0x4008_5203, 0x5204, 0x5206, 0x5207]);

/** What the pool holds may be asked by anybody, and changed by root, which changes nothing (drivers/char/random.c, random_ioctl). */
function randomIoctl(_file: OpenFile, request: number, argument: number, task: Task): number {
  if (request === RNDGETENTCNT) return task.user.writeU32(argument, POOL_BITS) ? 0 : -E.EFAULT;
  if (!PRIVILEGED.has(request)) return -E.EINVAL;
  return task.process.credentials.euid === 0 ? 0 : -E.EPERM;
}

/** Devices that are no event sources: they have no poll operation. */
const silent = { ...ready, pollable: false } as const;

const NULL: FileOperations = { ...silent, read: () => 0, write: swallow };
const ZERO: FileOperations = { ...silent, mapsAnonymous: true, read: readZeros, write: swallow };
const FULL: FileOperations = { ...silent, read: readZeros, write: () => -E.ENOSPC };
const RANDOM: FileOperations = { ...ready, read: readRandom, write: mixIn, ioctl: randomIoctl };
const URANDOM: FileOperations = { ...RANDOM, pollable: false };

/** The terminal behind a standard stream. */
function openHostTerminal({ terminal, terminalStream }: FileWorld): FileOperations | number {
  return terminalStream === null || terminal === null ? -E.ENXIO : new StreamFile(terminalStream, terminal);
}

/** /dev/tty: the controlling terminal of the caller. */
const openControlling: DeviceDriver = (world, _minor, flags) => {
  const { terminal } = world.kernel.current.process;
  if (terminal === null) return -E.ENXIO;
  return terminal === world.terminal ? openHostTerminal(world) : world.ptys.openSlave(world, terminal.device & 0xff, flags | O.NOCTTY);
};

/** /dev/pts/N. */
const openTerminal: DeviceDriver = (world, minor, flags) => {
  if (world.terminal?.device === device(136, minor)) return openHostTerminal(world);
  return world.ptys.openSlave(world, minor, flags);
};

/** Drivers by device number. */
export const DRIVERS: ReadonlyMap<number, DeviceDriver> = new Map<number, DeviceDriver>([
  [DEVICE.null, () => NULL],
  [DEVICE.zero, () => ZERO],
  [DEVICE.full, () => FULL],
  [DEVICE.random, () => RANDOM],
  [DEVICE.urandom, () => URANDOM],
  [DEVICE.tty, openControlling],
  [DEVICE.ptmx, (world) => world.ptys.openMaster(world)],
  [DEVICE.pts, openTerminal],
]);
