import { structure, type Flow } from './flow.ts';
import type { Edge, RegionBlock, RegionGraph } from './graph.ts';

/** Other places to start a region at that are looked at. */
const MOST_TRIALS = 6;

export interface Rooted {
  readonly graph: RegionGraph;
  readonly flow: Flow;
}

/**
 * Structures a region that was asked for at a block in the middle of a loop. An entry inside a loop costs a dispatcher in front of its header, on
 * every turn; so if it is cheaper, the region is entered at another block of the loop, which execution comes to soon. `asked`: the block; it is an
 * entry for no other reason. `executions`: how often a block was executed.
 */
export function root(graph: RegionGraph, asked: number, executions: (address: number) => number): Rooted {
  const edges = graph.blocks.map((b) => b.edges.map((e) => ({ ...e })));
  const flow = structure(graph);
  let best: Rooted = { graph, flow };
  let least = costOf(best, executions);
  if (least === 0 || asked < 0) return best;
  const edgesInside = insideOf(graph);
  for (const start of otherRoots(best, asked)) {
    const other = moved(graph, edges, asked, start);
    const tried: Rooted = { graph: other, flow: structure(other) };
    const cost = costOf(tried, executions);
    // a way that has to leave the region, because it leads into the middle of a loop from there, costs more than any look
    if (cost >= least || insideOf(other) < edgesInside) continue;
    best = tried;
    least = cost;
    if (cost === 0) break;
  }
  return best;
}

/** Edges that do not leave the region. */
const insideOf = ({ blocks }: RegionGraph): number => blocks.reduce((n, { edges }) => n + edges.filter(({ to }) => to >= 0).length, 0);

/** Turns of loops that pass a dispatcher of entries, as far as is known. */
function costOf({ graph: { blocks }, flow: { loops, order, doorOfBlock, turning } }: Rooted, executions: (address: number) => number): number {
  let cost = 0;
  doorOfBlock.forEach((door, header) => {
    if (door === header || order[header]! < 0) return;
    const passing = turning.get(header);
    for (const [b, { address, edges }] of blocks.entries()) {
      if (order[b]! < order[header]! || passing?.has(b) === true || !edges.some(({ to }) => to === header) || !loops.some((loop) => loop.has(b) && loop.has(header))) continue;
      cost += Math.max(1, Math.min(executions(address), executions(blocks[header]!.address)));
    }
  });
  return cost;
}

/** Blocks to start at instead of the one that was asked for, the likeliest first. */
function otherRoots({ graph: { blocks }, flow: { loops, order } }: Rooted, asked: number): number[] {
  // the start of a function is where it is entered
  if (asked !== 0) return [0];
  const around = loops.find((loop) => Math.min(...[...loop].map((b) => order[b] ?? 0)) === order[0] && loop.has(0));
  if (around === undefined) return [];
  const inside = [...around].filter((b) => b !== 0 && b < blocks.length && !blocks[b]!.inlined);
  const headers = loops.map((loop) => [...loop].reduce((first, b) => (order[b]! < order[first]! ? b : first)));
  const lowest = inside.reduce((low, b) => (low < 0 || blocks[b]!.address < blocks[low]!.address ? b : low), -1);
  return [...new Set([...headers.filter((b) => inside.includes(b)), ...lowest < 0 ? [] : [lowest]])].slice(0, MOST_TRIALS);
}

/** The graph with its start elsewhere, and without the entry that was asked for. */
function moved(graph: RegionGraph, edges: readonly (readonly Edge[])[], asked: number, start: number): RegionGraph {
  const place = (b: number): number => (b === 0 ? start : b === start ? 0 : b);
  const blocks = graph.blocks.map((_, b): RegionBlock => ({ ...graph.blocks[place(b)]!, edges: edges[place(b)]!.map(({ address, to }) => ({ address, to: to < 0 ? to : place(to) })) }));
  const entries = [...new Set([start, ...graph.entries.filter((b) => b !== asked)])].map(place).sort((a, b) => a - b);
  return { ...graph, blocks, entries };
}
