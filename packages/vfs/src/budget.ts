/** Bytes that a driver may hold of the host's memory. */
export interface ByteBudget {
  readonly limit: number;
  readonly used: number;
  /** False if it would be too much; then nothing is taken. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export function createByteBudget(limit: number): ByteBudget {
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
