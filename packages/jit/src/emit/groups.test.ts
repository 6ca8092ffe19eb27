import { REG } from '@tally86/core';
import type { IrOp } from '@tally86/decoder';
import { expect, test } from 'vitest';
import { groupAccesses } from './groups.ts';

const load = (base: number, disp: number): IrOp => ({ op: 'load', size: 8, sext: 0, rmw: false, d: REG.rax, ea: { base, index: -1, shift: 0, disp, seg: 0, a32: false } });
const BLOCK = [load(REG.rbp, -8), load(REG.rbx, 0), load(REG.rbp, -32), load(REG.rbx, 8), load(REG.rbp, 16)];

/** For each access the bytes that its lookup covers, or nothing if it has none of its own. */
const lookups = (alone: (i: number) => boolean, ops = BLOCK) =>
  groupAccesses(ops, alone).map((access) => (access?.first === true ? [access.group.low, access.group.high] : null));

test('accesses from one base share a lookup', () => {
  expect(lookups(() => false)).toEqual([[-32, 24], [0, 16], null, null, null]);
});
test('once a lookup of several failed too often, all of them look for themselves', () => {
  expect(lookups((i) => i === 0)).toEqual([[-8, 0], [0, 16], [-32, -24], null, [16, 24]]);
});
test('no lookup covers more than the TLB reaches', () => {
  expect(lookups(() => false, [load(REG.rbp, 0), load(REG.rbp, 504), load(REG.rbp, 505)])).toEqual([[0, 512], null, [505, 513]]);
});
