import { CLASS_NAMES, MEMORY_GOAL, RATIO_GOALS, START_GOALS } from './classes.ts';
import { overQemu, seconds, type Report } from './row.ts';
import { geomean } from './statistics.ts';

/** One goal against what was measured. */
export interface Verdict {
  readonly goal: string;
  readonly measured: string;
  readonly floor: string;
  readonly aim: string;
  /** null: nothing to judge by, because a run is missing or was cut off. */
  readonly holds: boolean | null;
  /** `holds`, `holds, and the aim`, `misses by 12 %`, … */
  readonly text: string;
}

const ratio = (x: number): string => x.toFixed(2);
const MIB = 2 ** 20;
/** Programs over a limit that are named. */
const NAMED = 3;
const some = (names: readonly string[]): string => `${names.slice(0, NAMED).join(', ')}${names.length > NAMED ? ` and ${names.length - NAMED} more` : ''}`;

function judge(value: number, floor: number, aim: number | null): { holds: boolean; text: string } {
  if (value > floor) return { holds: false, text: value < 2 * floor ? `misses by ${Math.ceil((value / floor - 1) * 100)} %` : `misses: ${(value / floor).toFixed(1)} times the floor` };
  return { holds: true, text: aim !== null && value <= aim ? 'holds, and the aim' : 'holds' };
}

function unknown(names: readonly string[]): { holds: null; text: string } {
  return { holds: null, text: `not known: ${some(names)} cut off or without QEMU` };
}

/** A verdict for each goal of which a program was measured. */
export function verdicts(report: Pick<Report, 'rows'>): readonly Verdict[] {
  const list: Verdict[] = [];
  for (const name of CLASS_NAMES) {
    const rows = report.rows.filter((row) => row.class === name);
    if (rows.length === 0) continue;
    if (name === 'start') {
      for (const row of rows) {
        const goal = START_GOALS[row.program];
        if (goal === undefined) continue;
        const wall = seconds(row, 'tally86');
        list.push({
          goal: `start-up of ${row.program}`, measured: wall === null ? '–' : `${Math.round(wall * 1000)} ms`, floor: `${goal.floor * 1000} ms`, aim: `${goal.aim * 1000} ms`,
          ...(wall === null ? unknown([row.program]) : judge(wall, goal.floor, goal.aim)),
        });
      }
      continue;
    }
    const goal = RATIO_GOALS[name];
    const known = rows.flatMap((row) => overQemu(row) ?? []);
    const missing = rows.filter((row) => overQemu(row) === null).map((row) => row.program);
    const mean = geomean(known);
    list.push({
      goal: `${goal.title}, geometric mean`, measured: known.length === 0 ? '–' : ratio(mean), floor: ratio(goal.floor), aim: ratio(goal.aim),
      ...(missing.length > 0 ? unknown(missing) : judge(mean, goal.floor, goal.aim)),
    });
    if (goal.each === null || known.length === 0) continue;
    const worst = Math.max(...known);
    const slow = rows.filter((row) => (overQemu(row) ?? 0) > goal.each!).sort((a, b) => overQemu(b)! - overQemu(a)!).map((row) => row.program);
    const judged = judge(worst, goal.each, null);
    list.push({
      goal: `${goal.title}, the slowest`, measured: ratio(worst), floor: ratio(goal.each), aim: '–',
      ...(!judged.holds ? { holds: false, text: `${judged.text}, by ${some(slow)}` } : missing.length > 0 ? unknown(missing) : judged),
    });
  }
  for (const row of report.rows.filter(({ program }) => MEMORY_GOAL.programs.includes(program))) {
    const host = row.runs.tally86;
    const over = row.touched === null || host === undefined || host.timedOut || host.rss === 0 ? null : host.rss - row.touched;
    list.push({
      goal: `host memory of ${row.program} over what it touches`, measured: over === null ? '–' : `${Math.round(over / MIB)} MiB`, floor: `${MEMORY_GOAL.floor / MIB} MiB`, aim: '–',
      ...(over === null ? unknown([row.program]) : judge(over, MEMORY_GOAL.floor, null)),
    });
  }
  return list;
}
