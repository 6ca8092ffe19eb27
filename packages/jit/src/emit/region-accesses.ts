import type { Flow } from '../region/flow.ts';
import type { RegionBlock, RegionGraph } from '../region/graph.ts';
import { groupAccesses, type Access, type GroupedBlock } from './groups.ts';
import type { RegionOptions } from './region-options.ts';

/** The instruction that each operation belongs to. */
export function ownersOf({ ops, instructions, base }: RegionBlock): number[] {
  let k = 0;
  return ops.map((_, i) => {
    while (k + 1 < instructions.length && instructions[k + 1]!.first - base <= i) k++;
    return k;
  });
}

/** How the accesses of a region's blocks share lookups, found out as it is asked. */
export class RegionAccesses {
  readonly #graph: RegionGraph;
  readonly #flow: Flow;
  readonly #needsLabel: readonly boolean[];
  readonly #options: Pick<RegionOptions, 'isAlone'>;
  readonly #known = new Map<number, readonly (Access | null)[]>();

  /** `needsLabel`: the nodes of the flow that are not written right behind the only one that leads to them. */
  constructor(graph: RegionGraph, flow: Flow, needsLabel: readonly boolean[], options: Pick<RegionOptions, 'isAlone'>) {
    this.#graph = graph;
    this.#flow = flow;
    this.#needsLabel = needsLabel;
    this.#options = options;
  }

  /** For each operation of a block the access that it is, or null. */
  of(block: number): readonly (Access | null)[] {
    let found = this.#known.get(block);
    if (found === undefined) {
      // whoever leads here alone was written before, and had it grouped with its own
      for (const [b, accesses] of groupAccesses(block, (b) => this.#grouped(b))) this.#known.set(b, accesses);
      found = this.#known.get(block)!;
    }
    return found;
  }

  #grouped(index: number): GroupedBlock {
    const block = this.#graph.blocks[index]!;
    const { ops, end, edges, instructions } = block;
    const owner = ownersOf(block);
    // a callee may do anything
    const goesOn = end.op === 'branch' || end.op === 'branchcc' || (end.op === 'jump' && end.kind !== 'call') || (end.op === 'jumpind' && block.expected !== undefined);
    return {
      ops,
      sp: end.op === 'jumpind' ? end.sp : 0,
      next: goesOn ? edges.flatMap(({ to }) => (to >= 0 && this.#followsAlone(to) ? [to] : [])) : [],
      alone: (i) => this.#options.isAlone(instructions[owner[i]!]!.address),
    };
  }
  /** Whether a block is written right behind the only one that leads to it; what checks the budget may be entered from outside. */
  #followsAlone(block: number): boolean {
    const { nodeOfBlock, doorOfBlock, root, isLoopHeader, checked } = this.#flow;
    const node = nodeOfBlock[block]!;
    return doorOfBlock[block] === node && node !== root && !this.#needsLabel[node] && !isLoopHeader[node] && !checked.has(block);
  }
}
