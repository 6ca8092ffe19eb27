import { CELL, type EngineFactory } from '@tally86/core';
import { createRandom } from './fuzz/random.ts';

/** The engine, but each run of it is made of runs of 1 to `most` instructions, as a seed says: nobody outside can tell. */
export function inPieces(engine: EngineFactory, most: number, seed: number): EngineFactory {
  return {
    name: engine.name,
    create(environment) {
      const inner = engine.create(environment);
      const { u64 } = environment.cpu;
      const random = createRandom(seed);
      return {
        name: inner.name, invalidate: (start, end) => inner.invalidate(start, end), stats: () => inner.stats(),
        run(budget) {
          for (let left = budget; ;) {
            const before = Number(u64[CELL.retired]!);
            const stop = inner.run(Math.min(left, 1 + random.below(most)));
            const done = Number(u64[CELL.retired]!) - before;
            left -= done;
            // without progress it may want its caller to have a look
            if (stop.kind !== 'budget' || left === 0 || done === 0) return stop;
          }
        },
      };
    },
  };
}
