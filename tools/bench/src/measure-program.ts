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
  /** Runs of each, in turns, so that a machine that slows down slows all of them down; of what takes less than a second more of them. */
  readonly runs: number;
  /** Seconds. */
  readonly timeout: number;
  readonly progress: (text: string) => void;
}

/** That of `tally86 count`, so that everyone sees the same. */
const ENVIRONMENT = { HOME: '/', LANG: 'C.UTF-8', PATH: '/usr/local/bin:/usr/bin:/bin', PYTHONDONTWRITEBYTECODE: '1', USER: 'tally86' };
const PAGE = 4096;
/** A start-up takes as long as the host's mood: so many runs for each that is asked for. */
const STARTS = 5;

/** Measures one program under each runner: we run it once before, and tell what that took. A runner that is cut off is not asked again. */
export async function measureProgram(program: Program & { readonly prepare?: () => void }, runners: Runners, { directory, runs, timeout, progress }: Settings): Promise<Row> {
  program.prepare?.();
  const report = join(directory, 'count.json');
  rmSync(report, { force: true });
  const once = (prefix: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Measurement> =>
    measureOnce([...prefix, program.file, ...program.args], { directory, env: { ...ENVIRONMENT, ...env }, timeout: timeout * 1000 });
  // what we keep of a program is the bench's own: else the first run would be one only where nobody had run it
  const ours = (...options: readonly string[]): Promise<Measurement> =>
    once([...runners.tally86!, ...options, ...Object.entries(program.env ?? {}).flatMap(([name, value]) => ['-E', `${name}=${value}`])], { XDG_CACHE_HOME: join(directory, 'cache') });
  progress('tally86, for the first time');
  const first = await ours('--json', report);
  const measured = new Map<Runner, Measurement[]>();
  const turns = program.class === 'start' ? STARTS * runs : runs;
  for (let run = 1; run <= turns; run++) {
    for (const [runner, prefix] of Object.entries(runners) as [Runner, readonly string[]][]) {
      const done = measured.get(runner) ?? [];
      measured.set(runner, done);
      if (runner === 'tally86' && first.timedOut) done.push(first);
      if (done.some(({ timedOut }) => timedOut)) continue;
      progress(`${runner}, ${run} of ${turns}`);
      done.push(await (runner === 'tally86' ? ours() : once(prefix, program.env)));
    }
  }
  const native = measured.get('native')![0]!;
  const differs: Runner[] = [];
  for (const [runner, list] of measured) {
    const other = [...list, ...(runner === 'tally86' ? [first] : [])].find((m) => !m.timedOut && (m.output !== native.output || m.status !== native.status));
    if (other === undefined) continue;
    differs.push(runner);
    console.error(`bench: ${program.name} under ${runner}: exit status ${other.status}, natively ${native.status}${other.output === native.output ? '' : ', other output'}\n${other.complaint}`);
  }
  const most = (list: readonly Measurement[]): number => Math.max(...list.map((m) => m.rss));
  const chosen = [...measured].map(([runner, list]) => {
    const { cpu, wall, timedOut } = list.find((m) => m.timedOut) ?? medianBy(list, (m) => (program.class === 'start' ? m.wall : m.cpu));
    return [runner, { cpu, wall, timedOut, rss: runner === 'tally86' ? most([...list, first]) : most(list) }] as const;
  });
  const cutOff = measured.get('tally86')?.some(({ timedOut }) => timedOut) ?? true;
  const counted = !cutOff && existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as { total: number; memory: { framesPeak: number } }) : null;
  const { cpu, wall, timedOut, rss } = first;
  return {
    program: program.name, class: program.class, instructions: counted?.total ?? null, touched: counted === null ? null : counted.memory.framesPeak * PAGE,
    runs: Object.fromEntries(chosen), first: { cpu, wall, timedOut, rss }, differs,
  };
}
