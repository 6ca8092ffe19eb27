import { CLASS_NAMES, type ClassName } from './classes.ts';
import { mips, overQemu, seconds, type Figures, type Report, type Row } from './row.ts';
import type { Verdict } from './verdict.ts';

/** A table as strings: the terminal's and the Markdown one. */
export interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const TITLES: Readonly<Record<ClassName, string>> = { integer: 'integer kernels', float: 'float kernels', real: 'real programs', start: 'start-up' };
const MIB = 2 ** 20;

/** By hand: the same on every host, whatever its locale. */
const thousands = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
const fixed = (x: number | null, digits: number): string => (x === null ? '–' : x.toFixed(digits));
const time = (figures: Figures | undefined, value: number | null): string => (figures?.timedOut ? `> ${Math.round(figures.wall)} (cut off)` : fixed(value, 3));
const size = (bytes: number | undefined | null): string => (bytes === undefined || bytes === null || bytes === 0 ? '–' : String(Math.round(bytes / MIB)));

/** What differs, or `same`. */
function output(row: Row): string {
  return row.differs.length === 0 ? 'same' : `DIFFERS: ${row.differs.join(', ')}`;
}

/** One line for each program. `before` adds our time over that of the other report. Start-up rows have wall seconds, all others CPU seconds. */
export function programTable(report: Pick<Report, 'rows'>, before?: Pick<Report, 'rows'>): TextTable {
  const hasPlugin = report.rows.some((row) => row.runs.plugin !== undefined);
  const head = ['program', 'instructions', 'native s', 'QEMU s', ...(hasPlugin ? ['QEMU + plugin s'] : []), 'tally86 s', 'first run s', 'wall s', 'MIPS', '× QEMU', ...(hasPlugin ? ['plugin × QEMU'] : []),
    'touched MiB', 'host MiB', ...(before === undefined ? [] : ['× before']), 'output'];
  const rows = CLASS_NAMES.flatMap((name) => report.rows.filter((row) => row.class === name)).map((row) => {
    const cell = (runner: keyof Row['runs']): string => time(row.runs[runner], seconds(row, runner));
    const was = before?.rows.find((other) => other.program === row.program);
    const [now, then] = [seconds(row, 'tally86'), was === undefined ? null : seconds(was, 'tally86')];
    return [
      row.program, row.instructions === null ? '–' : thousands(row.instructions), cell('native'), cell('qemu'), ...(hasPlugin ? [cell('plugin')] : []), cell('tally86'), time(row.first, seconds(row, 'first')),
      fixed(row.runs.tally86?.wall ?? null, 2), fixed(mips(row), 1), fixed(overQemu(row), 2), ...(hasPlugin ? [fixed(overQemu(row, 'plugin'), 2)] : []),
      size(row.touched), size(row.runs.tally86?.rss), ...(before === undefined ? [] : [now === null || then === null ? '–' : fixed(now / then, 2)]), output(row),
    ];
  });
  return { head, rows };
}

export function verdictTable(verdicts: readonly Verdict[]): TextTable {
  return { head: ['goal', 'measured', 'floor', 'aim', 'verdict'], rows: verdicts.map(({ goal, measured, floor, aim, text }) => [goal, measured, floor, aim, text]) };
}

/** The programs furthest from QEMU, worst first: `qsort 4.10, fib 3.20`. */
export function worst(report: Pick<Report, 'rows'>, count = 5): string {
  const ranked = report.rows.filter((row) => row.class !== 'start' && overQemu(row) !== null).sort((a, b) => overQemu(b)! - overQemu(a)!);
  return ranked.slice(0, count).map((row) => `${row.program} ${overQemu(row)!.toFixed(2)} (${TITLES[row.class]})`).join(', ');
}

/** Which columns hold numbers, or `–` for want of one. */
export function numericColumns({ head, rows }: TextTable): readonly boolean[] {
  return head.map((_, i) => i > 0 && rows.every((row) => /^[\d–>]/.test(row[i]!)));
}

/** A Markdown table; numbers to the right. */
export function markdownTable({ head, rows }: TextTable): string {
  const numeric = numericColumns({ head, rows });
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${numeric.map((right) => (right ? ' ---: ' : ' --- ')).join('|')}|`, ...rows.map(line)].join('\n');
}
