import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePeak, parseTimes } from './parse.ts';

/** One run of one command. */
export interface Measurement {
  /** Seconds. */
  readonly wall: number;
  /** User and system seconds of the process and its threads; the wall time if it was killed. */
  readonly cpu: number;
  /** Bytes of host memory it held at the most; 0 if it was too short to be seen. */
  readonly rss: number;
  /** SHA-256 of what it wrote to stdout. */
  readonly output: string;
  /** Exit status as a shell tells it. */
  readonly status: number;
  readonly timedOut: boolean;
  /** The last lines of stderr. */
  readonly complaint: string;
}

export interface MeasureOptions {
  /** Where stdout and stderr go, and the working directory. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds until it is killed. */
  readonly timeout: number;
}

/** bash's `times` has milliseconds, dash's ticks of a hundredth of a second. */
const SHELL = existsSync('/bin/bash') ? '/bin/bash' : 'sh';
/** The outer shell waits and tells its children's times, which include threads; the inner one tells its process id and becomes the program. */
const SCRIPT = '/bin/sh -c \'echo $$ >&3; exec 3>&-; exec "$@"\' sh "$@"; s=$?; times >&3; exit $s';
/** Milliseconds between two looks at the peak, which the kernel keeps. */
const LOOK = 10;

/** Runs a command once. Throws `Error` if the shell cannot be started. */
export async function measureOnce(command: readonly string[], { directory, env, timeout }: MeasureOptions): Promise<Measurement> {
  const [out, err] = [join(directory, 'stdout'), join(directory, 'stderr')];
  const fds = [openSync(out, 'w'), openSync(err, 'w')];
  let told = '';
  let rss = 0;
  let timedOut = false;
  const begin = process.hrtime.bigint();
  const child = spawn(SHELL, ['-c', SCRIPT, 'sh', ...command], { cwd: directory, env: { ...env }, stdio: ['ignore', fds[0]!, fds[1]!, 'pipe'], detached: true });
  for (const fd of fds) closeSync(fd);
  child.stdio[3]!.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const look = setInterval(() => {
    const pid = /^(\d+)\n/.exec(told)?.[1];
    if (pid === undefined) return;
    try {
      rss = Math.max(rss, parsePeak(readFileSync(`/proc/${pid}/status`, 'latin1')));
    } catch {
      // It has just ended.
    }
  }, LOOK);
  const timer = setTimeout(() => {
    timedOut = true;
    process.kill(-child.pid!, 'SIGKILL');
  }, timeout);
  let wall = 0;
  const status = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => (wall = Number(process.hrtime.bigint() - begin) / 1e9));
    child.on('close', (code) => resolve(code ?? 137));
  });
  clearTimeout(timer);
  clearInterval(look);
  return {
    wall, rss, status, timedOut,
    cpu: timedOut ? wall : parseTimes(told),
    output: createHash('sha256').update(readFileSync(out)).digest('hex'),
    complaint: readFileSync(err, 'utf8').trimEnd().split('\n').slice(-3).join('\n'),
  };
}
