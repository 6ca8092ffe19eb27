import { REG } from '@tally86/core';
import type { EndOp } from '@tally86/decoder';
import { expect, it } from 'vitest';
import { structure } from './flow.ts';
import { isDispatched, type RegionBlock } from './graph.ts';

const JUMP: EndOp = { op: 'jumpind', a: REG.rax, kind: 'jump', ret: 0, sp: 0 };
const BRANCH: EndOp = { op: 'branchcc', cc: 4, taken: 0, fall: 0 };
const block = (end: EndOp, targets: readonly number[], at: number): RegionBlock =>
  ({ address: 0x1000 + at, instructions: [], ops: [end], base: 0, end, edges: targets.map((to) => ({ address: 0x1000 + to, to })), inlined: false, counts: [] });

/** Where the dispatcher leads, and where the edges of the jumps that it serves lead. */
function ways(rows: readonly (readonly [EndOp, readonly number[]])[]): { readonly dispatcher: number[]; readonly edges: number[] } {
  const blocks = rows.map(([end, targets], i) => block(end, targets, i));
  const { nodes } = structure({ blocks, entries: [0], instructionCount: blocks.length });
  const edges = new Set(blocks.filter(isDispatched).flatMap((b) => b.edges.flatMap(({ to }) => (to >= 0 ? [to] : []))));
  return { dispatcher: nodes.flatMap((node) => (node.kind === 'indirect' ? [...node.blocks] : [])).sort(), edges: [...edges].sort() };
}

it('what only a jump that was cut off leads to is no target of the dispatcher', () => {
  // the dispatcher and block 2 are a loop that block 0 enters in the middle: block 2's jump leaves the region, and nobody goes to block 3
  expect(ways([[BRANCH, [1, 2]], [JUMP, [2]], [JUMP, [3, 2]], [JUMP, []]])).toEqual({ dispatcher: [2], edges: [2] });
});
it('the dispatcher leads where the edges of its jumps lead', () => {
  let seed = 1;
  const below = (n: number): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0, (seed >>> 8) % n);
  let cut = 0;
  for (let i = 0; i < 2000; i++) {
    const n = 3 + below(6);
    const rows = Array.from({ length: n }, () => {
      const end = below(2) === 0 ? JUMP : BRANCH;
      return [end, Array.from({ length: end === JUMP ? below(4) : 2 }, () => below(n))] as const;
    });
    const { dispatcher, edges } = ways(rows);
    expect(dispatcher, JSON.stringify(rows)).toEqual(edges);
    if (edges.length < new Set(rows.flatMap(([end, targets]) => (end === JUMP ? targets : []))).size) cut++;
  }
  expect(cut).toBeGreaterThan(100);
});
