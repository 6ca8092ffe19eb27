import type { ClassName } from './classes.ts';
import type { Figures, Report, Row } from './row.ts';

/** Made-up rows and reports, for tests. */
const figures = (seconds: number | 'cut off', rss = 100): Figures => (seconds === 'cut off'
  ? { cpu: 60, wall: 60, rss: rss * 2 ** 20, timedOut: true }
  : { cpu: seconds, wall: seconds * 2, rss: rss * 2 ** 20, timedOut: false });

/** A row whose wall times are twice its CPU times; memory in MiB. */
export function exampleRow(program: string, klass: ClassName, seconds: { native?: number; qemu?: number; plugin?: number; tally86: number | 'cut off' }, memory = { touched: 10, host: 100 }, differs: Row['differs'] = []): Row {
  const cutOff = seconds.tally86 === 'cut off';
  const runs = Object.fromEntries(Object.entries({ native: 1, ...seconds }).map(([runner, s]) => [runner, figures(s, runner === 'tally86' ? memory.host : 1)]));
  return { program, class: klass, instructions: cutOff ? null : 1_234_567_890, touched: cutOff ? null : memory.touched * 2 ** 20, runs, differs };
}

export function exampleReport(rows: readonly Row[]): Report {
  return { date: '2026-01-02', machine: { cpu: 'Example 3000', cores: 2, memory: 8, kernel: 'Linux 6.1', node: 'v20.19.0', qemu: '7.2.0' }, runs: 3, quick: false, engine: null, plugin: 'instruction', rows };
}
