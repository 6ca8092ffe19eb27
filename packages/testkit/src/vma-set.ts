import { isEmulatorError, PROT, type Mappable, type Vma, type VmaSet } from '@tally86/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createNaiveVmaSet, type NaiveOptions } from './naive-vma-set.ts';

const PAGE = 4096;
const SPACE: NaiveOptions = { low: 2 * PAGE, high: 120 * PAGE, stackGuard: 4 * PAGE };
const FILES: readonly Mappable[] = [0, 1].map(() => ({ size: () => 0, readPage: () => {}, writePage: () => {} }));
const PLAIN: Omit<Vma, 'start' | 'end'> = { prot: PROT.READ, shared: false, source: null, offset: 0, name: '', growsDown: false, tag: 0 };

/** Attributes, few enough that neighbours are often alike. A file's offset follows the address, so that pieces fit together again. */
const attributes = fc.record({
  prot: fc.constantFrom(PROT.NONE, PROT.READ, 3),
  source: fc.constantFrom(null, null, null, FILES[0], FILES[1]),
  growsDown: fc.constantFrom(false, false, false, false, true),
  tag: fc.constantFrom(0, 0, 0, 1),
});
const span = fc.record({ at: fc.integer({ min: 0, max: 127 }), pages: fc.integer({ min: 1, max: 24 }) });
const command = fc.oneof(
  fc.record({ op: fc.constant('insert' as const), span, attributes }),
  fc.record({ op: fc.constant('remove' as const), span, attributes }),
  fc.record({ op: fc.constant('update' as const), span, attributes }),
);
const query = fc.record({ length: fc.integer({ min: 1, max: 40 }), from: fc.integer({ min: 0, max: 127 }), to: fc.integer({ min: 0, max: 130 }) });

function apply(set: VmaSet, { op, span: { at, pages }, attributes: look }: { op: 'insert' | 'remove' | 'update'; span: { at: number; pages: number }; attributes: Pick<Vma, 'prot' | 'source' | 'growsDown' | 'tag'> }): unknown {
  const start = at * PAGE;
  const end = start + pages * PAGE;
  if (op === 'remove') return set.remove(start, end);
  if (op === 'update') return set.update(start, end, (vma) => ({ ...vma, prot: look.prot, tag: look.tag }));
  const next = set.findFrom(start);
  if (next !== null && next.start < end) return 'taken';
  return set.insert({ ...PLAIN, ...look, start, end, offset: look.source === null ? 0 : start });
}

/**
 * The conformance suite of {@link VmaSet}: split, merge, holes, and every gap query against a model that is a plain array.
 * `create` makes an empty set over the given bounds, with `stackGuard` bytes kept free below VMAs that grow down.
 */
export function describeVmaSet(name: string, create: (options: NaiveOptions) => VmaSet): void {
  const area = (first: number, last: number, more: Partial<Vma> = {}): Vma => ({ ...PLAIN, start: first * PAGE, end: last * PAGE, ...more });
  const shape = (set: VmaSet): number[][] => [...set.range(0, Infinity)].map((vma) => [vma.start / PAGE, vma.end / PAGE, vma.prot]);

  describe(`VMA set ${name}`, () => {
    test('an empty set finds nothing and covers nothing', () => {
      const set = create(SPACE);
      expect([set.size, set.find(PAGE), set.findFrom(0), set.findBelow(1e12), set.covers(0, 1), set.remove(0, 1e12)]).toEqual([0, null, null, null, false, []]);
      expect(set.covers(PAGE, PAGE)).toBe(true);
    });
    test('equal neighbours merge on both sides', () => {
      const set = create(SPACE);
      set.insert(area(10, 12));
      set.insert(area(14, 16));
      expect(set.insert(area(12, 14))).toMatchObject({ start: 10 * PAGE, end: 16 * PAGE });
      expect(set.size).toBe(1);
    });
    test('a file merges only where its offset continues', () => {
      const set = create(SPACE);
      set.insert(area(10, 12, { source: FILES[0]!, offset: 0 }));
      set.insert(area(12, 14, { source: FILES[0]!, offset: 2 * PAGE }));
      set.insert(area(14, 16, { source: FILES[0]!, offset: 2 * PAGE }));
      expect(shape(set)).toEqual([[10, 14, 1], [14, 16, 1]]);
    });
    test('remove splits and gives offsets on', () => {
      const set = create(SPACE);
      set.insert(area(10, 20, { source: FILES[0]!, offset: PAGE }));
      expect(set.remove(12 * PAGE, 13 * PAGE)).toMatchObject([{ start: 12 * PAGE, end: 13 * PAGE, offset: 3 * PAGE }]);
      expect(set.find(13 * PAGE)).toMatchObject({ start: 13 * PAGE, end: 20 * PAGE, offset: 4 * PAGE });
      expect(set.find(12 * PAGE)).toBeNull();
    });
    test('update stops at a hole, with what lies before it changed', () => {
      const set = create(SPACE);
      set.insert(area(10, 12));
      set.insert(area(13, 14));
      expect(set.update(11 * PAGE, 14 * PAGE, (vma) => ({ ...vma, prot: 3 }))).toBe(false);
      expect(shape(set)).toEqual([[10, 11, 1], [11, 12, 3], [13, 14, 1]]);
    });
    test('an overlap is told as E_INTERNAL', () => {
      const set = create(SPACE);
      set.insert(area(10, 12));
      let error: unknown;
      try {
        set.insert(area(11, 13));
      } catch (thrown) {
        error = thrown;
      }
      expect(isEmulatorError(error) && error.code).toBe('E_INTERNAL');
      expect(shape(set)).toEqual([[10, 12, 1]]);
    });
    test('a stack keeps its guard free, but only from searches', () => {
      const set = create(SPACE);
      set.insert(area(50, 60, { growsDown: true }));
      expect(set.gaps.isFree(45 * PAGE, 2 * PAGE)).toBe(false);
      expect(set.gaps.lastFit(PAGE, 0, 60 * PAGE)).toBe(45 * PAGE);
      set.insert(area(48, 49));
      expect(set.size).toBe(2);
    });
    test('makes an empty set of its own kind', () => {
      const set = create(SPACE);
      set.insert(area(50, 60));
      const other = set.create();
      expect([other.size, other.gaps.low, other.gaps.high]).toEqual([0, set.gaps.low, set.gaps.high]);
      other.insert(area(55, 70));
      expect([set.size, set.find(65 * PAGE)]).toEqual([1, null]);
    });
    test('agrees with a sorted array after any sequence of changes', () => {
      fc.assert(
        fc.property(fc.array(command, { maxLength: 40 }), fc.array(query, { maxLength: 12 }), (commands, queries) => {
          const set = create(SPACE);
          const model = createNaiveVmaSet(SPACE);
          for (const step of commands) {
            expect(apply(set, step)).toEqual(apply(model, step));
            // asked between changes too, so that indexes made on demand are kept up
            expect(set.gaps.bestFit(PAGE, 0, Infinity)).toBe(model.gaps.bestFit(PAGE, 0, Infinity));
          }
          expect([...set.range(0, Infinity)]).toEqual([...model.range(0, Infinity)]);
          expect(set.size).toBe(model.size);
          for (const { length, from, to } of queries) {
            const [bytes, low, high] = [length * PAGE, from * PAGE, to * PAGE];
            for (const ask of [
              (s: VmaSet) => s.gaps.isFree(low, bytes),
              (s: VmaSet) => s.gaps.firstFit(bytes, low, high),
              (s: VmaSet) => s.gaps.lastFit(bytes, low, high),
              (s: VmaSet) => s.gaps.bestFit(bytes, low, high),
              (s: VmaSet) => s.find(low),
              (s: VmaSet) => s.findFrom(low),
              (s: VmaSet) => s.findBelow(low),
              (s: VmaSet) => s.covers(low, high),
              (s: VmaSet) => [...s.range(low, high)],
            ]) expect(ask(set), String(ask)).toEqual(ask(model));
          }
        }),
        { numRuns: 600, seed: 86 },
      );
    });
  });
}
