import type { ExitPoint } from '../emit/writer.ts';

/** Why execution left translated code: what the interpreter was needed for, too little left of the slice, or a look at the state. */
export type ExitCause = 'memory' | 'float' | 'other' | 'budget' | 'leave';
export type ExitCounts = Readonly<Record<ExitCause, number>>;

export interface HotExit {
  /** The instruction in front of which translated code was left. */
  readonly address: number;
  readonly cause: ExitCause;
  readonly count: number;
}

export const noExits = (): Record<ExitCause, number> => ({ memory: 0, float: 0, other: 0, budget: 0, leave: 0 });

export function causeOf({ kind, cause }: ExitPoint): ExitCause {
  return kind === 'interpret' ? cause : kind;
}

/** The exits taken, summed by address and cause, the most frequent first. */
export class ExitTally {
  readonly #sums = new Map<string, { readonly address: number; readonly cause: ExitCause; count: number }>();

  add(point: ExitPoint | undefined): void {
    if (point === undefined || point.count === 0) return;
    const cause = causeOf(point);
    const key = `${point.rip} ${cause}`;
    const sum = this.#sums.get(key);
    if (sum === undefined) this.#sums.set(key, { address: point.rip, cause, count: point.count });
    else sum.count += point.count;
  }
  /** With `more` exits that are not summed yet. */
  hottest(top: number, more: Iterable<ExitPoint | undefined> = []): HotExit[] {
    const all = new ExitTally();
    for (const [key, sum] of this.#sums) all.#sums.set(key, { ...sum });
    for (const point of more) all.add(point);
    return [...all.#sums.values()].sort((a, b) => b.count - a.count || a.address - b.address).slice(0, top);
  }
}
