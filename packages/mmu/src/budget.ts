/** Bytes that a machine may hold: page frames and page-table nodes together. */
export interface Budget {
  readonly limit: number;
  readonly used: number;
  /** Takes `bytes`; false, and nothing taken, if the limit does not allow it. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export function createBudget(limit: number): Budget {
  let used = 0;
  return {
    limit,
    get used() {
      return used;
    },
    take(bytes) {
      if (used + bytes > limit) return false;
      used += bytes;
      return true;
    },
    give(bytes) {
      used -= bytes;
    },
  };
}
