import type { EngineArea, EnginePort, InlineCounter, InstructionInfo, TranslationHooks } from '@tally86/core';

/** What a counter gets. While translated code runs, a cell of the machine's memory (an i64) holds what the counter does not have yet. */
export interface Amount {
  readonly counter: InlineCounter;
  /** Byte offset in the machine's memory. */
  readonly cell: number;
  readonly amount: number;
}
/** The same when the instruction at `index` of a block completes. */
export interface Count extends Amount {
  readonly index: number;
}

export const NO_COUNTS: readonly never[] = [];

/** The largest amount that translated code adds at once. */
const MOST = 0x7fff_ffff;

/** Where the cells lie: at the end of the engine area. */
export function cellArea({ base, size }: EngineArea): EngineArea {
  const bytes = Math.min(1 << 19, (size >> 2) & ~7);
  return { base: base + size - bytes, size: bytes };
}

/** Amounts for the same counter become one; none is 0. */
export function sumOf(amounts: readonly Amount[]): readonly Amount[] {
  if (amounts.length === 0) return NO_COUNTS;
  const sums = new Map<number, Amount>();
  for (const { counter, cell, amount } of amounts) sums.set(cell, { counter, cell, amount: amount + (sums.get(cell)?.amount ?? 0) });
  return [...sums.values()].filter(({ amount }) => amount !== 0);
}

/** Adds amounts to their counters at once. */
export function pay(amounts: readonly Amount[], factor: 1 | -1): void {
  for (const { counter, amount } of amounts) counter.value += factor * amount;
}

/**
 * What plugins want of translated code. It counts; blocks for which they want to be called are the exact engine's. A counter's own value is brought up
 * to date where somebody can see it: when a run ends, and before a plugin is called.
 */
export class Instrumentation {
  /** For the exact engine. */
  readonly hooks: TranslationHooks;
  readonly #asked: TranslationHooks;
  readonly #words: Int32Array;
  readonly #base: number;
  readonly #capacity: number;
  readonly #cells = new Map<InlineCounter, number>();
  readonly #counters: InlineCounter[] = [];
  /** Whether the exact engine may call a plugin. */
  #calls = false;

  constructor(hooks: TranslationHooks, mmu: Pick<EnginePort, 'buffer' | 'engineArea'>) {
    const { base, size } = cellArea(mmu.engineArea);
    this.#asked = hooks;
    this.#base = base;
    this.#capacity = size >> 3;
    this.#words = new Int32Array(mmu.buffer, base, size >> 2);
    this.#words.fill(0);
    this.hooks = {
      translate: (block) => {
        const wanted = hooks.translate(block);
        if (wanted !== undefined && ((wanted.callbacks?.length ?? 0) > 0 || wanted.memory !== undefined)) this.expectCalls();
        return wanted;
      },
    };
  }

  /** What translated code has to count in a block; null: more is wanted, or something that it cannot do, so that the block is the exact engine's. */
  ask(address: number, instructions: readonly InstructionInfo[]): readonly Count[] | null {
    const wanted = this.#asked.translate({ address, instructions });
    if (wanted === undefined) return NO_COUNTS;
    if ((wanted.callbacks?.length ?? 0) > 0 || wanted.memory !== undefined) return null;
    if (wanted.counters === undefined || wanted.counters.length === 0) return NO_COUNTS;
    const counts: Count[] = [];
    for (const { index, counter, amount } of wanted.counters) {
      const isUsual = Number.isInteger(index) && index >= 0 && index < instructions.length && Number.isInteger(amount) && Math.abs(amount) <= MOST;
      const cell = isUsual ? this.#cellOf(counter) : -1;
      if (cell < 0) return null;
      counts.push({ index, counter, cell, amount });
    }
    return counts;
  }

  /** The cell of a counter; −1: there is no room. */
  #cellOf(counter: InlineCounter): number {
    let cell = this.#cells.get(counter);
    if (cell === undefined) {
      if (this.#counters.length === this.#capacity) return -1;
      cell = this.#base + 8 * this.#counters.length;
      this.#counters.push(counter);
      this.#cells.set(counter, cell);
    }
    return cell;
  }

  /** From now on counters are up to date whenever the exact engine runs. */
  expectCalls(): void {
    if (this.#calls) return;
    this.#calls = true;
    this.settle();
  }
  /** Before the exact engine runs. */
  settleForCalls(): void {
    if (this.#calls) this.settle();
  }
  /** Brings the counters up to date. */
  settle(): void {
    const words = this.#words;
    const counters = this.#counters;
    for (let i = 0; i < counters.length; i++) {
      const lo = words[2 * i]!;
      const hi = words[2 * i + 1]!;
      if ((lo | hi) === 0) continue;
      counters[i]!.value += hi * 4294967296 + (lo >>> 0);
      words[2 * i] = words[2 * i + 1] = 0;
    }
  }
}
