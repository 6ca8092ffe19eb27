import type { EnginePort } from '@tally86/core';
import type { Plan } from '../region/plan.ts';
import { hasTailCalls } from './can-compile.ts';
import { cellArea } from './instrumentation.ts';
import type { Region } from './regions.ts';

/** Times that a region's start may have been translated before, if others are to call it: who calls a region keeps its module, dropped or not. */
const MOST_BEFORE = 3;

/** How a region is called without the dispatcher. */
export interface Callee {
  /** Index of its function in the calling module. */
  readonly index: number;
  readonly entry: number;
  /** Byte offset of an i32 in the machine's memory: 0 once it must not be called any more. */
  readonly live: number;
}

/** The words that tell whether regions may be called still, in the engine area in front of the counters' cells. None is used twice: callers outlive callees. */
export class LiveWords {
  readonly #words: Int32Array;
  readonly #first: number;
  #next: number;
  readonly #end: number;

  constructor({ buffer, engineArea }: Pick<EnginePort, 'buffer' | 'engineArea'>) {
    const { base, size } = liveArea(engineArea);
    this.#words = new Int32Array(buffer);
    this.#first = this.#next = base >> 2;
    this.#end = (base + size) >> 2;
  }
  /** How many are taken. */
  get taken(): number {
    return this.#next - this.#first;
  }
  /** Takes the first ones that another engine had: all are 0. */
  takeFirst(count: number): void {
    this.#words.fill(0, this.#next, this.#next + count);
    this.#next += count;
  }
  /** The offset of a new word, which is 0; 0: there are no more. */
  take(): number {
    if (this.#next >= this.#end) return 0;
    // an engine before this one may have left it
    this.#words[this.#next] = 0;
    return this.#next++ << 2;
  }
  set(offset: number, isLive: boolean): void {
    if (offset !== 0) this.#words[offset >> 2] = isLive ? 1 : 0;
  }
}

export function liveArea(area: EnginePort['engineArea']): EnginePort['engineArea'] {
  const cells = cellArea(area);
  const bytes = Math.min(1 << 18, (area.size >> 4) & ~7);
  return { base: cells.base - bytes, size: bytes };
}

/** Whether other modules may call a region. */
export const isCallable = ({ valid, live, before }: Region): boolean => valid && live !== 0 && before < MOST_BEFORE;

/** A region that is not written yet, with the word that will say whether it may be called; 0: there is none. */
export interface CallablePlan extends Plan {
  readonly live: number;
}

/** What is known of regions when others are going to call them. */
export interface CalleeParts {
  /** Index of the first function of a module that imports no regions. */
  readonly first: number;
  entryAt(address: number): { readonly region: Region; readonly entry: number } | undefined;
  /** Where the indirect call at an address went, if that is few places. */
  calledBy(address: number): readonly number[];
}

/** The regions that planned ones are going to call, or to go on in where the host has tail calls, and how: those of the same module, and others that it imports. */
export function calleesOf(
  plans: readonly CallablePlan[], { first, entryAt, calledBy }: CalleeParts, tailCalls = hasTailCalls(),
): { readonly imported: readonly Region[]; callee(address: number, by: 'call' | 'way'): Callee | undefined } {
  const imported = new Map<Region, number>();
  for (const { graph } of plans) for (const { end, instructions, edges } of graph.blocks) {
    const isCall = (end.op === 'jump' || end.op === 'jumpind') && end.kind === 'call';
    const called = !isCall ? [] : end.op === 'jump' ? [end.target] : calledBy(instructions[instructions.length - 1]!.address);
    const beyond = !tailCalls || end.op === 'jumpind' || isCall ? [] : edges.flatMap(({ to, address }) => (to < 0 ? [address] : []));
    for (const target of [...called, ...beyond]) {
      const region = entryAt(target)?.region;
      if (region !== undefined && isCallable(region) && !imported.has(region)) imported.set(region, first + imported.size);
    }
  }
  const own = new Map<number, Callee>();
  plans.forEach(({ entries, live }, i) => entries.forEach((a, entry) => {
    if (live !== 0 && !own.has(a)) own.set(a, { index: first + imported.size + i, entry, live });
  }));
  return {
    imported: [...imported.keys()],
    callee(address, by) {
      if (by === 'way' && !tailCalls) return undefined;
      const known = entryAt(address);
      if (known === undefined) return own.get(address);
      const index = imported.get(known.region);
      return index === undefined ? undefined : { index, entry: known.entry, live: known.region.live };
    },
  };
}
