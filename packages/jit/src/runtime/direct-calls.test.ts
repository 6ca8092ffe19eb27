import { expect, it } from 'vitest';
import type { RegionBlock } from '../region/graph.ts';
import { hasTailCalls } from './can-compile.ts';
import { calleesOf, isCallable, liveArea, LiveWords, type CallablePlan, type CalleeParts } from './direct-calls.ts';
import { cellArea } from './instrumentation.ts';
import type { Region } from './regions.ts';

it('words are given once, and lie in front of the counters', () => {
  const engineArea = { base: 65_536, size: 1 << 16 };
  const buffer = new ArrayBuffer(2 << 16);
  new Int32Array(buffer, 65_536).fill(1);
  const words = new LiveWords({ buffer, engineArea });
  const { base, size } = liveArea(engineArea);
  expect(base + size).toBe(cellArea(engineArea).base);
  const taken = new Set<number>();
  for (let word = words.take(); word !== 0; word = words.take()) taken.add(word);
  expect([taken.size, Math.min(...taken), Math.max(...taken)]).toEqual([size / 4, base, base + size - 4]);
  expect([...taken].every((word) => new Int32Array(buffer)[word >> 2] === 0)).toBe(true);
  words.set(base, true);
  words.set(base + 4, true);
  words.set(base + 4, false);
  // what has no word is not live
  words.set(0, true);
  expect([...new Int32Array(buffer, base, 2)]).toEqual([1, 0]);
  expect(new Int32Array(buffer)[0]).toBe(0);
});

it('a region that comes and goes is not called by others', () => {
  const region = { valid: true, live: 8, before: 0 } as Region;
  expect([region, { ...region, valid: false }, { ...region, live: 0 }, { ...region, before: 3 }].map(isCallable)).toEqual([true, false, false, false]);
});

it('without tail calls regions call others, but do not go on in them', () => {
  const there = { valid: true, live: 8, before: 0, entries: [0x2000] } as unknown as Region;
  const block = (address: number, end: unknown, to: number): RegionBlock => ({ address, end, edges: [{ address: to, to: -1 }], instructions: [{ address }] }) as unknown as RegionBlock;
  const blocks = [block(0x1000, { op: 'jump', kind: 'call', target: 0x2000, ret: 0x1005 }, 0x1005), block(0x1005, { op: 'jump', kind: 'jump', target: 0x3000 }, 0x3000)];
  const plans = [{ graph: { blocks }, entries: [0x1000], live: 4 }] as unknown as CallablePlan[];
  const regions = new Map([0x2000, 0x3000].map((address) => [address, { region: { ...there, address }, entry: 0 }]));
  const parts: CalleeParts = { first: 5, entryAt: (address) => regions.get(address), calledBy: () => [] };
  const found = (tailCalls: boolean): unknown => {
    const { imported, callee } = calleesOf(plans, parts, tailCalls);
    return [imported.length, callee(0x2000, 'call')?.index, callee(0x3000, 'way')?.index, callee(0x1000, 'way')?.index];
  };
  expect(found(true)).toEqual([2, 5, 6, 7]);
  expect(found(false)).toEqual([1, 5, undefined, undefined]);
});

it('this host has tail calls', () => expect(hasTailCalls()).toBe(true));
