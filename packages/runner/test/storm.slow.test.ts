import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fileURLToPath } from 'node:url';
import { interpreter } from '@tally86/interpreter';
import { describe, expect, it } from 'vitest';
import { compile, hasOracle } from '../../../tools/oracle/src/index.ts';
import { CAGES, wildCampaign } from './bad-programs/wild-campaign.ts';
import { STYLES } from './support/engines.ts';
import { emulate, result } from './support/run.ts';

/** Minutes to go on for; the seeds follow each other. */
const MINUTES = Number(process.env.TALLY86_STORM_MINUTES ?? 10);
const FIRST_SEED = Number(process.env.TALLY86_STORM_SEED ?? 1);
const OPTIONS = { fixedAttributes: true, maxInstructions: 400_000_000, maxTasks: 200, maxMemory: 1 << 29, env: {} };

/** A seed that goes on for longer than this counts as one that hangs. */
const SEED_MINUTES = 5;
/**
 * What may be resident late over what was early: 5 %. V8 before Node 24 keeps the types of each module that was ever compiled, about 240 bytes a module, and
 * some engines here compile five thousand a run: hours are for Node 24 or newer.
 */
const GROWTH = 1.05;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

describe.skipIf(!hasOracle('native', 'gcc'))('processes, threads, signals, mappings and random system calls decided by a seed', () => {
  it('are the same under every engine, under other schedules too, and leave nothing behind', { timeout: (MINUTES + 2 * SEED_MINUTES) * 60_000 }, async () => {
    const path = compile([fileURLToPath(new URL('guests/storm.c', import.meta.url))], { flags: ['-O1', '-static', '-pthread', '-w'] });
    const end = performance.now() + MINUTES * 60_000;
    const resident: number[] = [];
    const ends: Record<string, number> = {};
    for (let seed = FIRST_SEED; performance.now() < end; seed++) {
      const started = performance.now();
      const options = { ...OPTIONS, ...seed % 3 === 0 && { seedSchedule: seed } };
      const args = [String(2 * seed + 1), '60', '2'];
      const reference = await emulate(path, args, { ...options, engine: interpreter });
      expect(reference.exit, `seed ${seed}`).toEqual({ kind: 'exit', code: 0 });
      const { name, engine, tlbEntries } = STYLES[seed % STYLES.length]!;
      const ran = await emulate(path, args, { ...options, engine, ...tlbEntries !== undefined && { tlbEntries } });
      expect(result(ran), `seed ${seed}, ${name}`).toEqual(result(reference));

      const [cage, how] = CAGES[seed % CAGES.length]!;
      const wild = await wildCampaign(how, Array.from({ length: 10 }, (_, i) => BigInt(1_000_000 + 10 * seed + i)), 1500, seed % 2 === 0);
      for (const [kind, times] of Object.entries(wild.ends)) ends[kind] = (ends[kind] ?? 0) + times;
      expect(Object.keys(ends).filter((kind) => !['exit', 'signal', 'budget', 'deadlock'].includes(kind)), `${cage}, seed ${seed}`).toEqual([]);
      expect(performance.now() - started, `seed ${seed}`).toBeLessThan(SEED_MINUTES * 60_000);

      collect();
      resident.push(process.memoryUsage().rss);
      if (seed % 10 === 0) process.stderr.write(`seed ${seed}: ${reference.total} instructions, ${resident.at(-1)! >> 20} MiB resident, ${JSON.stringify(ends)}\n`);
    }
    // the first quarter is warming up: the second one is compared with the last
    const quarter = Math.ceil(resident.length / 4);
    if (quarter > 5) expect(median(resident.slice(-quarter))).toBeLessThan(median(resident.slice(quarter, 2 * quarter)) * GROWTH);
  });
});
