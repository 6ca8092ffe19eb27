import type { Flow } from './flow.ts';
import { isDispatched, type RegionGraph } from './graph.ts';

/** Longest ways through a region that pass no check of the budget, in instructions, from each block. */
export function longestWays({ blocks }: RegionGraph, flow: Flow): number[] {
  const longest = blocks.map(() => -1);
  const order = blocks.map((_, i) => i).sort((a, b) => flow.order[b]! - flow.order[a]!);
  // in reverse order of the flow every forward successor is known; backward edges lead to checks
  for (const i of order) {
    let behind = 0;
    // the dispatcher of indirect jumps checks too
    if (!isDispatched(blocks[i]!)) for (const { to } of blocks[i]!.edges) if (to >= 0 && !flow.checked.has(to)) behind = Math.max(behind, longest[to]!);
    longest[i] = blocks[i]!.instructions.length + behind;
  }
  return longest;
}
