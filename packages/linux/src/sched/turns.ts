/** How long a turn is and whose it is. */
export interface Turns {
  /** Instructions until others may run: at least 1. */
  length(): number;
  /** Which of these comes next; they are in the order in which they became ready. Null if there are none. */
  pick<T>(ready: Iterable<T>): T | null;
}

/** Round robin: the first, for a quantum. */
export function roundRobin(quantum: number): Turns {
  return {
    length: () => quantum,
    pick(ready) {
      for (const first of ready) return first;
      return null;
    },
  };
}

/** A small generator of 32-bit words (sfc32): what a seed chooses here has nothing to do with the randomness that guests get. */
function createWords(seed: bigint): () => number {
  let [a, b, c, counter] = [Number(BigInt.asUintN(32, seed)) | 0, Number(BigInt.asUintN(32, seed >> 32n)) | 0, 0x9e37_79b9 | 0, 1];
  const next = (): number => {
    const word = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + word | 0;
    return word >>> 0;
  };
  for (let i = 0; i < 12; i += 1) next();
  return next;
}

/** The next task is one of so many that wait longest: none waits for ever, and a choice costs the same however many there are. */
const WINDOW = 8;
/** Turns are halved so often at most. */
const HALVINGS = 8;

/** Other interleavings, the same for the same seed: turns of up to a quantum, most of them much shorter, in another order. */
export function seededTurns(quantum: number, seed: bigint): Turns {
  const word = createWords(seed);
  return {
    length() {
      const longest = Math.max(1, Math.floor(quantum / 2 ** (word() % HALVINGS)));
      return 1 + (word() % longest);
    },
    pick<T>(ready: Iterable<T>): T | null {
      const first: T[] = [];
      for (const task of ready) if (first.push(task) === WINDOW) break;
      return first.length === 0 ? null : first[word() % first.length];
    },
  };
}
