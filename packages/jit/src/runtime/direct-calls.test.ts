import { expect, it } from 'vitest';
import { isCallable, liveArea, LiveWords } from './direct-calls.ts';
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
