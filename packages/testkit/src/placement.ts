import type { MmapRequest, MmapStrategy, Vma } from '@tally86/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createNaiveVmaSet } from './naive-vma-set.ts';
import { testIf } from './test-if.ts';

/** What a placement strategy may do differently; everything is expected by default. */
export interface PlacementTraits {
  /** Takes a free hint. */
  readonly honoursHints?: boolean;
  /** Finds a place below mmap_base whenever there is one. */
  readonly complete?: boolean;
}

const PAGE = 4096;
const LOW = 0x1_0000;
const HIGH = 0x7fff_ffff_f000;
const MMAP_BASE = 0x7fff_f7ff_f000;
const PLAIN: Omit<Vma, 'start' | 'end'> = { prot: 1, shared: false, source: null, offset: 0, name: '', growsDown: false, tag: 0 };
const request = (length: number, more: Partial<MmapRequest> = {}): MmapRequest => ({ length, hint: 0, alignment: PAGE, mmapBase: MMAP_BASE, ...more });

/** An address space for a strategy, and the calls its owner makes. */
function space(strategy: MmapStrategy, low = LOW, high = HIGH) {
  const set = createNaiveVmaSet({ low, high, stackGuard: 256 * PAGE });
  return {
    set,
    map(asked: MmapRequest): number | null {
      const start = strategy.findFreeArea(set.gaps, asked);
      if (start === null) return null;
      const end = start + asked.length;
      // fails by itself if the place is taken
      set.insert({ ...PLAIN, start, end });
      strategy.onMap(start, end, asked);
      return start;
    },
    unmap(start: number, end: number): void {
      set.remove(start, end);
      strategy.onUnmap(start, end);
    },
    fix(start: number, end: number): void {
      set.remove(start, end);
      set.insert({ ...PLAIN, start, end });
      strategy.onMap(start, end, null);
    },
  };
}

const length = fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 1 << 20 }), fc.constant(6 * 2 ** 18)).map((pages) => pages * PAGE);
const address = fc.oneof(
  fc.integer({ min: 0, max: 256 }).map((pages) => LOW + pages * PAGE),
  fc.integer({ min: -64, max: 64 }).map((pages) => 0x40_0000_0000 + pages * PAGE),
  fc.integer({ min: -64, max: 64 }).map((pages) => MMAP_BASE + pages * PAGE),
  fc.integer({ min: 0, max: HIGH / PAGE + 8 }).map((page) => page * PAGE),
);
const step = fc.record({
  op: fc.constantFrom('map', 'map', 'map', 'hint', 'unmap', 'unmap', 'fix'),
  length,
  address,
  alignment: fc.constantFrom(PAGE, PAGE, PAGE, 0x1_0000, 0x20_0000),
  pick: fc.nat(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function play(target: ReturnType<typeof space>, steps: readonly Step[], before: (asked: MmapRequest) => void = () => {}): (number | null)[] {
  const placed: (number | null)[] = [];
  for (const { op, length: bytes, address: at, alignment, pick } of steps) {
    if (op === 'map' || op === 'hint') {
      const asked = request(bytes, op === 'hint' ? { hint: at, alignment: PAGE } : { alignment });
      before(asked);
      placed.push(target.map(asked));
    } else if (op === 'fix') {
      if (at >= LOW && at + bytes <= HIGH) target.fix(at, at + bytes);
    } else {
      const areas = [...target.set.range(0, Infinity)];
      if (areas.length === 0) continue;
      const vma = areas[pick % areas.length]!;
      target.unmap(vma.start, pick % 3 === 0 ? Math.min(vma.end, vma.start + bytes) : vma.end);
    }
  }
  return placed;
}

/** The conformance suite of {@link MmapStrategy}. `create` makes a strategy in its first state. */
export function describePlacementStrategy(name: string, create: () => MmapStrategy, traits: PlacementTraits = {}): void {
  const { honoursHints = true, complete = true } = traits;
  const run = (check: (steps: Step[]) => void): void => fc.assert(fc.property(fc.array(step, { maxLength: 40 }), check), { numRuns: 200, seed: 86 });

  describe(`placement strategy ${name}`, () => {
    test('has its name', () => {
      expect(create().name).toBe(name);
    });
    test('places are free, aligned and within the bounds', () => {
      run((steps) => {
        const strategy = create();
        const target = space(strategy);
        play(target, steps, (asked) => {
          const start = strategy.findFreeArea(target.set.gaps, asked);
          if (start === null) return;
          expect(start % asked.alignment).toBe(0);
          expect(target.set.gaps.isFree(start, asked.length)).toBe(true);
        });
      });
    });
    test('asking changes nothing', () => {
      run((steps) => {
        const strategy = create();
        const target = space(strategy);
        play(target, steps, (asked) => {
          const state = JSON.stringify(strategy.snapshot());
          expect(strategy.findFreeArea(target.set.gaps, asked)).toBe(strategy.findFreeArea(target.set.gaps, asked));
          expect(JSON.stringify(strategy.snapshot())).toBe(state);
        });
      });
    });
    test('the same calls give the same places', () => {
      run((steps) => {
        expect(play(space(create()), steps)).toEqual(play(space(create()), steps));
      });
    });
    test('a snapshot is JSON and brings back the state', () => {
      run((steps) => {
        const [first, second] = [create(), create()];
        const [a, b] = [space(first), space(second)];
        play(a, steps);
        second.restore(JSON.parse(JSON.stringify(first.snapshot())));
        for (const vma of a.set.range(0, Infinity)) b.set.insert(vma);
        expect(play(b, steps)).toEqual(play(a, steps));
      });
    });
    test('a clone goes on as the original would, and apart from it', () => {
      run((steps) => {
        const first = create();
        const a = space(first);
        play(a, steps);
        const before = JSON.stringify(first.snapshot());
        const b = space(first.clone());
        for (const vma of a.set.range(0, Infinity)) b.set.insert(vma);
        const placed = play(b, steps);
        expect(JSON.stringify(first.snapshot())).toBe(before);
        expect(play(a, steps)).toEqual(placed);
      });
    });
    testIf(honoursHints, 'takes a free hint', () => {
      const target = space(create());
      expect(target.map(request(PAGE, { hint: 0x1234_5000 }))).toBe(0x1234_5000);
      expect(target.map(request(PAGE, { hint: 0x1234_5000 }))).not.toBe(0x1234_5000);
    });
    test.each([
      ['longer than the space', request(HIGH)],
      ['longer than any address', request(2 ** 60)],
      ['with an alignment that nothing has', request(PAGE, { alignment: 2 ** 47 })],
    ])('a request %s gets null', (_, asked) => {
      expect(create().findFreeArea(space(create()).set.gaps, asked)).toBeNull();
    });
    test('a full space gets null, and room again after munmap', () => {
      const strategy = create();
      const target = space(strategy);
      target.fix(LOW, HIGH);
      expect(target.map(request(PAGE))).toBeNull();
      target.unmap(0x5000_0000, 0x5001_0000);
      expect(target.map(request(0x1_0000))).toBe(0x5000_0000);
    });
    testIf(complete, 'null means that there is no room below mmap_base', () => {
      run((steps) => {
        const strategy = create();
        const target = space(strategy);
        play(target, steps);
        for (let bytes = PAGE; bytes < 2 ** 48; bytes *= 2) {
          if (strategy.findFreeArea(target.set.gaps, request(bytes)) === null) expect(target.set.gaps.lastFit(bytes, LOW, MMAP_BASE)).toBeNull();
        }
      });
    });
  });
}
