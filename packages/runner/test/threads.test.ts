import { describe, expect, it } from 'vitest';
import { prebuilt } from './bad-programs/damage.ts';
import { emulate, result } from './support/run.ts';

const PROGRAM = prebuilt('threads');
const run = (engine: string, seedSchedule?: number) => emulate(PROGRAM, [], { root: 'sandbox', engine, ...(seedSchedule === undefined ? {} : { seedSchedule }) });

describe('a program of many threads', () => {
  it.each([[undefined], [1], [2]])('counts the same every time and under each engine; schedule %s', async (seed) => {
    const first = await run('interpreter', seed);
    expect(first.exit).toEqual({ kind: 'exit', code: 3 });
    for (const engine of ['jit', 'interpreter', 'jit']) {
      const again = await run(engine, seed);
      expect(result(again)).toEqual(result(first));
      expect(again.threads).toEqual(first.threads);
    }
  });
  it('says the same under every schedule, but counts otherwise', async () => {
    const runs = await Promise.all([undefined, 1, 2, 3].map((seed) => run('jit', seed)));
    expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(1);
    expect(new Set(runs.map(({ total }) => total)).size).toBe(4);
  });
  it('has a count for each thread, which come to the whole', async () => {
    const { threads, total } = await run('jit');
    expect(threads.map(({ thread, name }) => [thread, name])).toEqual(Array.from({ length: 9 }, (_, i) => [1000 + i, 'main']));
    expect(threads.reduce((sum, { count }) => sum + count, 0)).toBe(total);
  });
  it('has as many threads as its budget allows', async () => {
    const notes: string[] = [];
    const { exit } = await emulate(PROGRAM, [], { root: 'sandbox', maxTasks: 3, onNote: (note) => notes.push(note), maxInstructions: 5_000_000 });
    expect(exit.kind).not.toBe('exit');
    expect(notes).toContain('the budget of 3 tasks is spent: clone answers EAGAIN');
  });
});
