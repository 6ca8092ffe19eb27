import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile, hasOracle } from '../../../../tools/oracle/src/index.ts';
import { CLI, ENGINES, hasProgram } from '../support/programs.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const HELLO = join(ROOT, 'tools/guests/prebuilt/hello');
const MATRIX = join(ROOT, 'tools/workspace/node-matrix.mjs');

/** A quoted word of sh. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const isRoot = process.getuid?.() === 0;

/** Ways to run one and the same command. `{}` stands for it; NODE and CLI for what runs it. The shell starts in an empty directory. */
const SURROUNDINGS: readonly (readonly [string, string])[] = [
  ['plain', '{}'],
  ['in another directory', 'mkdir -p deep/er && cd deep/er && {}'],
  ['in the root directory', 'cd / && {}'],
  ['with an empty environment', 'env -i {}'],
  ['with a full environment', 'env LANG=de_DE.UTF-8 LC_ALL=C TZ=Asia/Tokyo HOME=/elsewhere USER=mallory NODE_OPTIONS=--stack-trace-limit=3 GLIBC_TUNABLES=glibc.malloc.check=3 LD_BIND_NOW=1 COLUMNS=7 TERM=xterm PATH=/usr/sbin:/sbin:/bin:/usr/bin {}'],
  ['on a terminal', 'script -qefc {quoted} /dev/null > /dev/null'],
  ['with files for streams', '{} < /etc/passwd > out 2> err'],
  ['with closed streams', '{} <&- >&- 2>&-'],
  ['with limits and umask of its own', 'ulimit -n 200; ulimit -s 4096; umask 077; {}'],
  ['nicely, with signals ignored', "trap '' INT PIPE USR1 HUP; nice -n 5 {}"],
  ['with what an earlier run translated', 'mkdir cache; export XDG_CACHE_HOME="$PWD/cache/of-this"; {}; {}'],
  ['with nothing of earlier runs', 'NODE_DISABLE_COMPILE_CACHE=1 {}'],
  ...(isRoot ? [['as nobody', 'setpriv --reuid=65534 --regid=65534 --clear-groups {}'] as const] : []),
];


let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tally86-determinism-'));
  chmodSync(directory, 0o777);
  for (const copy of ['data', 'data-again']) {
    const data = join(directory, copy);
    mkdirSync(join(data, 'directory'), { recursive: true });
    for (const name of copy === 'data' ? ['file', 'a', 'z', 'b'] : ['b', 'z', 'a', 'file']) writeFileSync(join(data, name), `contents of ${name}\n`);
    symlinkSync('file', join(data, 'link'));
    utimesSync(join(data, 'file'), copy.length, copy.length);
  }
  // a directory whose entries lie in another order, and that is bigger on the disk
  for (let i = 0; i < 400; i++) writeFileSync(join(directory, 'data-again', `some-long-name-to-fill-the-directory-${i}`), '');
  for (let i = 0; i < 400; i++) rmSync(join(directory, 'data-again', `some-long-name-to-fill-the-directory-${i}`));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const mounted = (copy: string): string[] => ['--mount', `${join(directory, copy)}:/data:ro`];

/** The JSON that `count` writes, run in that way. */
function countIn(way: string, argv: readonly string[]): string {
  const cwd = mkdtempSync(join(directory, 'run-'));
  chmodSync(cwd, 0o777);
  const json = join(cwd, 'result.json');
  const command = [process.execPath, CLI, 'count', '--json', json, ...argv].map(quoted).join(' ');
  const script = way.replace('{}', () => command).replace('{quoted}', () => quoted(command));
  const { status, stderr } = spawnSync('sh', ['-c', script], { cwd, encoding: 'utf8', input: '', timeout: 280_000, killSignal: 'SIGKILL' });
  try {
    return readFileSync(json, 'utf8');
  } catch (cause) {
    throw new Error(`status ${status}: ${script}\n${stderr}`, { cause });
  }
}

/** The JSON but for the engine's name, under each engine. */
function underEngines(argv: readonly string[]): ReadonlySet<string> {
  return new Set(ENGINES.map((engine) => {
    const json = countIn('{}', ['--engine', engine, ...argv]);
    expect(json).toContain(`"engine": "${engine}"`);
    return json.replace(`"engine": "${engine}"`, '"engine": ""');
  }));
}

/** What surrounds a run must not show in its result, nor what executes it. */
function same(name: string, argv: () => readonly string[], ways = SURROUNDINGS): void {
  it(`${name}: ${ways.length} surroundings, one result`, () => {
    const first = countIn('{}', argv());
    expect(JSON.parse(first)).toMatchObject({ exit: { kind: 'exit' }, notDeterministic: [] });
    for (const [way, script] of ways) expect(`${way}: ${countIn(script, argv())}`).toBe(`${way}: ${first}`);
    expect([...underEngines(argv())]).toHaveLength(1);
  });
}

const only = (...names: string[]): typeof SURROUNDINGS => SURROUNDINGS.filter(([name]) => names.includes(name));

describe.skipIf(!hasOracle('native'))('count gives the same JSON', () => {
  it('in 20 runs', () => {
    for (const engine of ENGINES) {
      const results = new Set(Array.from({ length: 20 }, (_, i) => countIn(SURROUNDINGS[i % SURROUNDINGS.length]![1], ['--engine', engine, HELLO])));
      expect([...results], engine).toHaveLength(1);
    }
    expect([...underEngines([HELLO])]).toHaveLength(1);
  });

  it.skipIf(!hasOracle('gcc'))('to a program that asks for everything', () => {
    const program = compile([fileURLToPath(new URL('./curious.c', import.meta.url))], { flags: ['-O1', '-static'] });
    // at one path, though the build's differs from clone to clone
    cpSync(program, join(directory, 'curious'));
    chmodSync(join(directory, 'curious'), 0o755);
    const argv = (copy: string): string[] => [...mounted(copy), join(directory, 'curious'), 'argument'];
    const first = countIn('{}', argv('data'));
    expect(JSON.parse(first)).toMatchObject({ exit: { kind: 'exit', code: 42 } });
    for (const [way, script] of SURROUNDINGS) {
      if (way === 'with files for streams') continue;
      expect(`${way}: ${countIn(script, argv('data-again'))}`).toBe(`${way}: ${first}`);
    }
    expect([...underEngines(argv('data'))]).toHaveLength(1);
  });

  describe.skipIf(!hasProgram('python3'))('to dynamic programs', () => {
    same('ls -la', () => [...mounted('data'), '/bin/ls', '-la', '/data']);
    same('a bare name', () => [...mounted('data'), 'sort', '/data/a', '/data/b'], only('with a full environment', 'in another directory', 'as nobody'));
    same('python3', () => ['/usr/bin/python3', '-I', '-c', 'import os, json, time, random; print(time.time(), random.random(), os.getpid(), hash("text"), {"a", "b", "c"})'], only('with a full environment', 'as nobody', 'on a terminal'));
  });

  it('on every version of Node', () => {
    for (const argv of ENGINES.flatMap((engine) => [[HELLO], [...mounted('data'), '/bin/ls', '-la', '/data']].map((program) => ['--engine', engine, ...program]))) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [MATRIX, CLI, 'count', '--json', '-', ...argv], { cwd: directory, encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain('the same under 3 versions of Node');
    }
  });
});
