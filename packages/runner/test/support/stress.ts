import { isDeepStrictEqual } from 'node:util';
import { interpreter } from '@tally86/interpreter';
import { jit, type JitOptions } from '@tally86/jit';
import { Observer, type Observing } from '../../../../tools/oracle/src/blocks/observer.ts';
import { inPieces } from '../../../../tools/oracle/src/pieces.ts';
import type { EmulatorOptions } from '../../src/index.ts';
import type { EngineStyle } from './engines.ts';
import { emulate, result, type Ran } from './run.ts';

/** Longest run, in instructions; and the smallest TLB that there is. */
const PIECE = 20;
const TLB = 4;

export interface StressStyle extends EngineStyle {
  /** A plugin, under the reference engine too. */
  readonly observing?: Observing;
  /** Whether all or nearly all is executed by translated code, which then has every kind of exit. */
  readonly translates: boolean;
}

/** Everything that makes an engine leave what it does, as often as can be. The lengths of runs are the seed's. */
export function stressStyles(seed: number): readonly StressStyle[] {
  const style = (name: string, options: JitOptions, more: Partial<StressStyle> = {}): StressStyle =>
    ({ name, engine: inPieces(jit(interpreter, { batch: 1, ...options }), PIECE, seed), tlbEntries: TLB, translates: options.threshold === 1, ...more });
  return [
    style('at once', { threshold: 1 }),
    style('at once, without micro-operations', { threshold: 1, micro: false }),
    style('at once, a block for each region', { threshold: 1, maxBlocks: 1 }),
    style('at once, an instruction for each region', { threshold: 1, maxBlocks: 1, maxInstructions: 1 }),
    style('at once, all given up again and again', { threshold: 1, maxExits: 64 }),
    style('at the second time', { threshold: 2 }),
    style('micro-operations', { threshold: 1 << 29 }),
    style('at once, with a plugin that counts', { threshold: 1 }, { observing: 'counts' }),
    style('at once, with a plugin that is called', { threshold: 1 }, { observing: 'calls', translates: false }),
    { name: 'the interpreter', engine: inPieces(interpreter, PIECE, seed), tlbEntries: TLB, translates: false },
    { name: 'the interpreter, with a plugin that is called for everything', engine: inPieces(interpreter, PIECE, seed), tlbEntries: TLB, observing: 'all', translates: false },
  ];
}

/** How often translated code was left, by cause. */
export const EXIT_KINDS = ['memoryExits', 'floatExits', 'otherExits', 'budgetExits', 'leaveExits', 'coldLinks', 'invalidatedRegions'] as const;
export type ExitTotals = Record<(typeof EXIT_KINDS)[number], number>;
export const noTotals = (): ExitTotals => Object.fromEntries(EXIT_KINDS.map((kind) => [kind, 0])) as ExitTotals;

/** Runs a program in each style; returns where it is not as under the interpreter in one piece. Exits are added to `totals`, by style. */
export async function stress(program: string | Uint8Array, args: readonly string[], options: Partial<EmulatorOptions>, styles: readonly StressStyle[], totals: Map<string, ExitTotals>): Promise<string[]> {
  const references = new Map<Observing | undefined, unknown>();
  const run = async (style: Partial<StressStyle>): Promise<readonly [outcome: unknown, ran: Ran]> => {
    const observer = style.observing === undefined ? null : new Observer(style.observing);
    const ran = await emulate(program, args, {
      ...options, engine: style.engine ?? interpreter, ...style.tlbEntries !== undefined && { tlbEntries: style.tlbEntries },
      ...observer !== null && { plugins: [{ name: 'observer', translate: (block) => observer.hooks.translate(block) }] },
    });
    return [{ result: result(ran), observed: observer?.values() }, ran];
  };
  const differences: string[] = [];
  for (const style of styles) {
    const { observing } = style;
    if (!references.has(observing)) references.set(observing, (await run(observing === undefined ? {} : { observing }))[0]);
    const expected = references.get(observing);
    try {
      const [found, { engine }] = await run(style);
      if (!isDeepStrictEqual(found, expected)) differences.push(`${style.name}: ${text(found)}\nbut in one piece under the interpreter: ${text(expected)}`);
      const sums = totals.get(style.name) ?? noTotals();
      for (const kind of EXIT_KINDS) sums[kind] += engine.stats[kind] ?? 0;
      totals.set(style.name, sums);
    } catch (error) {
      differences.push(`${style.name}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  return differences;
}
const text = (value: unknown): string => JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : typeof v === 'string' && v.length > 400 ? `${v.slice(0, 400)}…` : v), 1);
