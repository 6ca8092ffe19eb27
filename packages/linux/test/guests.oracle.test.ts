import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { EngineFactory } from '@tally86/core';
import { interpreter } from '@tally86/interpreter';
import { jit } from '@tally86/jit';
import { describe, expect, it } from 'vitest';
import { compile, hasOracle } from '../../../tools/oracle/src/index.ts';
import { createTestMachine, spawn, TEST_MODEL } from './harness.ts';

const source = (name: string): string => fileURLToPath(new URL(`guests/${name}.c`, import.meta.url));
const model = { ...TEST_MODEL, features: new Set(['sse3', 'ssse3', 'sse4.1', 'sse4.2', 'popcnt']) };

/** The second one translates much of a short program too. */
const ENGINES: readonly EngineFactory[] = [interpreter, jit(interpreter, { threshold: 4, batch: 2 })];

async function runHere(engine: EngineFactory, path: string, argv: string[], envp: string[]) {
  const test = createTestMachine(engine, { model });
  spawn(test, { [path]: readFileSync(path) }, { path, argv, envp });
  return { exit: await test.machine.run(), output: test.output() };
}

function runNatively(path: string, argv: string[], envp: string[]) {
  // No randomisation, and nothing of our environment.
  const run = spawnSync('setarch', ['-R', path, ...argv.slice(1)], { env: Object.fromEntries(envp.map((entry) => entry.split('='))), encoding: 'utf8' });
  return { exit: run.signal === null ? { kind: 'exit', code: run.status } : { kind: 'signal', name: run.signal }, output: run.stdout };
}

const rows: [string, string, string, string[]][] = [
  ['layout', 'a static program', 'musl-gcc', ['-O1', '-static', '-no-pie']],
  ['layout', 'a static program of glibc', 'gcc', ['-O1', '-static', '-no-pie']],
  ['signals', 'with musl', 'musl-gcc', ['-O1', '-static', '-no-pie', '-w']],
  ['signals', 'with glibc', 'gcc', ['-O1', '-static', '-no-pie', '-w']],
  ['killed', 'by a thread of its own', 'musl-gcc', ['-O1', '-static', '-no-pie', '-w']],
  ['threads', 'with musl', 'musl-gcc', ['-O1', '-static', '-no-pie', '-w']],
  ['threads', 'with glibc', 'gcc', ['-O1', '-static', '-no-pie', '-w', '-pthread']],
  ['events', 'with glibc', 'gcc', ['-O1', '-static', '-no-pie', '-w']],
  ['timers', 'with glibc', 'gcc', ['-O1', '-static', '-no-pie', '-w']],
  ['files', 'with glibc', 'gcc', ['-O1', '-static', '-no-pie', '-w']],
  ['inotify', 'with glibc', 'gcc', ['-O1', '-static', '-no-pie', '-w']],
  ['system', 'with glibc', 'gcc', ['-O1', '-static', '-no-pie', '-w']],
  ['names', 'with glibc', 'gcc', ['-O1', '-static', '-no-pie', '-w']],
  ['socket-events', 'with glibc', 'gcc', ['-O1', '-static', '-no-pie', '-w']],
];

describe.skipIf(!hasOracle('native', 'gcc', 'musl-gcc'))('programs behave as under the kernel of this machine', () => {
  it.each(rows)('%s, %s', async (name, _, compiler, flags) => {
    const path = compile([source(name)], { compiler, flags });
    const [argv, envp] = [[path, 'one', ''], ['HOME=/nowhere', 'X=1']];
    const native = runNatively(path, argv, envp);
    for (const engine of ENGINES) {
      const here = await runHere(engine, path, argv, envp);
      expect(here.output, engine.name).toBe(native.output);
      expect(here.exit.kind, engine.name).toBe(native.exit.kind);
    }
  });
});
