/** Time as the guest sees it. Nanoseconds as numbers are exact up to 2^53 (104 days of uptime). */
export interface Clock {
  readonly kind: 'virtual' | 'host';
  /** CLOCK_MONOTONIC in nanoseconds: since the machine's boot. */
  monotonic(): number;
  /** CLOCK_REALTIME in nanoseconds since 1970. */
  realtime(): bigint;
  /** Virtual: the time jumps to `monotonic` (every task sleeps). Host: does nothing. */
  jumpTo(monotonic: number): void;
  /** Time-stamp counter: 1 GHz on the virtual clock. `extra`: instructions completed since the last stop of the engine. */
  tsc(extra: number): bigint;
}
