import type { Lesson } from '../emit/region-options.ts';
import type { Cause } from '../emit/writer.ts';

/** See JitOptions.stubborn. */
export const STUBBORN: Readonly<Record<Cause, number>> = { memory: 2000, float: 64, other: Infinity };

/** What exits taught about single instructions, by address. */
export class Lessons {
  /** With how many regions there had been then. */
  readonly #known = new Map<number, { readonly lesson: Lesson; readonly at: number }>();

  get isEmpty(): boolean {
    return this.#known.size === 0;
  }
  of(address: number): Lesson | undefined {
    return this.#known.get(address)?.lesson;
  }
  /** The instruction at an address left a region for a cause over and over. `born`: how many regions there had been before that one; `now`: there are now. False: there is no other way to try. */
  learn(address: number, cause: Cause, born: number, now: number): boolean {
    const known = this.#known.get(address);
    // the region is older than what is known: it has only to be translated anew
    if (known !== undefined && known.at > born) return true;
    const next = harder(cause, known?.lesson);
    if (next === null) return false;
    this.#known.set(address, { lesson: next, at: now });
    return true;
  }
  clear(): void {
    this.#known.clear();
  }
}

/** The next way to try; null: there is none. */
function harder(cause: Cause, lesson: Lesson | undefined): Lesson | null {
  if (cause === 'memory') return lesson === undefined ? 'alone' : null;
  if (cause !== 'float' || lesson === 'host') return null;
  return lesson === 'exact' ? 'host' : 'exact';
}
