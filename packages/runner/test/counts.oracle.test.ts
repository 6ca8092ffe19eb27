import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compile, fixture, FREESTANDING } from '../../../tools/oracle/src/compile.ts';
import { hasOracle } from '../../../tools/oracle/src/oracles.ts';
import { qemuCount as qemuCountAnew } from '../../../tools/oracle/src/qemu-count.ts';
import { step as stepAnew } from '../../../tools/oracle/src/stepper.ts';
import { NAMES, type EmulatorOptions } from '../src/index.ts';
import { emulate as emulateBy, type Ran } from './support/run.ts';

const guests = fileURLToPath(new URL('../../../tools/guests/', import.meta.url));

/** Programs without a libc: every instruction from the first on is the program's own. */
const FREE = ['hello', 'integer', 'string', 'float', 'x87', 'smc', 'faults', 'contract', 'signals', 'repfaults', 'atomics', 'crossing', 'jumps', 'overflow', 'sse42', 'memory'];

/** The same for x86-64-v3. */
const FREE_V3 = ['vectors'];

/** Fixtures of the stepper, whose counts are checked by hand there. */
const FIXTURES = ['rep', 'fault', 'repfault', 'smc', 'flags', 'exec', 'repend', 'marks'];

/** Without faults, self-modification and execve, where QEMU counts attempts, gets it wrong, or does not report. */
const QEMU = ['hello', 'integer', 'string', 'float', 'x87', 'contract', 'atomics', 'crossing', 'jumps', 'sse42'];
const QEMU_FIXTURES = ['rep', 'repend', 'flags', 'marks'];

const LIBC: readonly [string, readonly string[]][] = [
  // static musl is the prebuilt one
  ['musl-gcc', ['-O2']],
  ['musl-gcc', ['-O0', '-static-pie', '-fPIE']],
  ['gcc', ['-O2', '-static']],
  ['gcc', ['-O2', '-Wl,-z,now']],
  ['gcc', ['-O3', '-fno-pie', '-no-pie', '-Wl,-z,now']],
  ['gcc', ['-O1', '-static-pie', '-fPIE', '-Wl,-z,now']],
];

/** The truth about a program is found out once, for all engines. */
function once<A extends readonly unknown[], R>(find: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  const known = new Map<string, Promise<R>>();
  return (...args) => {
    const key = JSON.stringify(args);
    let found = known.get(key);
    if (found === undefined) known.set(key, found = find(...args));
    return found;
  };
}
const step = once(stepAnew);
const qemuCount = once(qemuCountAnew);

describe.each(NAMES.engine)('engine %s', (engine) => {
  const emulate = (program: string, args: readonly string[] = [], options: Partial<EmulatorOptions> = {}): Promise<Ran> => emulateBy(program, args, { ...options, engine });

  describe.skipIf(!hasOracle('native', 'gcc'))('totals of freestanding programs equal single-stepping', () => {
    it.each([...FREE, ...FREE_V3])('%s', async (name) => {
      const program = `${guests}prebuilt/${name}`;
      const cpu = FREE_V3.includes(name) ? 'x86-64-v3' : 'x86-64-v2';
      const native = spawnSync(program, { timeout: 20_000 });
      const stepped = await step(program);
      const ours = await emulate(program, [], { cpu });
      expect(ours.stdout).toBe(native.stdout.toString());
      expect(ours.exit).toEqual({ kind: 'exit', code: native.status });
      expect(ours.reconciliation.conventions).toMatchObject({ retired: stepped.retired, 'rep-iteration': stepped.repIteration });
      expect(ours.windows.map((w) => w.count)).toEqual(stepped.windows.map((w) => w.retired));
      expect((await emulate(program, [], { cpu, convention: 'rep-iteration' })).windows).toEqual(
        stepped.windows.map(({ repIteration, bytesRead, bytesWritten }) => ({ count: repIteration, bytesRead, bytesWritten, thread: 1000 })),
      );
    });

    it.each(FIXTURES)('%s.s', async (name) => {
      const program = compile([fixture(`${name}.s`)], { flags: FREESTANDING });
      const stepped = await step(program);
      const ours = await emulate(program);
      expect(ours.exit).toEqual({ kind: 'exit', code: stepped.exit!.code });
      expect(ours.reconciliation.conventions).toMatchObject({ retired: stepped.retired, 'rep-iteration': stepped.repIteration });
    });

    // single-stepping disturbs a program that steps itself: its output tells which instructions trapped
    it('trapflag: output', async () => {
      const program = `${guests}prebuilt/trapflag`;
      expect((await emulate(program)).stdout).toBe(spawnSync(program).stdout.toString());
    });

    it('an instruction that kills is not counted', async () => {
      const ours = await emulate(compile([fixture('killed.s')], { flags: FREESTANDING }));
      expect(ours).toMatchObject({ exit: { kind: 'signal', signal: 4 }, total: 2 });
    });
  });

  describe.skipIf(!hasOracle('gcc', 'qemu-x86_64'))('totals in convention qemu-plugin equal what QEMU tells a plugin', () => {
    const rows = [...QEMU.map((name) => [name, () => `${guests}prebuilt/${name}`] as const), ...QEMU_FIXTURES.map((name) => [`${name}.s`, () => compile([fixture(`${name}.s`)], { flags: FREESTANDING })] as const)];
    it.each(rows)('%s', async (_name, program) => {
      const { count } = await qemuCount(program());
      expect(count).toBeGreaterThan(0);
      expect((await emulate(program(), [], { convention: 'qemu-plugin' })).total).toBe(count);
    });
  });

  describe.skipIf(!hasOracle('native', 'gcc', 'musl-gcc'))('windows of libc programs equal single-stepping', () => {
    async function compare(program: string): Promise<number> {
      const native = spawnSync(program, { env: {} });
      const stepped = await step(program, [], { windowsOnly: true });
      const ours = await emulate(program, [], { convention: 'rep-iteration' });
      expect(native.status).toBe(0);
      expect(ours.stdout).toBe(native.stdout.toString());
      expect(ours.windows.map((w) => w.count)).toEqual(stepped.windows.map((w) => w.repIteration));
      expect((await emulate(program)).windows.map((w) => w.count)).toEqual(stepped.windows.map((w) => w.retired));
      return stepped.windows.length;
    }
    it('prebuilt, static musl', async () => expect(await compare(`${guests}prebuilt/windows`)).toBe(8));
    it.each(LIBC)('%s %j', async (compiler, flags) => {
      expect(await compare(compile([`${guests}src/libc/windows.c`], { compiler, flags: [...flags, `-I${guests}src/libc`, '-lm'] }))).toBe(compiler === 'gcc' ? 5 : 8);
    });
  });
});
