import { LAYOUT, type Patch } from './case.ts';
import type { Form } from './forms.ts';
import type { Random } from './random.ts';
import { integer } from './values.ts';

const M64 = (1n << 64n) - 1n;
const { arenaBase, arenaWritable, arenaSize, codeBase, codeSize } = LAYOUT;
/** How far behind an address its operand may reach, or before. */
const REACH = 0x1_0000;

/** A case being made. Registers in `fixed` have a job (an address, a count) and keep their value. */
export interface Draft {
  readonly r: Random;
  readonly form: Form;
  readonly gpr: BigUint64Array;
  readonly fixed: Set<number>;
  readonly patches: Patch[];
  /** Where the memory operand is to be; bytes it has. */
  target: bigint;
  rflags: number;
}

/**
 * Whether an operand at `address` may lie in the pages of the code, which do not hold the same here and there. A prefix 67 leaves the lower 32 bits of an
 * address only: 0x80000000_10000000 is the code then, too.
 */
export function nearCode(address: bigint): boolean {
  const low = Number(BigInt.asUintN(32, address));
  return low >= codeBase - REACH && low < codeBase + codeSize + REACH;
}

/** Any number that is no address of the code. */
export function integerOffCode(r: Random): bigint {
  for (;;) {
    const value = integer(r);
    if (!nearCode(value)) return value;
  }
}

/** A linear address for `size` bytes: mostly in the arena, at times across pages, in the read-only one or nowhere. */
export function randomTarget(r: Random, size: number): bigint {
  const base = BigInt(arenaBase);
  const align = r.chance(size >= 16 ? 0.85 : 0.6) ? Math.min(Math.max(size, 1), 64) : 1;
  const place = r.below(1000);
  let offset: number;
  if (place < 780) offset = r.below(Math.max(arenaWritable - size, 1));
  else if (place < 880) return base + BigInt(4096 * (1 + r.below(3)) - 1 - r.below(Math.max(size, 2) - 1)); // across two pages
  else if (place < 905) return base + BigInt(arenaWritable - 1 - r.below(Math.max(size, 2) - 1)); // into the read-only page
  else if (place < 930) offset = arenaWritable + r.below(4096 - Math.min(size, 4095));
  else if (place < 955) return base + BigInt(arenaSize - 1 - r.below(Math.max(size, 2) - 1)); // into the hole behind
  else if (place < 970) return base - BigInt(1 + r.below(Math.max(size, 1))); // out of the hole before
  else if (place < 980) return base + BigInt(arenaSize + r.below(4096));
  else if (place < 990) return BigInt(r.below(0x10000)) + 0x3000_0000n;
  else return (integerOffCode(r) | 1n << 63n) & ~(1n << 62n) & M64; // not canonical
  return base + BigInt(offset - offset % align);
}

/** Overwrites the arena at a linear address; what falls outside the writable pages is dropped. */
export function patch(draft: Draft, address: bigint, bytes: Uint8Array): void {
  const offset = Number(BigInt.asIntN(64, address - BigInt(arenaBase)));
  if (!Number.isSafeInteger(offset)) return;
  const from = Math.max(offset, 0);
  const to = Math.min(offset + bytes.length, arenaWritable);
  if (from < to) draft.patches.push({ offset: from, bytes: bytes.slice(from - offset, to - offset) });
}

export function patchU64(draft: Draft, address: bigint, value: bigint, size = 8): void {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  patch(draft, address, bytes.subarray(0, size));
}
