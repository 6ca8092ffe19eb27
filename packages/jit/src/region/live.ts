import type { BlockUse } from '../emit/use.ts';
import { isDispatched, type RegionBlock, type RegionGraph } from './graph.ts';
import { NO_REGISTERS, union, without, type RegisterSet } from './registers.ts';

/** For each block the registers that the region reads behind its start before it writes them or a call comes back, which loads them anew. */
export function liveAt({ blocks }: RegionGraph, uses: readonly BlockUse[]): RegisterSet[] {
  const live = blocks.map(() => NO_REGISTERS);
  const inside = ({ edges }: RegionBlock): number[] => edges.flatMap(({ to }) => (to < 0 ? [] : [to]));
  // the dispatcher takes a jump to any target of any of them
  const dispatched = [...new Set(blocks.filter(isDispatched).flatMap(inside))];
  const targets = blocks.map((block) => {
    const { end } = block;
    if ((end.op === 'jump' || end.op === 'jumpind') && end.kind === 'call') return [];
    const to = inside(block);
    return isDispatched(block) && to.length > 0 ? dispatched : to;
  });
  for (let changed = true; changed;) {
    changed = false;
    for (let i = blocks.length - 1; i >= 0; i--) {
      const { read, written } = uses[i]!;
      const behind = targets[i]!.reduce((all, to) => union(all, live[to]!), NO_REGISTERS);
      const { gprs, vectors } = union(read, without(behind, written));
      if (gprs === live[i]!.gprs && vectors === live[i]!.vectors) continue;
      live[i] = { gprs, vectors };
      changed = true;
    }
  }
  return live;
}
