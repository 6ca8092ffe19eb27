import type { PageTable, PageTableStrategy } from '@tally86/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { testIf } from './test-if.ts';

/** What a page table may do differently. */
export interface PageTableTraits {
  /** Gives empty nodes back at `trim`; true unless told. */
  readonly freesEmpty?: boolean;
  /** Nodes come with mappings, not with touched pages; false unless told. */
  readonly eager?: boolean;
}

const LAST = 2 ** 35 - 1;
const page = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 500, max: 530 }),
  fc.integer({ min: 2 ** 18 - 20, max: 2 ** 18 + 20 }),
  fc.integer({ min: 2 ** 30 - 5, max: 2 ** 30 + 5 }),
  fc.integer({ min: LAST - 20, max: LAST }),
  fc.integer({ min: 0, max: LAST }),
);
const command = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant('set' as const), page, pte: fc.integer({ min: 1, max: 0xffff_ffff }), to: page }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('clear' as const), page, pte: fc.constant(0), to: page }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('drop' as const), page, pte: fc.constant(0), to: page }) },
);

function list(table: PageTable, start = 0, end = LAST + 1): [number, number][] {
  const seen: [number, number][] = [];
  table.forEach(start, end, (at, pte) => seen.push([at, pte]));
  return seen;
}

/** Counts what a table holds, and refuses beyond a limit. */
function account(limit = Infinity) {
  const state = { bytes: 0, refused: 0 };
  const allow = (bytes: number): boolean => {
    if (state.bytes + bytes > limit) {
      state.refused++;
      return false;
    }
    state.bytes += bytes;
    return true;
  };
  return { state, allow };
}

/** The conformance suite of {@link PageTableStrategy}. */
export function describePageTable(strategy: PageTableStrategy, traits: PageTableTraits = {}): void {
  const { freesEmpty = true, eager = false } = traits;

  describe(`page table ${strategy.name}`, () => {
    test('tables carry the name of the strategy', () => {
      expect(strategy.create(() => true).name).toBe(strategy.name);
    });
    test.each([0, 1, 511, 512, 1023, 1024, 2 ** 27 - 1, 2 ** 31, 2 ** 32 + 7, LAST])('page %d keeps a PTE with all bits', (at) => {
      const table = strategy.create(() => true);
      expect(table.get(at)).toBe(0);
      expect(table.set(at, 0xffff_ffff)).toBe(true);
      expect(table.get(at)).toBe(0xffff_ffff);
      expect(list(table)).toEqual([[at, 0xffff_ffff]]);
      expect([table.get(Math.max(0, at - 1)), table.get(Math.min(LAST, at + 1))].filter((pte) => pte !== 0 && at !== 0 && at !== LAST)).toEqual([]);
    });
    test('agrees with a map after any sequence of changes, and tells its bytes', () => {
      fc.assert(
        fc.property(fc.array(command, { maxLength: 60 }), fc.array(page, { maxLength: 8 }), (commands, borders) => {
          const { state, allow } = account();
          const table = strategy.create(allow);
          const model = new Map<number, number>();
          for (const { op, page: at, pte, to } of commands) {
            if (op === 'drop') {
              const end = Math.max(at, to) + 1;
              table.forEach(Math.min(at, to), end, (seen) => table.set(seen, 0));
              table.trim(Math.min(at, to), end);
              for (const key of [...model.keys()]) if (key >= Math.min(at, to) && key < end) model.delete(key);
            } else {
              expect(table.set(at, pte)).toBe(true);
              if (pte === 0) model.delete(at);
              else model.set(at, pte);
            }
            expect(table.get(at)).toBe(model.get(at) ?? 0);
            expect(table.stats().bytes).toBe(state.bytes);
          }
          const expected = [...model].sort((a, b) => a[0] - b[0]);
          expect(list(table)).toEqual(expected);
          for (const from of borders) {
            for (const to of borders) expect(list(table, from, to)).toEqual(expected.filter(([at]) => at >= from && at < to));
          }
          const { bytes, peakBytes } = table.stats();
          expect(peakBytes).toBeGreaterThanOrEqual(bytes);
        }),
        { numRuns: 120, seed: 86 },
      );
    });
    test('a refused node leaves everything else as it was', () => {
      for (let limit = 0; limit < 200_000; limit += 1500) {
        const { state, allow } = account(limit);
        const table = strategy.create(allow);
        const kept: [number, number][] = [];
        for (let at = 7; at <= LAST; at = at * 9 + 1) {
          if (table.set(at, at % 1000 + 1)) kept.push([at, at % 1000 + 1]);
          else expect(table.get(at)).toBe(0);
        }
        expect(list(table)).toEqual(kept);
        expect(table.stats().bytes).toBe(state.bytes);
        expect(state.bytes).toBeLessThanOrEqual(limit);
      }
    });
    test('a mapping that is refused says so', () => {
      const { state, allow } = account(100_000);
      const table = strategy.create(allow);
      const huge = table.onMap(0, LAST + 1, 3);
      expect(huge).toBe(!eager);
      expect(state.refused > 0).toBe(eager);
      expect(table.stats().bytes).toBe(state.bytes);
    });
    testIf(freesEmpty, 'holds nothing once everything is gone', () => {
      const { state, allow } = account();
      const table = strategy.create(allow);
      for (let at = 3; at <= LAST; at = at * 5 + 2) table.set(at, 1);
      expect(state.bytes).toBeGreaterThan(0);
      table.forEach(0, LAST + 1, (at) => table.set(at, 0));
      table.trim(0, LAST + 1);
      expect([state.bytes, table.stats().nodes]).toEqual([0, 0]);
      expect(table.stats().peakBytes).toBeGreaterThan(0);
    });
    testIf(!eager, 'mappings cost nothing until they are touched', () => {
      const { state, allow } = account();
      const table = strategy.create(allow);
      expect([table.onMap(0, LAST, 3), table.onProtect(0, LAST, 1), table.onUnmap(0, LAST), state.bytes]).toEqual([true, true, true, 0]);
    });
    test('walking a sparse range costs by what is there', () => {
      const table = strategy.create(() => true);
      for (const at of [0, 2 ** 20, 2 ** 34]) table.set(at, 1);
      const start = performance.now();
      for (let i = 0; i < 20; i++) expect(list(table)).toHaveLength(3);
      // 2^35 pages would take minutes
      expect(performance.now() - start).toBeLessThan(1000);
    });
  });
}
