import { describe, expect, it } from 'vitest';
import { prebuilt } from './bad-programs/damage.ts';
import { ENGINES, heldAfter } from './support/forks.ts';
import { emulate } from './support/run.ts';

describe.each(ENGINES)('under the engine %s', (engine) => {
  it('a program that forks for ever ends at its budget, and holds no more than its tasks need', async () => {
    const notes: string[] = [];
    const options = { root: 'sandbox', engine, maxTasks: 100, maxMemory: 16 << 20, onNote: (note: string) => notes.push(note) } as const;
    const { exit, memory } = await emulate(prebuilt('forks'), ['bomb'], { ...options, maxInstructions: 1_000_000 });
    expect(exit).toEqual({ kind: 'budget', reason: 'the budget of 1000000 instructions is spent' });
    expect(notes).toEqual(['the budget of 100 tasks is spent: clone answers EAGAIN']);
    // Stack, data and page table of each: the rest is shared.
    expect(memory.frames * 4096 + memory.pageTableBytes).toBeLessThan(100 * 32_768);
    const longer = await emulate(prebuilt('forks'), ['bomb'], { ...options, maxInstructions: 2_000_000 });
    expect([longer.memory.framesPeak, longer.memory.pageTablePeakBytes]).toEqual([memory.framesPeak, memory.pageTablePeakBytes]);
  });
  it('a program that forks for ever with little memory ends, too', async () => {
    const { exit } = await emulate(prebuilt('forks'), ['bomb'], { root: 'sandbox', engine, maxMemory: 256 << 10, maxInstructions: 20_000 });
    expect(['budget', 'signal']).toContain(exit.kind);
  });
  it('children that ended leave nothing: 1,000 of them as much as 100', async () => {
    expect(await heldAfter(1000, engine)).toEqual(await heldAfter(100, engine));
  });
});
