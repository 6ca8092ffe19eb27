import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { interpreter } from '@tally86/interpreter';
import { jit } from '@tally86/jit';
import { describe, expect, it } from 'vitest';
import { compile, hasOracle } from '../../../tools/oracle/src/index.ts';
import { emulate, result } from './support/run.ts';

const guest = (name: string): string => fileURLToPath(new URL(`guests/${name}`, import.meta.url));
/** The last one translates much of a short program too. */
const ENGINES = [interpreter, jit(interpreter), jit(interpreter, { threshold: 4, batch: 2 })];
const ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };

const PYTHON = `
import multiprocessing as mp, os, subprocess
def square(x): return x * x
print(subprocess.run(['tr', 'a-z', 'A-Z'], input=b'through tr', capture_output=True).stdout)
with mp.get_context('fork').Pool(2) as pool: print(pool.map(square, range(8)))
pid = os.fork()
if pid == 0: os._exit(9)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;
const PERL = 'my $p = fork; if (!$p) { exec "echo", "from a child" } waitpid $p, 0; print $? >> 8, "\\n"; print `echo in backticks`; open my $f, "|-", "sort" or die; print $f "$_\\n" for 3, 1, 2; close $f';

const GUESTS = [
  ['fork, vfork, exec, wait, groups, orphans', 'processes.c'],
  ['pseudo-terminals: line discipline, settings, job control, hangup', 'terminals.c'],
] as const;

const PROGRAMS: readonly (readonly string[])[] = [
  ['/bin/bash', guest('pipelines.sh')],
  ['/bin/sh', '-c', 'for i in 1 2 3; do echo $i | sed s/2/two/; done; (exit 3) || echo $?'],
  ['/usr/bin/python3', '-I', '-c', PYTHON],
  ['/usr/bin/perl', '-e', PERL],
];

describe.skipIf(!hasOracle('native', 'gcc'))('programs of many processes behave as under the kernel of this machine', () => {
  for (const [what, source] of GUESTS) {
    it(what, async () => {
      const path = compile([guest(source)], { flags: ['-O1', '-static', '-w'] });
      const native = spawnSync(path, { encoding: 'utf8', env: ENV });
      const reference = await emulate(path, [], { engine: interpreter, env: ENV, fixedAttributes: true });
      expect([reference.stdout, reference.exit]).toEqual([native.stdout, { kind: 'exit', code: native.status }]);
      for (const engine of ENGINES.slice(1)) expect(result(await emulate(path, [], { engine, env: ENV, fixedAttributes: true }))).toEqual(result(reference));
    });
  }
  it('a storm of processes, threads, signals and mappings is the same under every engine and in every run', async () => {
    const path = compile([guest('storm.c')], { flags: ['-O1', '-static', '-pthread', '-w'] });
    const options = { fixedAttributes: true, maxInstructions: 100_000_000, env: {} };
    const reference = await emulate(path, ['5', '40', '2'], { ...options, engine: interpreter });
    expect(reference.exit).toEqual({ kind: 'exit', code: 0 });
    for (const engine of ENGINES.slice(1)) expect(result(await emulate(path, ['5', '40', '2'], { ...options, engine }))).toEqual(result(reference));
    const other = await emulate(path, ['5', '40', '2'], { ...options, seedSchedule: 3 });
    expect(other.total).not.toBe(reference.total);
    expect(result(await emulate(path, ['5', '40', '2'], { ...options, seedSchedule: 3 }))).toEqual(result(other));
  });
  for (const [program, ...args] of PROGRAMS) {
    it.skipIf(!existsSync(program!))(`${program!} ${args[0]!.split('/').at(-1)!}`, async () => {
      const native = spawnSync(program!, args, { encoding: 'utf8', env: ENV });
      const ran = await emulate(program!, args, { engine: ENGINES[1]!, env: ENV, root: 'overlay', fixedAttributes: true });
      expect([ran.stdout, ran.stderr, ran.exit]).toEqual([native.stdout, native.stderr, { kind: 'exit', code: native.status }]);
      expect(result(await emulate(program!, args, { engine: ENGINES[1]!, env: ENV, root: 'overlay', fixedAttributes: true }))).toEqual(result(ran));
    });
  }
});
