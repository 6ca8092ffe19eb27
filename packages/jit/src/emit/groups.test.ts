import { CELL, REG } from '@tally86/core';
import type { IrOp } from '@tally86/decoder';
import { expect, test } from 'vitest';
import { groupAccesses } from './groups.ts';

const load = (base: number, disp: number): IrOp => ({ op: 'load', size: 8, sext: 0, rmw: false, d: REG.rax, ea: { base, index: -1, shift: 0, disp, seg: 0, a32: false } });
const BLOCK = [load(REG.rbp, -8), load(REG.rbx, 0), load(REG.rbp, -32), load(REG.rbx, 8), load(REG.rbp, 16)];

/** For each access the bytes that its lookup covers, or nothing if it has none of its own. */
const lookups = (alone: (i: number) => boolean, ops = BLOCK) =>
  groupAccesses(0, () => ({ ops, sp: 0, next: [], alone })).get(0)!.map((access) => (access?.first === true ? [access.group.low, access.group.high] : null));

test('accesses from one base share a lookup', () => {
  expect(lookups(() => false)).toEqual([[-32, 24], [0, 16], null, null, null]);
});
test('once a lookup of several failed too often, all of them look for themselves', () => {
  expect(lookups((i) => i === 0)).toEqual([[-8, 0], [0, 16], [-32, -24], null, [16, 24]]);
});
test('no lookup covers more than the TLB reaches', () => {
  expect(lookups(() => false, [load(REG.rbp, 0), load(REG.rbp, 504), load(REG.rbp, 505)])).toEqual([[0, 512], null, [505, 513]]);
});

const store = (base: number, disp: number): IrOp => ({ op: 'store', size: 8, a: REG.rax, ea: { base, index: -1, shift: 0, disp, seg: 0, a32: false } });
const set = (d: number): IrOp => ({ op: 'mov', w: 64, a: REG.rcx, d });
const TREE: readonly { readonly ops: readonly IrOp[]; readonly next: readonly number[]; readonly sp?: number }[] = [
  { ops: [load(REG.rbx, 0), load(REG.rsp, 8), { op: 'jumpind', a: CELL.temp, kind: 'ret', sp: 16, ret: 0 }], next: [1, 2], sp: 16 },
  // within reach; too far for what may not come; the stack, moved
  { ops: [load(REG.rbx, 16), load(REG.rbx, 400), load(REG.rsp, -8)], next: [3] },
  // no longer the same base; a store, which the lookup of a load does not serve
  { ops: [set(REG.rbx), load(REG.rbx, 0), load(REG.rsp, 32), store(REG.rsp, 0), load(REG.rsp, 8)], next: [] },
  { ops: [load(REG.rbx, 408), load(REG.rsp, -16), load(REG.rbp, 0), load(REG.rbp, 8)], next: [] },
];

test('blocks that only one leads to share its lookups', () => {
  const all = groupAccesses(0, (i) => ({ sp: 0, ...TREE[i]!, alone: () => false }));
  const told = (i: number) => all.get(i)!.map((a) => (a === null ? 'none' : `${a.first ? `[${a.group.low}, ${a.group.high})${a.group.write ? 'w' : ''}` : a.offset} ${a.group.kept}`));
  expect([0, 1, 2, 3].map(told)).toEqual([
    ['[0, 24) 0', '[0, 56) 1', 'none'],
    ['16 0', '[400, 416) 2', '8 1'],
    ['none', '[0, 8) -1', '48 1', '[16, 32)w 2', '24 2'],
    ['408 2', '0 1', '[0, 16) 3', '8 3'],
  ]);
});
test('no lookup is shared across a helper that may fault, nor with another segment base', () => {
  const faults: IrOp = { op: 'helper', name: 'any', args: [], reads: [], writes: [], faults: true } as unknown as IrOp;
  expect(lookups(() => false, [load(REG.rbx, 0), faults, load(REG.rbx, 8)])).toEqual([[0, 8], null, [8, 16]]);
  const at = (seg: number, disp: number): IrOp => ({ ...load(-1, disp), ea: { base: -1, index: -1, shift: 0, disp, seg, a32: false } } as IrOp);
  expect(lookups(() => false, [at(CELL.fsBase, 0), at(CELL.fsBase, 8), set(CELL.fsBase), at(CELL.fsBase, 16)])).toEqual([[0, 16], null, null, [16, 24]]);
  // two bases 64 bytes from each other
  const bases: readonly IrOp[] = [{ op: 'mov', w: 64, a: REG.rcx, d: CELL.fsBase }, { op: 'add', w: 64, a: REG.rcx, b: { imm: 64n, lo: 64, hi: 0 }, d: CELL.gsBase }];
  expect(lookups(() => false, [...bases, at(CELL.fsBase, 0), at(CELL.gsBase, 0)])).toEqual([null, null, [0, 72], null]);
});
