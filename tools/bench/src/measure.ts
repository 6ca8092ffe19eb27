import { spawnSync } from 'node:child_process';

export interface Measurement {
  /** Seconds. */
  readonly wall: number;
  /** User and system seconds of the process. */
  readonly cpu: number;
  readonly output: string;
  readonly status: number | null;
}

/** Runs a command once. CPU time comes from the shell's `times`, which counts waited-for children. */
export function measureOnce(command: readonly string[]): Measurement {
  const begin = process.hrtime.bigint();
  const run = spawnSync('sh', ['-c', '"$@" 3>&-; s=$?; times >&3; exit $s', 'sh', ...command], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], maxBuffer: 1 << 28, timeout: 600_000 });
  const wall = Number(process.hrtime.bigint() - begin) / 1e9;
  const times = (run.output?.[3] ?? '').toString().split('\n')[1] ?? '';
  const cpu = [...times.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0);
  return { wall, cpu, output: run.stdout.toString(), status: run.status };
}

/** The median of several runs, by CPU time. */
export function measure(command: readonly string[], runs: number): Measurement {
  const all = Array.from({ length: runs }, () => measureOnce(command)).sort((a, b) => a.cpu - b.cpu);
  return all[all.length >> 1]!;
}

export function geomean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);
}
