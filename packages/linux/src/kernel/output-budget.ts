/** Bytes that a machine may write to files, standard streams and the network outside. */
export interface OutputBudget {
  /** Infinity: none. */
  readonly limit: number;
  /** A write wanted more than was left: the run ends before the next instruction. */
  readonly exceeded: boolean;
  /** The part of these bytes that may still be written. */
  within(bytes: Uint8Array): Uint8Array;
  /** So many were written. */
  spend(count: number): void;
}

export function createOutputBudget(limit: number): OutputBudget {
  let left = limit;
  let exceeded = false;
  return {
    limit,
    get exceeded() {
      return exceeded;
    },
    within(bytes) {
      if (bytes.length <= left) return bytes;
      exceeded = true;
      return bytes.subarray(0, left);
    },
    spend(count) {
      left -= count;
    },
  };
}
