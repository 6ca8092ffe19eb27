import { CLOCK, ITIMERSPEC, packStruct } from '@tally86/abi';
import type { Kernel } from '../kernel/types.ts';

const NS = 1_000_000_000n;
const KTIME_MAX = 0x7fff_ffff_ffff_ffffn;

/** When a timer first expires, and then how often, in nanoseconds. A first time of 0 disarms. */
export interface TimerSetting {
  readonly value: bigint;
  /** 0: once. Infinity stands for more than a run can last. */
  readonly interval: number;
}

/** What is left until the next expiration, and the interval. */
export interface TimerState {
  readonly value: number;
  readonly interval: number;
}

const REALTIME: ReadonlySet<number> = new Set([CLOCK.REALTIME, CLOCK.REALTIME_ALARM, CLOCK.TAI]);

/** Nanoseconds of a struct itimerspec in memory; null for times that are none (itimerspec64_valid). */
export function parseItimerspec(view: DataView): TimerSetting | null {
  const [interval, value] = [timespecAt(view, 0), timespecAt(view, 16)];
  if (interval === null || value === null) return null;
  return { value, interval: interval > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(interval) };
}

function timespecAt(view: DataView, at: number): bigint | null {
  const [seconds, nanoseconds] = [view.getBigInt64(at, true), view.getBigInt64(at + 8, true)];
  if (seconds < 0n || nanoseconds < 0n || nanoseconds >= NS) return null;
  const total = seconds * NS + nanoseconds;
  return total > KTIME_MAX ? KTIME_MAX : total;
}

/** The monotonic time of a first expiration: relative, or on one of the clocks that do not count CPU time. */
export function expiryOf({ clock }: Kernel, id: number, value: bigint, absolute: boolean): number {
  const now = clock.monotonic();
  const start = !absolute ? 0n : REALTIME.has(id) ? clock.realtime() : BigInt(Math.floor(now));
  const distance = value - start;
  if (distance > BigInt(Number.MAX_SAFE_INTEGER)) return Infinity;
  return now + Math.max(0, Number(distance));
}

/** struct itimerspec of what is left. */
export function packItimerspec({ value, interval }: TimerState): Uint8Array {
  const split = (time: number): readonly [number, number] => {
    const whole = Math.min(Math.floor(time), Number.MAX_SAFE_INTEGER);
    return [Math.floor(whole / 1e9), whole % 1e9];
  };
  const [[seconds, nanoseconds], [intervalSeconds, intervalNanoseconds]] = [split(value), split(interval)];
  return packStruct(ITIMERSPEC, { interval_sec: intervalSeconds, interval_nsec: intervalNanoseconds, value_sec: seconds, value_nsec: nanoseconds });
}
