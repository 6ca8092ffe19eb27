import { SYS } from '@tally86/abi';
import { createSeededEntropy } from '../src/index.ts';

/** A system call as a hostile program makes it. */
export interface WildCall {
  readonly number: number;
  readonly args: readonly bigint[];
}

/** What ends the caller. */
const ENDING: readonly number[] = [SYS.exit, SYS.exit_group];
/** What multiplies it, with each child going on as it does. */
const MULTIPLYING: readonly number[] = [SYS.fork, SYS.vfork, SYS.clone, SYS.clone3];
const EDGES: readonly bigint[] = [
  0n, 1n, 2n, 3n, 7n, 8n, 16n, 4095n, 4096n, -1n, -2n, -4096n, -100n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n,
  1n << 46n, (1n << 47n) - 4096n, (1n << 47n) - 1n, 1n << 47n, 1n << 53n, (1n << 53n) + 1n, 1n << 62n, -(1n << 63n), (1n << 63n) - 1n,
  0x1000_0000n, 0x1000_0006n, 0x1000_0010n, 0x1000_0020n, 0x400000n, 0x1000_0000n, 0x1000_1000n, 0x10n, 0x7fff_ffff_e000n,
  0x22n, 0x32n, 0x31n, 0x11n, 0x2000n, 0x10_0000n,
];

/** Random calls of wild numbers, pointers and lengths. `data` is a page of the program's own; `names` are addresses of paths; with `multiply` some make tasks. */
export function createWildCalls(
  seed: bigint, data: number, names: readonly number[] = [], { maxNumber = 470, multiply = false }: { readonly maxNumber?: number; readonly multiply?: boolean } = {},
): { next(): WildCall; below(n: number): number; fill(bytes: Uint8Array): void } {
  const never = new Set([...ENDING, ...multiply ? [] : MULTIPLYING]);
  const entropy = createSeededEntropy(seed);
  const word = new Uint32Array(1);
  const below = (n: number): number => {
    entropy.fill(new Uint8Array(word.buffer));
    return word[0] % n;
  };
  const edges = [...EDGES, ...[0, 8, 0xff8, 0xfff].map((offset) => BigInt(data + offset)), ...names.map(BigInt)];
  const argument = (): bigint => {
    const kind = below(10);
    if (kind < 7) return edges[below(edges.length)];
    if (kind === 7) return BigInt(below(256));
    if (kind === 8) return BigInt(data + below(4096));
    return (BigInt(below(2 ** 32)) << 32n) | BigInt(below(2 ** 32));
  };
  return {
    below,
    fill: (bytes) => entropy.fill(bytes),
    next() {
      let number: number;
      do number = below(20) === 0 ? below(2 ** 32) : below(maxNumber); while (never.has(number));
      return { number, args: Array.from({ length: 6 }, argument) };
    },
  };
}
