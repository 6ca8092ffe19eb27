import { fileURLToPath } from 'node:url';
import { interpreter } from '@tally86/interpreter';
import { describe, expect, it } from 'vitest';
import { compile, hasOracle } from '../../../tools/oracle/src/index.ts';
import { STYLES } from './support/engines.ts';
import { emulate, result } from './support/run.ts';

/** Minutes to go on for; the seeds follow each other. */
const MINUTES = Number(process.env.TALLY86_STORM_MINUTES ?? 10);
const FIRST_SEED = Number(process.env.TALLY86_STORM_SEED ?? 1);
const OPTIONS = { fixedAttributes: true, maxInstructions: 400_000_000, maxTasks: 200, maxMemory: 1 << 29, env: {} };

describe.skipIf(!hasOracle('native', 'gcc'))('processes, threads, signals and mappings decided by a seed', () => {
  it('are the same under every engine, under other schedules too, and leave nothing behind', { timeout: (MINUTES + 5) * 60_000 }, async () => {
    const path = compile([fileURLToPath(new URL('guests/storm.c', import.meta.url))], { flags: ['-O1', '-static', '-pthread', '-w'] });
    const end = performance.now() + MINUTES * 60_000;
    const resident: number[] = [];
    for (let seed = FIRST_SEED; performance.now() < end; seed++) {
      const options = { ...OPTIONS, ...seed % 3 === 0 && { seedSchedule: seed } };
      const args = [String(2 * seed + 1), '60', '2'];
      const reference = await emulate(path, args, { ...options, engine: interpreter });
      expect(reference.exit, `seed ${seed}`).toEqual({ kind: 'exit', code: 0 });
      const { name, engine, tlbEntries } = STYLES[seed % STYLES.length]!;
      const ran = await emulate(path, args, { ...options, engine, ...tlbEntries !== undefined && { tlbEntries } });
      expect(result(ran), `seed ${seed}, ${name}`).toEqual(result(reference));
      globalThis.gc?.();
      resident.push(process.memoryUsage().rss);
    }
    const early = Math.max(...resident.slice(0, Math.ceil(resident.length / 4)));
    expect(Math.max(...resident.slice(-Math.ceil(resident.length / 4)))).toBeLessThan(early * 1.25 + (64 << 20));
  });
});
