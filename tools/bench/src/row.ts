import type { ClassName } from './classes.ts';
import type { Machine } from './machine.ts';
import type { Measurement } from './measure.ts';
import type { PluginKind } from './plugin.ts';

/** Who runs a program. `plugin` is QEMU with a plugin that counts. */
export type Runner = 'native' | 'qemu' | 'plugin' | 'tally86';

/** Seconds, and bytes of host memory at the most. */
export type Figures = Pick<Measurement, 'cpu' | 'wall' | 'rss' | 'timedOut'>;

/** What was measured of one program: of each runner the run of median time, with the most memory of all. */
export interface Row {
  readonly program: string;
  readonly class: ClassName;
  /** Instructions, convention `retired`; null if the run was cut off. */
  readonly instructions: number | null;
  /** Bytes of page frames that the guest touched, at the most; null if the run was cut off. */
  readonly touched: number | null;
  readonly runs: Readonly<Partial<Record<Runner, Figures>>>;
  /** Our run before those, which may have to translate the program; absent in reports of before. */
  readonly first?: Figures;
  /** Runners whose output or exit status is not the native one. */
  readonly differs: readonly Runner[];
}

/** What `--json` writes and `--compare` reads. */
export interface Report {
  readonly date: string;
  readonly machine: Machine;
  readonly runs: number;
  readonly quick: boolean;
  /** null: our default. */
  readonly engine: string | null;
  /** null: not measured. */
  readonly plugin: PluginKind | null;
  readonly rows: readonly Row[];
}

/** Times below a hundredth of a second are noise: a ratio takes at least this. */
const LEAST = 0.01;

/** The time that counts: wall for start-up, CPU for the rest; null if it was not measured or cut off. */
export function seconds(row: Row, runner: Runner | 'first'): number | null {
  const figures = runner === 'first' ? row.first : row.runs[runner];
  if (figures === undefined || figures.timedOut) return null;
  return row.class === 'start' ? figures.wall : figures.cpu;
}

/** A runner's time over plain QEMU's, or null. */
export function overQemu(row: Row, runner: Runner = 'tally86'): number | null {
  const [ours, qemu] = [seconds(row, runner), seconds(row, 'qemu')];
  return ours === null || qemu === null ? null : ours / Math.max(qemu, LEAST);
}

/** Millions of instructions for each CPU second, start-up included. */
export function mips(row: Row): number | null {
  const ours = row.runs.tally86;
  return row.instructions === null || ours === undefined || ours.timedOut ? null : row.instructions / Math.max(ours.cpu, LEAST) / 1e6;
}
