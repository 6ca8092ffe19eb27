import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prebuilt } from './bad-programs/damage.ts';
import { emulate, result } from './support/run.ts';
import { npmFile } from './support/npm-file.ts';

/** What of this machine the programs see: nothing that others write to between two runs. */
const MOUNTS = ['/usr', '/etc', ...['/lib', '/lib64'].filter((path) => existsSync(path))].map((path) => ({ source: path, target: path, readOnly: true }));

/** How often each program runs. */
const RUNS = Number(process.env.TALLY86_SCHEDULE_RUNS ?? 5);
const SEEDS = [1, 2, 3];

const work = mkdtempSync(join(tmpdir(), 'tally86-schedules-'));
for (let i = 0; i < 8; i++) {
  const next = i < 7 ? `import { value${i + 1} } from "./m${i + 1}";\n` : 'const value8 = 1;\n';
  writeFileSync(join(work, `m${i}.ts`), `${next}export const value${i} = value${i + 1} * ${i + 2};\nvar unused;\nif (value${i} == null) debugger;\n`);
}
writeFileSync(join(work, 'threads.py'), `import threading, queue, time
q, out, lock = queue.Queue(), [], threading.Lock()
barrier, ready = threading.Barrier(4), threading.Condition()
def work(n):
    barrier.wait()
    while (item := q.get()) is not None:
        with lock: out.append(item * n)
        if item % 7 == 0: time.sleep(0)
        with ready: ready.notify_all()
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for t in threads: t.start()
for i in range(200): q.put(i)
for _ in threads: q.put(None)
with ready: ready.wait_for(lambda: len(out) == 200, 5)
for t in threads: t.join()
print(len(out))
`);

const ROWS: readonly (readonly [name: string, program: string | Uint8Array | null, args: readonly string[]])[] = [
  ['pthreads: mutex, condition variable, barrier', prebuilt('threads'), []],
  ['python3, threading', existsSync('/usr/bin/python3') ? '/usr/bin/python3' : null, ['-I', 'threads.py']],
  ['esbuild (Go)', npmFile('@esbuild/linux-x64', '0.28.2', 'bin/esbuild'), ['--bundle', '--minify', 'm0.ts']],
  ['oxlint (Rust, rayon)', npmFile('@oxlint/linux-x64-gnu', '1.0.0', 'oxlint'), ['--threads=4', '-D', 'all', '.']],
];

describe('programs of many threads', () => {
  for (const [name, program, args] of ROWS) {
    it.skipIf(program === null)(`count the same in ${RUNS} runs, and otherwise, but the same, under another schedule: ${name}`, { timeout: RUNS * 120_000 }, async () => {
      const run = (seedSchedule?: number) =>
        emulate(program!, args, { env: { LC_ALL: 'C', HOME: '/work' }, root: 'sandbox', mounts: [...MOUNTS, { source: work, target: '/work' }], cwd: '/work', fixedAttributes: true, ...seedSchedule !== undefined && { seedSchedule } });
      const first = await run();
      expect(first.exit.kind).toBe('exit');
      for (let i = 1; i < RUNS; i++) expect(result(await run()), `run ${i}`).toEqual(result(first));
      const totals = [first.total];
      for (const seed of SEEDS) {
        const other = await run(seed);
        expect(result(await run(seed)), `schedule ${seed}`).toEqual(result(other));
        totals.push(other.total);
      }
      process.stderr.write(`${name}: ${totals.join(', ')}\n`);
      expect(new Set(totals).size).toBeGreaterThan(SEEDS.length / 2);
    });
  }
});
