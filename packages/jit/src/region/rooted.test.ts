import type { EndOp } from '@tally86/decoder';
import { expect, it } from 'vitest';
import { carriedAt } from './carried.ts';
import type { RegionBlock, RegionGraph } from './graph.ts';
import { structure } from './flow.ts';
import { root } from './rooted.ts';

const BRANCH: EndOp = { op: 'branchcc', cc: 4, taken: 0, fall: 0 };
/** Blocks a page apart, by where each leads. */
function graphOf(rows: readonly (readonly number[])[], entries: readonly number[] = [0]): RegionGraph {
  const blocks = rows.map((targets, at): RegionBlock =>
    ({ address: at << 12, instructions: [], ops: [BRANCH], base: 0, end: BRANCH, edges: targets.map((to) => ({ address: to << 12, to })), inlined: false, counts: [] }));
  return { blocks, entries: [...entries], instructionCount: rows.length };
}
const doors = ({ doorOfBlock }: { readonly doorOfBlock: readonly number[] }): number[] => doorOfBlock.flatMap((door, b) => (door === b ? [] : [b]));

// 0 is the body of a loop that tests its condition in 1; around both goes 2, which comes in at the condition
const BODY_FIRST = [[1], [0, 2], [1, 3], []];

it('a region asked for in the middle of a loop starts where the loop is entered', () => {
  expect(doors(structure(graphOf(BODY_FIRST)))).toEqual([0]);
  const { graph, flow } = root(graphOf(BODY_FIRST), 0, (address) => (address === 0 ? 8000 : 100));
  expect(graph.blocks[0]!.address).toBe(1 << 12);
  expect(graph.blocks[0]!.edges.map(({ address, to }) => graph.blocks[to]!.address === address)).toEqual([true, true]);
  expect(flow.entries.map((b) => graph.blocks[b]!.address)).toEqual([1 << 12]);
  expect(doors(flow)).toEqual([]);
});
it('stays where it was asked for if that is an entry for other reasons too, or nothing is cheaper', () => {
  const { graph } = root(graphOf(BODY_FIRST), -1, () => 1);
  expect(graph.blocks[0]!.address).toBe(0);
  const straight = root(graphOf([[1], [1, 2], []]), 0, () => 1);
  expect(straight.graph.blocks[0]!.address).toBe(0);
});
it('stays where it was asked for if from elsewhere a way would lead into the middle of a loop', () => {
  // 0 leads to 2 as 1 does, and 3, which is an entry, leads back: from 1, 0 and 2 are a loop with two ways in
  const rows = [[1, 2], [0, 2], [3], [0, 4], []];
  const counts = (address: number): number => (address === 1 << 12 ? 1 : 8000);
  expect(doors(structure(graphOf(rows, [0, 3])))).toEqual([0]);
  const { graph } = root(graphOf(rows, [0, 3]), 0, counts);
  expect(graph.blocks[0]!.address).toBe(0);
  expect(graph.blocks.flatMap(({ edges }) => edges.filter(({ to }) => to < 0))).toEqual([]);
});
it('a function is not entered in the middle of a loop that is entered from its start', () => {
  const rows = [[1], [2, 3], [1], []];
  expect(doors(structure(graphOf(rows, [0, 2])))).toEqual([1]);
  const { graph, flow } = root(graphOf(rows, [0, 2]), 2, () => 8000);
  expect(flow.entries.map((b) => graph.blocks[b]!.address)).toEqual([0, 1 << 12]);
  expect(doors(flow)).toEqual([]);
});
it('of two loops with one header the one without entries inside passes by the door', () => {
  // 1 is turned to by 2 and, by way of 3, which is an entry, by 4
  const flow = structure(graphOf([[1], [2, 3], [1], [4], [1, 5], []], [0, 3]));
  expect(doors(flow)).toEqual([1]);
  expect([...flow.turning.get(1)!].sort()).toEqual([1, 2]);
  expect(flow.nodeBetween(2, 1)).toBe(1);
  expect(flow.nodeBetween(4, 1)).toBe(flow.doorOfBlock[1]);
  expect(flow.isLoopHeader[1]).toBe(true);
  expect(flow.isLoopHeader[flow.doorOfBlock[1]!]).toBe(true);
});
it('a loop carries what it writes if it is small and innermost, and calls nobody', () => {
  const none = { gprs: 0, vectors: 0 };
  const uses = [none, { gprs: 1, vectors: 0 }, { gprs: 4, vectors: 2 }, { gprs: 8, vectors: 0 }].map((written) => ({ read: none, written }));
  const carried = (graph: RegionGraph): unknown => carriedAt(graph, structure(graph), uses);
  // 1 and 2 are a loop
  expect(carried(graphOf([[1], [2], [1, 3], []]))).toEqual([none, { gprs: 5, vectors: 2 }, { gprs: 5, vectors: 2 }, none]);
  // 2 alone is one in it
  expect(carried(graphOf([[1], [2], [2, 1], []]))).toEqual([none, none, { gprs: 4, vectors: 2 }, none]);
  const calling = graphOf([[1], [2], [1, 3], []]);
  const call: EndOp = { op: 'jump', target: 0x9000, kind: 'call', ret: 0x2000 };
  calling.blocks[1] = { ...calling.blocks[1]!, end: call, ops: [call] };
  expect(carried(calling)).toEqual([none, none, none, none]);
  const large = graphOf([[1], [2], [1, 3], []]);
  const load = { op: 'load', d: 0, ea: { base: -1, index: -1, scale: 1, disp: 0, seg: 0, wrap: false }, size: 8, sext: 0 } as never;
  large.blocks[1] = { ...large.blocks[1]!, ops: [...Array.from({ length: 200 }, () => load), BRANCH] };
  expect(carried(large)).toEqual([none, none, none, none]);
});
