/** What issue 3 asks for: floors that must hold and aims, for each class of programs. */

export type ClassName = 'integer' | 'float' | 'real' | 'start';
export const CLASS_NAMES: readonly ClassName[] = ['integer', 'float', 'real', 'start'];

/** A limit for the geometric mean of our CPU time over plain QEMU's, and one that no single program may exceed. */
export interface RatioGoal {
  readonly title: string;
  readonly floor: number;
  readonly each: number | null;
  readonly aim: number;
}

export const RATIO_GOALS: Readonly<Record<Exclude<ClassName, 'start'>, RatioGoal>> = {
  integer: { title: 'integer kernels', floor: 0.85, each: 1.3, aim: 0.5 },
  float: { title: 'scalar double and SSE kernels', floor: 0.25, each: null, aim: 0.1 },
  real: { title: 'real programs', floor: 1, each: 1.7, aim: 0.6 },
};

/** Wall seconds from the start of `tally86 count` to its end. */
export const START_GOALS: Readonly<Record<string, { readonly floor: number; readonly aim: number }>> = {
  'true, static': { floor: 0.2, aim: 0.12 },
  'true, dynamic': { floor: 0.3, aim: 0.15 },
  'python3 -c pass': { floor: 1.2, aim: 0.5 },
};

/** Host memory over what the guest touched, for the programs named so. */
export const MEMORY_GOAL = { programs: ['python3', 'python3 -c pass'] as readonly string[], floor: 150 * 2 ** 20 };
