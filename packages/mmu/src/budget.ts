/** Bytes that a machine may hold: page frames and page-table nodes together. */
export interface Budget {
  readonly limit: number;
  readonly used: number;
  /** The most that was used at once. */
  readonly peak: number;
  /** Takes `bytes`; false, and nothing taken, if the limit does not allow it. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export function createBudget(limit: number): Budget {
  let used = 0;
  let peak = 0;
  return {
    limit,
    get used() {
      return used;
    },
    get peak() {
      return peak;
    },
    take(bytes) {
      if (used + bytes > limit) return false;
      used += bytes;
      if (used > peak) peak = used;
      return true;
    },
    give(bytes) {
      used -= bytes;
    },
  };
}
