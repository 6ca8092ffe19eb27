import { HELPERS, type HelperFunction } from '@tally86/helpers';
import type { JitHelperContext } from './helper-context.ts';

/** The helpers that translated code calls, by number. */
export class HelperTable {
  readonly #context: JitHelperContext;
  readonly #numbers = new Map<string, number>();
  readonly #functions: HelperFunction[] = [];

  constructor(context: JitHelperContext) {
    this.#context = context;
  }
  get names(): readonly string[] {
    return [...this.#numbers.keys()];
  }
  readonly number = (name: string): number => {
    let n = this.#numbers.get(name);
    if (n === undefined) {
      n = this.#functions.length;
      this.#numbers.set(name, n);
      this.#functions.push(HELPERS[name]!(this.#context));
    }
    return n;
  };
  readonly call = (n: number, a: number, b: number, c: number, d: number): void => void this.#functions[n]!(a, b, c, d);
  /** Gives names the numbers that they had in another table. False, and nothing happens: there is no such helper, or this one has some already. */
  load(names: readonly string[]): boolean {
    if (this.#functions.length > 0 || names.some((name) => !Object.hasOwn(HELPERS, name))) return false;
    names.forEach(this.number);
    return true;
  }
}
