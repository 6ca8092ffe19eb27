import type { Flow } from '../region/flow.ts';
import type { RegionGraph } from '../region/graph.ts';

/** Counters of one region that locals stand in for: each takes a register, and an addition to memory at every way out. */
const MOST = 4;
/** A loop is worth a local if one in so many of its blocks counts. */
const SHARE = 2;

/** How a region counts: what is in neither is added to memory at once. */
export interface Gathered {
  /** Cells of counters that locals stand in for: an addition to memory takes longer than what small loops do. */
  readonly locals: readonly number[];
  /** Cells of counters that get this much for each instruction: what is left of the budget tells. */
  readonly perInstruction: ReadonlyMap<number, number>;
}

export function gatherCounts({ blocks }: RegionGraph, { loops }: Flow): Gathered {
  const sums = blocks.map(({ counts }) => {
    const sum = new Map<number, number>();
    for (const { cell, amount } of counts) sum.set(cell, (sum.get(cell) ?? 0) + amount);
    return sum;
  });
  const perInstruction = new Map<number, number>();
  for (const [cell, amount] of sums[0]!) {
    const each = amount / blocks[0]!.instructions.length;
    if (Number.isInteger(each) && blocks.every(({ instructions }, i) => sums[i]!.get(cell) === each * instructions.length)) perInstruction.set(cell, each);
  }
  const shares = new Map<number, number>();
  for (const body of loops) {
    const times = new Map<number, number>();
    for (const i of body) for (const cell of sums[i]?.keys() ?? []) times.set(cell, (times.get(cell) ?? 0) + 1);
    for (const [cell, n] of times) shares.set(cell, Math.max(n / body.size, shares.get(cell) ?? 0));
  }
  const locals = [...shares].filter(([cell, share]) => share * SHARE >= 1 && !perInstruction.has(cell)).sort(([, a], [, b]) => b - a).slice(0, MOST);
  return { locals: locals.map(([cell]) => cell), perInstruction };
}
