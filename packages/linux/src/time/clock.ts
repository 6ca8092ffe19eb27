/** Time as the guest sees it. Nanoseconds as numbers are exact up to 2^53 (104 days of uptime). */
export interface Clock {
  readonly kind: 'virtual' | 'host';
  /** CLOCK_MONOTONIC in nanoseconds: since the machine's boot. */
  monotonic(): number;
  /** CLOCK_REALTIME in nanoseconds since 1970. */
  realtime(): bigint;
  /** Virtual: the time jumps ahead to `monotonic` (every task sleeps). Host: does nothing. */
  jumpTo(monotonic: number): void;
  /** Instructions until `monotonic` is reached, if time is driven by them; Infinity on the host's clock. */
  instructionsUntil(monotonic: number): number;
  /** Time-stamp counter (1 GHz) at the moment when `instructions` in total have completed. */
  tsc(instructions: number): bigint;
}

/** Virtual time at the start: 2024-01-01T00:00:00Z, a machine that booted 1000 seconds before. */
export const VIRTUAL_EPOCH_NS = 1_704_067_200_000_000_000n;
export const VIRTUAL_UPTIME_NS = 1_000_000_000_000;

/** Time driven by the count: one instruction is one nanosecond. `instructions` gives the total of all tasks. */
export function createVirtualClock(instructions: () => number, epoch: bigint = VIRTUAL_EPOCH_NS): Clock {
  let skipped = VIRTUAL_UPTIME_NS;
  const monotonic = (): number => skipped + instructions();
  return {
    kind: 'virtual',
    monotonic,
    realtime: () => epoch + BigInt(monotonic() - VIRTUAL_UPTIME_NS),
    jumpTo(target) {
      const now = monotonic();
      if (target > now) skipped += target - now;
    },
    instructionsUntil: (target) => Math.max(0, target - monotonic()),
    tsc: (total) => BigInt(skipped + total),
  };
}

/** The host's clocks, in nanoseconds. */
export interface HostTime {
  monotonic(): number;
  realtime(): bigint;
}

/** The host's time: what --clock host gives. */
export function createHostClock(host: HostTime): Clock {
  return {
    kind: 'host',
    monotonic: () => host.monotonic(),
    realtime: () => host.realtime(),
    jumpTo() {},
    instructionsUntil: () => Infinity,
    tsc: () => BigInt(Math.floor(host.monotonic())),
  };
}
