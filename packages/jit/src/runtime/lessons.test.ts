import { expect, it } from 'vitest';
import { Lessons } from './lessons.ts';

it('an instruction is tried another way each time, until there is none', () => {
  const lessons = new Lessons();
  expect(lessons.isEmpty).toBe(true);
  expect([lessons.learn(0x1000, 'float', 3, 10), lessons.floats(0x1000)]).toEqual([true, 'exact']);
  expect([lessons.learn(0x1000, 'float', 10, 20), lessons.floats(0x1000)]).toEqual([true, 'host']);
  expect([lessons.learn(0x1000, 'float', 20, 30), lessons.floats(0x1000)]).toEqual([false, 'host']);
  expect([lessons.learn(0x2000, 'memory', 3, 10), lessons.isAlone(0x2000), lessons.learn(0x2000, 'memory', 10, 20)]).toEqual([true, true, false]);
  expect([lessons.learn(0x3000, 'other', 3, 10), lessons.floats(0x3000), lessons.isEmpty]).toEqual([false, undefined, false]);
});

it('a region that is older than what is known is only translated anew', () => {
  const lessons = new Lessons();
  lessons.learn(0x1000, 'float', 3, 10);
  expect([lessons.learn(0x1000, 'float', 9, 20), lessons.floats(0x1000)]).toEqual([true, 'exact']);
  lessons.clear();
  expect([lessons.floats(0x1000), lessons.isEmpty]).toEqual([undefined, true]);
});

it('an instruction that loads and calculates has a lesson of each kind', () => {
  const lessons = new Lessons();
  for (const cause of ['float', 'memory', 'float'] as const) expect(lessons.learn(0x1000, cause, 10, 10)).toBe(true);
  expect([lessons.isAlone(0x1000), lessons.floats(0x1000)]).toEqual([true, 'host']);
});

it('a later engine knows them, and which of its regions are older', () => {
  const lessons = new Lessons();
  lessons.learn(0x1000, 'memory', 3, 10);
  lessons.learn(0x2000, 'float', 10, 11);
  lessons.learn(0x3000, 'float', 11, 12);
  lessons.learn(0x3000, 'float', 12, 13);
  const later = new Lessons();
  later.load(lessons.save(14));
  expect([later.isAlone(0x1000), later.isAlone(0x2000), later.floats(0x1000), later.floats(0x2000), later.floats(0x3000)]).toEqual([true, false, undefined, 'exact', 'host']);
  // of regions that were kept, and of one that is new
  expect([later.learn(0x1000, 'memory', 9 - 14, 0), later.learn(0x1000, 'memory', 10 - 14, 0), later.learn(0x1000, 'memory', 0, 1)]).toEqual([true, false, false]);
  expect([later.learn(0x2000, 'float', 0, 1), later.floats(0x2000)]).toEqual([true, 'host']);
  expect(later.save(1)).toEqual({ taught: Float64Array.of(0x1000, 0x2000, 0x3000), ways: Uint8Array.of(0, 2, 2), taughtAt: Int32Array.of(-5, 0, -2) });
});
