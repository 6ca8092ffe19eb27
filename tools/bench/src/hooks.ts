import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { InlineCounter, Plugin } from '@tally86/core';
import { createEmulator } from '@tally86/runner';
import { programs } from './programs.ts';

const HELP = `What plugins that count cost under the JIT: kernels without a plugin, with one that counts blocks, with one that counts instructions, and with one
that counts each block apart. CPU seconds of the run, the least of several, each in a process of its own.

  npx tsx --conditions=@tally86/source tools/bench/src/hooks.ts [options]

  --kernels NAMES  by comma (default: sha256,collatz,qsort,switchvm)
  --runs N         (default: 5)
  --quick          a tenth of the work
`;

const WAYS = ['none', 'blocks', 'instructions', 'each'] as const;
type Way = (typeof WAYS)[number];

/** Counts, and what it came to. */
function plugin(way: Exclude<Way, 'none'>): { readonly plugin: Plugin; total(): number } {
  const counter: InlineCounter = { value: 0 };
  const each = new Map<number, InlineCounter>();
  return {
    plugin: {
      name: `counts ${way}`,
      translate({ address, instructions }) {
        if (way === 'blocks') return { counters: [{ index: 0, counter, amount: 1 }] };
        if (way === 'instructions') return { counters: instructions.map((_, index) => ({ index, counter, amount: 1 })) };
        let own = each.get(address);
        if (own === undefined) each.set(address, own = { value: 0 });
        return { counters: [{ index: instructions.length - 1, counter: own, amount: 1 }] };
      },
    },
    total: () => [...each.values()].reduce((sum, { value }) => sum + value, counter.value),
  };
}

/** Runs one program here, whose output is the process's; CPU seconds, instructions and what was counted go to stderr. */
async function one(way: Way, file: string, args: readonly string[]): Promise<void> {
  const counting = way === 'none' ? null : plugin(way);
  const emulator = createEmulator({ program: readFileSync(file), args: [...args], root: 'sandbox', plugins: counting === null ? [] : [counting.plugin] });
  const before = process.cpuUsage();
  const result = await emulator.run();
  const { user, system } = process.cpuUsage(before);
  if (way === 'instructions' && counting!.total() !== result.total) throw new Error(`counted ${counting!.total()} of ${result.total} instructions`);
  process.stderr.write(`${(user + system) / 1e6} ${result.total} ${counting?.total() ?? 0}\n`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: {
    kernels: { type: 'string', default: 'sha256,collatz,qsort,switchvm' }, runs: { type: 'string', default: '5' }, quick: { type: 'boolean', default: false },
    one: { type: 'string' }, help: { type: 'boolean', default: false },
  } });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  if (values.one !== undefined) return one(values.one as Way, positionals[0]!, positionals.slice(1));
  const names = values.kernels.split(',');
  for (const { file, args } of programs(tmpdir(), values.quick).filter((p) => names.includes(basename(p.file)))) {
    const best = new Map<Way, number>();
    // the ways take turns, as the host is not equally fast all the time
    for (let i = 0; i < Number(values.runs); i++) for (const way of WAYS) {
      const { status, stderr } = spawnSync(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), '--one', way, file, ...args], { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      best.set(way, Math.min(best.get(way) ?? Infinity, Number(stderr.split(' ')[0])));
    }
    const base = best.get('none')!;
    process.stdout.write(`${basename(file).padEnd(10)}${WAYS.map((way) => `${way} ${best.get(way)!.toFixed(2)} s${way === 'none' ? '' : ` (${(100 * (best.get(way)! / base - 1)).toFixed(1)} %)`}`).join('  ')}\n`);
  }
}

await main();
