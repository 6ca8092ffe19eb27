import { REG } from '@tally86/core';
import type { EndOp, IrOp } from '@tally86/decoder';
import { expect, it, test } from 'vitest';
import type { RegionBlock } from './graph.ts';
import { usesOf } from '../emit/use.ts';
import { liveAt } from './live.ts';

const { rax, rcx, rdi } = REG;
const move = (d: number, a: number): IrOp => ({ op: 'mov', w: 64, d, a });
const to = (target: number): EndOp => ({ op: 'jump', target, kind: 'jump', ret: 0 });
const call: EndOp = { op: 'jump', target: 0x9000, kind: 'call', ret: 0x1001 };
const jump: EndOp = { op: 'jumpind', a: rax, kind: 'jump', ret: 0, sp: 0 };
function block(address: number, ops: readonly IrOp[], targets: readonly number[], end: EndOp = to(0)): RegionBlock {
  return { address, instructions: [], ops: [...ops, end], base: 0, end, edges: targets.map((t) => ({ address: 0x1000 + t, to: t })), inlined: false, counts: [] };
}
const live = (...blocks: RegionBlock[]): number[] => liveAt({ blocks, entries: [0], instructionCount: blocks.length }, blocks.map(({ ops }) => usesOf(ops))).map(({ gprs }) => gprs);

test.each<[string, RegionBlock[], number[]]>([
  ['read further down', [block(0x1000, [], [1]), block(0x1001, [move(rax, rdi)], [])], [1 << rdi, 1 << rdi]],
  ['written before it is read', [block(0x1000, [move(rdi, rcx)], [1]), block(0x1001, [move(rax, rdi)], [])], [1 << rcx, 1 << rdi]],
  ['read and written by one operation', [block(0x1000, [move(rdi, rdi)], [])], [1 << rdi]],
  ['around a loop', [block(0x1000, [move(rax, rcx)], [1]), block(0x1001, [move(rcx, rdi)], [0])], [(1 << rcx) | (1 << rdi), 1 << rdi]],
  ['behind a call all is loaded anew', [block(0x1000, [], [1], call), block(0x1001, [move(rax, rdi)], [])], [0, 1 << rdi]],
])('%s', (_, blocks, expected) => {
  expect(live(...blocks)).toEqual(expected);
});

it('a jump may go where another one of the region was seen to go', () => {
  const found = live(block(0x1000, [], [1], jump), block(0x1001, [], [2], jump), block(0x1002, [move(rax, rdi)], []));
  // block 0 was seen to go to block 1 only
  expect(found[0]).toBe((1 << rax) | (1 << rdi));
});
