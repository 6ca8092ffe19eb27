import type { Engine, EngineFactory } from '@tally86/core';
import { interpreter } from '@tally86/interpreter';
import { isJitEngine, jit, type JitOptions } from '@tally86/jit';
import { expect } from 'vitest';
import type { EmulatorOptions } from '../../src/index.ts';
import { emulate, result, type Ran } from './run.ts';

export interface EngineStyle {
  readonly name: string;
  readonly engine: EngineFactory;
  readonly tlbEntries?: number;
  /** Runs a second time, with such engines and what the first engine of the first run translated. */
  readonly again?: JitOptions;
}

/** Remembers the first engine that it creates. */
function observed(factory: EngineFactory): { readonly factory: EngineFactory; first(): Engine | undefined } {
  let first: Engine | undefined;
  return {
    factory: {
      name: factory.name,
      create(environment) {
        const engine = factory.create(environment);
        return (first ??= engine) && engine;
      },
    },
    first: () => first,
  };
}

const AT_ONCE = 'jit, everything at once';
const WARM: JitOptions = { threshold: 16, batch: 4, maxBlocks: 7 };
/** Ways to execute a program of which nothing may show: the JIT as it is, and forced to do everything at once, in small regions, with hardly a TLB, and without micro-operations. */
export const STYLES: readonly EngineStyle[] = [
  { name: 'jit', engine: jit(interpreter) },
  { name: AT_ONCE, engine: jit(interpreter, { threshold: 1, batch: 1 }) },
  { name: 'jit, single blocks, four entries in the TLB', engine: jit(interpreter, { threshold: 2, batch: 8, maxBlocks: 1 }), tlbEntries: 4 },
  { name: 'jit, warm code', engine: jit(interpreter, WARM), again: WARM },
  { name: 'jit, without micro-operations', engine: jit(interpreter, { threshold: 40, micro: false }) },
  { name: 'interpreter, four entries in the TLB', engine: interpreter, tlbEntries: 4 },
];

/** The program gives the same in each style as under the interpreter. Returns the run under the interpreter. */
export async function compareEngines(program: string | Uint8Array, args: readonly string[], options: Partial<EmulatorOptions>, styles: readonly EngineStyle[] = STYLES): Promise<Ran> {
  const reference = await emulate(program, args, { ...options, engine: interpreter });
  for (const { name, engine, tlbEntries, again } of styles) {
    const { factory, first } = observed(engine);
    const layout = tlbEntries === undefined ? {} : { tlbEntries };
    const ran = await emulate(program, args, { ...options, ...layout, engine: factory });
    expect(result(ran), name).toEqual(result(reference));
    const before = first();
    if (again !== undefined && before !== undefined && isJitEngine(before)) {
      const image = before.image();
      const later = await emulate(program, args, { ...options, ...layout, engine: jit(interpreter, { ...again, ...image !== null && { image } }) });
      expect(result(later), `${name}, once more`).toEqual(result(reference));
      if (image !== null && before.stats().regions! > 0) expect(later.engine.stats.loadedRegions, `${name}: loaded`).toBeGreaterThan(0);
    }
    // other styles leave short programs to the interpreter
    if (name === AT_ONCE) expect(ran.engine.stats.retiredHere, `${name}: in translated code`).toBeGreaterThan(0);
  }
  return reference;
}
