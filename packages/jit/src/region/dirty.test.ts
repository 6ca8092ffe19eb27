import { REG } from '@tally86/core';
import type { EndOp, IrOp } from '@tally86/decoder';
import { expect, it } from 'vitest';
import { dirtyAt } from './dirty.ts';
import type { RegionBlock } from './graph.ts';

const jump: EndOp = { op: 'jumpind', a: REG.rax, kind: 'jump', ret: 0, sp: 0 };
function block(address: number, writes: number | null, targets: readonly number[], end: EndOp = jump): RegionBlock {
  const ops: IrOp[] = writes === null ? [end] : [{ op: 'mov', w: 64, d: writes, a: REG.rcx }, end];
  return { address, instructions: [], ops, base: 0, end, edges: targets.map((to) => ({ address: 0x1000 + to, to })), inlined: false, counts: [] };
}

it('a jump may go where another one of the region was seen to go', () => {
  const blocks = [block(0x1000, REG.rdi, [1]), block(0x1001, null, [2]), block(0x1002, null, [])];
  const dirty = dirtyAt({ blocks, entries: [0], instructionCount: 3 });
  expect(dirty.map(({ gprs }) => gprs)).toEqual([0, 1 << REG.rdi, 1 << REG.rdi]);
  // only block 1 was seen to go to block 2: written in block 0, rdi is to be stored there all the same
  const direct = dirtyAt({ blocks: [block(0x1000, REG.rdi, [1]), block(0x1001, null, []), block(0x1002, null, [3]), block(0x1003, null, [])], entries: [0, 2], instructionCount: 4 });
  expect(direct[3]!.gprs).toBe(1 << REG.rdi);
});
