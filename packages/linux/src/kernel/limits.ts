/** Resource limits of a process (struct rlimit); Infinity: RLIM_INFINITY. */
export interface Limits {
  /** [soft, hard], by RLIMIT_ number. */
  readonly values: [number, number][];
}

/** The same limits for every program, whatever the host's are. */
export function defaultLimits(): Limits {
  const inf = Infinity;
  return {
    values: [
      [inf, inf], [inf, inf], [inf, inf], [8 * 1024 * 1024, inf], [0, inf], [inf, inf], [31_000, 31_000], [1024, 1_048_576],
      [8 * 1024 * 1024, 8 * 1024 * 1024], [inf, inf], [inf, inf], [31_000, 31_000], [819_200, 819_200], [0, 0], [0, 0], [inf, inf],
    ],
  };
}

/** Limits of a child: the same, and its own from then on. */
export const copyLimits = ({ values }: Limits): Limits => ({ values: values.map(([soft, hard]) => [soft, hard]) });

export function softLimit(limits: Limits, resource: number): number {
  return limits.values[resource]?.[0] ?? Infinity;
}
