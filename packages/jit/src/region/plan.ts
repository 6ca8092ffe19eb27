import { PAGE_SIZE } from '@tally86/core';
import type { Lifter } from '@tally86/decoder';
import type { Region } from '../runtime/regions.ts';
import type { Flow } from './flow.ts';
import { buildGraph, type FoundGraph, type GraphLimits, type Profile, type RegionGraph } from './graph.ts';
import { root } from './rooted.ts';

/** A block belongs to a region if it was executed one in so many (log2) of the times that make a block hot: V8 takes its time for each. */
const SHARE = 4;
/** How often a function's region takes in what became hot later. */
const GROWTH = 2;
/** Callees up to this size are copied into regions that call them. */
const CALLEE = { blocks: 12, instructions: 60, depth: 2 };
/**
 * A program of which more instructions than this were translated executes each of them little, as compilers do: from then on regions are not made anew
 * for what became hot later, take in fewer blocks, and copy the smallest callees only. Interpreters and their like stay below half of it.
 */
const LARGE = { from: 40_000, share: 2, callee: { blocks: 4, instructions: 20, depth: 1 } };

/** From so many translated instructions on, what becomes hot waits for as long again: much of such a program is never worth what V8 takes for it. */
export const HESITATE_FROM = 20_000;

/** A region that is not written yet. */
export interface Plan {
  readonly graph: RegionGraph;
  readonly flow: Flow;
  /** Guest addresses of the entries, by number. */
  readonly entries: readonly number[];
}

/** What planning asks of the engine. */
export interface PlannerParts {
  readonly lifter: Lifter;
  /** Largest region. */
  readonly limits: Pick<GraphLimits, 'blocks' | 'instructions'>;
  /** Executions that make a block hot. */
  readonly threshold: number;
  /** From how many translated instructions on hot blocks wait for as long again. */
  readonly hesitateFrom: number;
  /** How often the block at an address was executed. */
  executions(address: number): number;
  readonly targets: Profile['targets'];
  readonly counts: Profile['counts'];
  /** The region with an entry at an address. */
  regionAt(address: number): Region | undefined;
  /** Where the function around an address starts; −1: not known. */
  functionAround(address: number): number;
  /** Instructions that were translated so far. */
  translated(): number;
  /** A region is going to be part of a larger one. */
  replace(region: Region): void;
}

export interface Planner {
  /**
   * The region for what is hot at an address; `planned`: entries of regions that are planned already; `again`: the one that is translated anew, whose
   * blocks were hot, though perhaps it was an earlier engine that counted. Null: there is nothing to translate.
   */
  plan(address: number, planned: ReadonlySet<number>, again?: Region): Plan | null;
  /** Whether a block that became hot should prove itself for longer. */
  hesitates(): boolean;
  /** Forgets what was planned before. */
  clear(): void;
}

/** Decides what becomes one region. */
export function createPlanner({ lifter, limits, threshold, hesitateFrom, executions, targets, counts, regionAt, functionAround, translated, replace }: PlannerParts): Planner {
  const small = { ...limits, callee: CALLEE };
  const large = { ...limits, callee: LARGE.callee };
  /** How often the region of a function was translated anew, with more in it. */
  const grown = new Map<number, number>();
  /** Blocks that were hot when a region took them in that is entered elsewhere. */
  const passed = new Set<number>();
  /** Blocks of what is translated anew by the plan that is being made. */
  const again = new Set<number>();
  const isLarge = (): boolean => translated() > LARGE.from;
  const seen = (address: number): boolean => passed.has(address) || again.has(address) || executions(address) >= threshold >> (isLarge() ? LARGE.share : SHARE);
  const weight = (address: number): number => (passed.has(address) || (again.has(address) && executions(address) < threshold >> SHARE) ? threshold : executions(address));
  const translateAgain = ({ pieces }: Region): void => pieces.forEach(({ page, from }) => again.add(page * PAGE_SIZE + from));
  const build = (address: number, isEntry: (a: number) => boolean, through?: number): FoundGraph | null =>
    buildGraph(lifter, address, { seen, isEntry, targets, ...counts !== undefined && { counts } }, isLarge() ? large : small, through);

  /** What starts at an address; or, if they are executed often too, the function around it or a region that it goes on in, with it. */
  function graphOf(address: number, planned: ReadonlySet<number>): FoundGraph | null {
    const own = build(address, (a) => regionAt(a) !== undefined || planned.has(a));
    if (own === null) return null;
    const starts = new Set<number>();
    const around = functionAround(address);
    if (around >= 0 && seen(around)) starts.add(around);
    for (const { edges } of own.blocks) for (const e of edges) {
      const region = e.to < 0 ? regionAt(e.address) : undefined;
      if (region !== undefined) starts.add(region.address);
    }
    starts.delete(address);
    for (const start of starts) {
      const before = regionAt(start);
      const times = grown.get(start) ?? 0;
      if (planned.has(start) || (before !== undefined && (before.address !== start || times >= GROWTH || isLarge()))) continue;
      if (before !== undefined) translateAgain(before);
      const whole = build(start, (a) => planned.has(a) || (regionAt(a) ?? before) !== before, address);
      if (whole === null) continue;
      if (before !== undefined) {
        grown.set(start, times + 1);
        replace(before);
      }
      return whole;
    }
    return own;
  }

  return {
    plan(address, planned, region) {
      again.clear();
      if (region !== undefined) translateAgain(region);
      const found = graphOf(address, planned);
      if (found === null) return null;
      // what stays hot although it is in a region has to be an entry; a function is called at its start
      const { graph, flow } = root(found, passed.has(address) || functionAround(address) === address ? -1 : found.asked, weight);
      const entries = flow.entries.map((b) => graph.blocks[b]!.address);
      if (!entries.includes(address)) passed.add(address);
      return { graph, flow, entries };
    },
    hesitates: () => translated() > hesitateFrom,
    clear() {
      grown.clear();
      passed.clear();
    },
  };
}
