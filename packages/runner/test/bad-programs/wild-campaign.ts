import { expect } from 'vitest';
import { NAMES, type EmulatorOptions } from '../../src/index.ts';
import { createCanary, picture, runWild } from './wild.ts';

type Cage = (canary: string) => Partial<EmulatorOptions>;

/** Ways to keep a program away from the host, each with the host's directory in or out of its sight. */
export const CAGES: readonly (readonly [string, Cage])[] = [
  ['a sandbox', () => ({ root: 'sandbox' })],
  ['a sandbox with a read-only mount', (canary) => ({ root: 'sandbox', mounts: [{ source: canary, target: canary, readOnly: true }], cwd: canary })],
  ['a sandbox with an overlay', (canary) => ({ root: 'sandbox', uid: 0, mounts: [{ source: canary, target: canary, overlay: true }], cwd: canary })],
  ['an overlay of the host', (canary) => ({ root: 'overlay', uid: process.getuid?.() ?? 1000, cwd: canary })],
];

/** Random system calls in a cage, under each engine to the same end; afterwards the host's directory is what it was. With `multiply` they make tasks too. How the runs ended. */
export async function wildCampaign(cage: Cage, seeds: readonly bigint[], calls: number, multiply = false): Promise<{ ends: Record<string, number>; calls: number }> {
  const canary = createCanary();
  try {
    const before = picture(canary.path);
    const ends: Record<string, number> = {};
    let made = 0;
    for (const seed of seeds) {
      let first: Awaited<ReturnType<typeof runWild>> | null = null;
      for (const engine of NAMES.engine) {
        const started = performance.now();
        try {
          const end = await runWild(seed, calls, canary.names, { ...cage(canary.path), engine, multiply });
          first ??= end;
          expect(end, engine).toEqual(first);
        } catch (cause) {
          throw new Error(`seed ${seed}: ${(cause as Error).message}`, { cause });
        }
        expect(performance.now() - started, `seed ${seed}`).toBeLessThan(20_000);
        expect(picture(canary.path), `seed ${seed}`).toBe(before);
      }
      ends[first!.kind] = (ends[first!.kind] ?? 0) + 1;
      made += first!.calls;
    }
    return { ends, calls: made };
  } finally {
    canary.remove();
  }
}
