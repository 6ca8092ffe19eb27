import { expect, it } from 'vitest';
import { COMMON } from './common.ts';
import { microNumber, SHAPES, SIZES, TOGETHER } from './module.ts';

it('common micro-operations exist, and come first', () => {
  expect([...COMMON].filter((name) => microNumber(name) < 0)).toEqual([]);
  expect(SHAPES.slice(0, COMMON.size).filter(({ name }) => !COMMON.has(name))).toEqual([]);
});

it('pairs are of common ones, and lead where the second one does', () => {
  const wrong: string[] = [];
  TOGETHER.forEach((row, first) => row?.forEach((both, second) => {
    if (both === 0) return;
    const { name } = SHAPES[both]!;
    const isRight = name === `${SHAPES[first]!.name}+${SHAPES[second]!.name}` && first < COMMON.size && second < COMMON.size;
    if (!isRight || SIZES[first] !== 16 || SIZES[both] !== (SIZES[second] === 0 ? 0 : 32)) wrong.push(name);
  }));
  expect(wrong).toEqual([]);
});
