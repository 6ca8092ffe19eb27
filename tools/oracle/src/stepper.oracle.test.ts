import { describe, expect, it } from 'vitest';
import { compile, fixture, FREESTANDING } from './compile.ts';
import { hasOracle } from './oracles.ts';
import { step } from './stepper.ts';

/** Counted by hand in the comments of each program. */
const TOTALS = [
  ['rep.s', 26, 39, 0],
  ['fault.s', 22, 22, 7],
  ['repfault.s', 36, 43, 0],
  ['smc.s', 37, 42, 0],
  ['flags.s', 34, 34, 0],
  ['vsyscall.s', 6, 6, 0],
  ['exec.s', 14, 14, 0],
  ['repend.s', 15, 17, 0],
] as const;

const LIBC = [
  ['gcc', ['-O2']],
  ['gcc', ['-O2', '-static']],
  ['musl-gcc', ['-O2']],
  ['musl-gcc', ['-O2', '-static']],
] as const;

describe.skipIf(!hasOracle('native', 'gcc'))('stepper', () => {
  it.each(TOTALS)('%s: %i retired, %i stops, exit %i', async (name, retired, repIteration, code) => {
    const report = await step(compile([fixture(name)], { flags: FREESTANDING }));
    expect(report).toMatchObject({ retired, repIteration, exit: { code, signal: null }, limit: false });
  });

  it('does not count the instruction that kills', async () => {
    const report = await step(compile([fixture('killed.s')], { flags: FREESTANDING }));
    expect(report).toMatchObject({ retired: 2, repIteration: 2, exit: { code: null, signal: 4 }, faults: 1 });
  });

  it.each([false, true])('marks, windowsOnly %s', async (windowsOnly) => {
    const report = await step(compile([fixture('marks.s')], { flags: FREESTANDING }), [], { windowsOnly });
    expect(report.windows).toEqual([
      { retired: 17, repIteration: 19, bytesRead: 0, bytesWritten: 6 },
      { retired: 14, repIteration: 14, bytesRead: 0, bytesWritten: 0 },
    ]);
    expect(report).toMatchObject({ strayStops: 1, openWindow: false, retired: windowsOnly ? null : 62 });
    expect(Buffer.from(report.stdout).toString()).toBe('hello\n');
  });

  for (const [compiler, flags] of LIBC) {
    it.skipIf(!hasOracle(compiler))(`window in a libc program: ${compiler} ${flags.join(' ')}`, async () => {
      const program = compile([fixture('window.c')], { compiler, flags });
      const once = await step(program, [], { windowsOnly: true });
      const twice = await step(program, ['x'], { windowsOnly: true, env: { A: 'b' } });
      // whole instructions a round, and nothing but rounds differs
      expect((twice.windows[0]!.retired - once.windows[0]!.retired) % 1000).toBe(0);
      expect(once.windows[0]!.retired).toBeGreaterThan(3000);
      expect(Buffer.from(once.stdout).toString()).toMatch(/^\d+\n$/);
    });
  }

  it('ends at maxStops', async () => {
    const report = await step(compile([fixture('smc.s')], { flags: FREESTANDING }), [], { maxStops: 10 });
    expect(report).toMatchObject({ repIteration: 10, limit: true, exit: null });
  });

  it('says what cannot be started', async () => {
    await expect(step('/nonexistent/program')).rejects.toThrow(/nonexistent/);
  });
});
