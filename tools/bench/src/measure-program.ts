import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { measureOnce, type Measurement } from './measure.ts';
import type { Program } from './programs.ts';
import type { Row, Runner } from './row.ts';
import { medianBy } from './statistics.ts';

/** What stands before a program's own command line. */
export type Runners = Readonly<Partial<Record<Runner, readonly string[]>>>;

export interface Settings {
  /** Scratch. */
  readonly directory: string;
  /** Runs of each, in turns, so that a machine that slows down slows all of them down. */
  readonly runs: number;
  /** Seconds. */
  readonly timeout: number;
  readonly progress: (text: string) => void;
}

/** That of `tally86 count`, so that everyone sees the same. */
const ENVIRONMENT = { HOME: '/', LANG: 'C.UTF-8', PATH: '/usr/local/bin:/usr/bin:/bin', PYTHONDONTWRITEBYTECODE: '1', USER: 'tally86' };
const PAGE = 4096;

/** Measures one program under each runner. A runner that is cut off is not asked again. */
export async function measureProgram(program: Program & { readonly prepare?: () => void }, runners: Runners, { directory, runs, timeout, progress }: Settings): Promise<Row> {
  program.prepare?.();
  const report = join(directory, 'count.json');
  rmSync(report, { force: true });
  const set = Object.entries(program.env ?? {});
  const measured = new Map<Runner, Measurement[]>();
  for (let run = 1; run <= runs; run++) {
    for (const [runner, prefix] of Object.entries(runners) as [Runner, readonly string[]][]) {
      const done = measured.get(runner) ?? [];
      measured.set(runner, done);
      if (done.some(({ timedOut }) => timedOut)) continue;
      progress(`${runner}, ${run} of ${runs}`);
      const own = runner === 'tally86' ? ['--json', report, ...set.flatMap(([name, value]) => ['-E', `${name}=${value}`])] : [];
      const once = await measureOnce([...prefix, ...own, program.file, ...program.args], { directory, env: runner === 'tally86' ? ENVIRONMENT : { ...ENVIRONMENT, ...program.env }, timeout: timeout * 1000 });
      done.push(once);
    }
  }
  const native = measured.get('native')![0]!;
  const differs: Runner[] = [];
  for (const [runner, list] of measured) {
    const other = list.find((m) => !m.timedOut && (m.output !== native.output || m.status !== native.status));
    if (other === undefined) continue;
    differs.push(runner);
    console.error(`bench: ${program.name} under ${runner}: exit status ${other.status}, natively ${native.status}${other.output === native.output ? '' : ', other output'}\n${other.complaint}`);
  }
  const chosen = [...measured].map(([runner, list]) => {
    const { cpu, wall, timedOut } = list.find((m) => m.timedOut) ?? medianBy(list, (m) => (program.class === 'start' ? m.wall : m.cpu));
    return [runner, { cpu, wall, timedOut, rss: Math.max(...list.map((m) => m.rss)) }] as const;
  });
  const cutOff = measured.get('tally86')?.some(({ timedOut }) => timedOut) ?? true;
  const counted = !cutOff && existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as { total: number; memory: { framesPeak: number } }) : null;
  return { program: program.name, class: program.class, instructions: counted?.total ?? null, touched: counted === null ? null : counted.memory.framesPeak * PAGE, runs: Object.fromEntries(chosen), differs };
}
