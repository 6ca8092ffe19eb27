import { isEmulatorError, type MmapRequest, type MmapStrategy } from '@tally86/core';
import { describe, expect, test } from 'vitest';
import { createVmaSet } from '../vma-set.ts';
import { createPlacementStrategy, qemu42, qemuTwoliner } from './index.ts';

const PAGE = 4096;
const GIB = 2 ** 30;
const START = 0x40_0000_0000;
const BASE = 0x7fff_f7ff_f000;

function space(strategy: MmapStrategy) {
  const set = createVmaSet();
  const area = { prot: 1, shared: false, source: null, offset: 0, name: '', growsDown: false, tag: 0 };
  return {
    map(length: number, hint = 0): number {
      const request: MmapRequest = { length, hint, alignment: PAGE, mmapBase: BASE };
      const start = strategy.findFreeArea(set.gaps, request)!;
      set.insert({ ...area, start, end: start + length });
      strategy.onMap(start, start + length, request);
      return start;
    },
    unmap(start: number, length: number): void {
      set.remove(start, start + length);
      strategy.onUnmap(start, start + length);
    },
    cursor: () => (strategy.snapshot() as { cursor: number }).cursor,
  };
}

describe('the cursor of qemu-4.2', () => {
  test('starts at 256 GiB and follows what it placed', () => {
    const s = space(qemu42());
    expect([s.map(6 * GIB), s.map(PAGE), s.cursor()]).toEqual([START, START + 6 * GIB, START + 6 * GIB + PAGE]);
  });
  test('never comes back: each contract lies at new addresses', () => {
    const s = space(qemu42());
    for (let i = 0; i < 50; i++) {
      expect(s.map(6 * GIB)).toBe(START + i * 6 * GIB);
      s.unmap(START + i * 6 * GIB, 6 * GIB);
    }
  });
  test('a hint elsewhere does not move it', () => {
    const s = space(qemu42());
    expect([s.map(PAGE, 0x60_0000_0000), s.cursor()]).toEqual([0x60_0000_0000, START]);
  });
  test('a hint at the cursor does', () => {
    const s = space(qemu42());
    expect([s.map(PAGE, START), s.cursor()]).toEqual([START, START + PAGE]);
  });
  test('where its place is taken the kernel goes top-down, and the cursor follows there', () => {
    const s = space(qemu42());
    s.map(PAGE, START + 4 * PAGE);
    expect(s.map(8 * PAGE)).toBe(BASE - 8 * PAGE);
    expect(s.cursor()).toBe(BASE);
  });
  test('a taken hint goes top-down and leaves it', () => {
    const s = space(qemu42());
    s.map(PAGE, 0x60_0000_0000);
    expect([s.map(PAGE, 0x60_0000_0000), s.cursor()]).toEqual([BASE - PAGE, START]);
  });
});

describe('qemu-twoliner', () => {
  test('munmap below the cursor brings it back: contracts share one place', () => {
    const s = space(qemuTwoliner());
    for (let i = 0; i < 50; i++) {
      expect(s.map(6 * GIB)).toBe(START);
      s.unmap(START, 6 * GIB);
    }
  });
  test('munmap above the cursor leaves it', () => {
    const s = space(qemuTwoliner());
    s.map(PAGE, 0x60_0000_0000);
    s.unmap(0x60_0000_0000, PAGE);
    expect(s.cursor()).toBe(START);
  });
});

test('unknown names are told with those there are', () => {
  let error: unknown;
  try {
    createPlacementStrategy('constructor');
  } catch (thrown) {
    error = thrown;
  }
  expect(isEmulatorError(error) && [error.code, error.details.names]).toEqual(['E_NOT_FOUND', ['linux-top-down', 'bottom-up', 'best-fit', 'qemu-4.2', 'qemu-twoliner']]);
});
test.each([null, 3, {}, { cursor: 'x' }])('a snapshot %j is refused', (state) => {
  expect(() => qemu42().restore(state)).toThrow('snapshot');
});
