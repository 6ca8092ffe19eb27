import type { UserMemory } from '../mm/user-memory.ts';

const NS = 1_000_000_000n;

/** A struct timespec in nanoseconds (exact to 2^53, then Infinity); null at a fault; −1 for a value that is no valid duration. */
export function readTimespec(user: UserMemory, address: number): number | null {
  const view = user.view(address, 16);
  if (view === null) return null;
  return toNanoseconds(view.getBigInt64(0, true), view.getBigInt64(8, true), NS, 1n);
}

/** A struct timeval, as readTimespec. */
export function readTimeval(user: UserMemory, address: number): number | null {
  const view = user.view(address, 16);
  if (view === null) return null;
  return toNanoseconds(view.getBigInt64(0, true), view.getBigInt64(8, true), 1_000_000n, 1000n);
}

function toNanoseconds(seconds: bigint, fraction: bigint, perSecond: bigint, unit: bigint): number {
  if (seconds < 0n || fraction < 0n || fraction >= perSecond) return -1;
  const total = seconds * NS + fraction * unit;
  return total > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(total);
}

/** Writes a struct timespec; false at a fault. */
export function writeTimespec(user: UserMemory, address: number, nanoseconds: number | bigint): boolean {
  return writePair(user, address, nanoseconds, 1n);
}

export function writeTimeval(user: UserMemory, address: number, nanoseconds: number | bigint): boolean {
  return writePair(user, address, nanoseconds, 1000n);
}

/** The kernel's longest time. */
const KTIME_MAX = 0x7fff_ffff_ffff_ffffn;
const pair = new BigInt64Array(2);
const pairBytes = new Uint8Array(pair.buffer);
function writePair(user: UserMemory, address: number, nanoseconds: number | bigint, unit: bigint): boolean {
  const total = typeof nanoseconds === 'bigint' ? nanoseconds : nanoseconds === Infinity ? KTIME_MAX : BigInt(Math.floor(nanoseconds));
  pair[0] = total / NS;
  pair[1] = (total % NS) / unit;
  return user.write(address, pairBytes);
}

