import type { InlineCounter, TranslationHooks } from '@tally86/core';

/** What a plugin does to a program: it counts; or it is called at some instructions and accesses, too; or at all. */
export type Observing = 'counts' | 'calls' | 'all';

const COUNTERS = 8;
/** One instruction in so many is called for, one in so many has its accesses seen. */
const CALLED = 37;
const SEEN = 41;
/** Names of Observer.values. */
export const VALUE_NAMES: readonly string[] = [...Array.from({ length: COUNTERS + 1 }, (_, i) => `counter ${i}`), 'calls'];

const hash = (address: number): number => Math.imul(address ^ (address >>> 7), 0x9e3779b1) >>> 8;

/**
 * A plugin whose results do not depend on how instructions are grouped into blocks: each instruction goes to the counter that its address says, with an
 * amount that its address says, and to a counter of all. Calls are added up in their order, with what the counters say at that moment.
 */
export class Observer {
  readonly #counters = Array.from({ length: COUNTERS + 1 }, (): InlineCounter => ({ value: 0 }));
  #calls = 0;
  readonly hooks: TranslationHooks;

  constructor(observing: Observing) {
    const all = this.#counters[COUNTERS]!;
    const isOneOf = (address: number, n: number): boolean => observing === 'all' || hash(address) % n === 0;
    this.hooks = {
      translate: ({ instructions }) => {
        const counters = instructions.flatMap(({ address }, index) => {
          const h = hash(address);
          return [{ index, counter: this.#counters[h % COUNTERS]!, amount: (h >>> 4) % 7 - 2 }, { index, counter: all, amount: 1 }];
        });
        if (observing === 'counts') return { counters };
        const callbacks = instructions.flatMap(({ address }, index) => (isOneOf(address, CALLED) ? [{ index, call: () => this.#note(address) }] : []));
        const isSeen = (address: number): boolean => isOneOf(address, SEEN);
        return {
          counters, callbacks,
          ...instructions.some(({ address }) => isSeen(address)) && {
            memory: ({ rip, address, size, write }) => {
              if (isSeen(rip)) this.#note(rip ^ address % 4294967296 ^ (size << 8) ^ (write ? 0x8000_0000 : 0));
            },
          },
        };
      },
    };
  }
  #note(what: number): void {
    for (const x of [what, ...this.#counters.map(({ value }) => value)]) this.#calls = Math.imul(this.#calls, 31) + x | 0;
  }
  /** For a new program. */
  reset(): void {
    for (const counter of this.#counters) counter.value = 0;
    this.#calls = 0;
  }
  values(): bigint[] {
    return [...this.#counters.map(({ value }) => BigInt(value)), BigInt(this.#calls)];
  }
}
