import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { prebuilt } from '../../packages/runner/test/bad-programs/damage.ts';
import { cpuOf, GUESTS } from '../../packages/runner/test/support/guests.ts';
import { PROGRAM_OPTIONS, PROGRAMS } from '../../packages/runner/test/support/programs.ts';
import { EXIT_KINDS, stress, stressStyles, type ExitTotals } from '../../packages/runner/test/support/stress.ts';
import { MIXES, runBlocks, STYLES } from '../oracle/src/blocks/campaign.ts';
import { createProgress } from '../oracle/src/progress.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PARTS = ['guests', 'programs', 'blocks', 'conformance'] as const;
type Part = (typeof PARTS)[number];
/** Where programs are cut: most of them run into the millions, and each new block is a WebAssembly module. */
const MOST = { guests: 60_013, programs: 150_001 };
/** Random programs of one turn; and turns from one real program, and one run of the suites, to the next. */
const RANDOM_PROGRAMS = 100;
const EVERY = { programs: 4, conformance: GUESTS.length };

const HELP = `Engines under stress: everything translated at once, regions of a block or an instruction, runs of 1 to 20 instructions, a TLB of 4 entries,
plugins that count and are called. Whatever differs from the interpreter left alone, in one piece, is a defect.

  npm run stress -- [options]

  --minutes N    ends after the turn in which so many have passed (default: 30)
  --turns N      ends after so many turns (default: no end); ${GUESTS.length} take every guest once
  --seed N       of the first turn, the next one's is one more (default: 1)
  --parts NAMES  by comma, of: ${PARTS.join(', ')} (default: all)

A turn is one guest in ${stressStyles(1).length} styles and ${RANDOM_PROGRAMS} random programs in ${STYLES.length} styles; each ${EVERY.programs}th one also runs a program of this machine, and the first and
then each ${EVERY.conformance}th one the conformance suites. Ends with status 1 if anything differed, 2 if asked for what there is not.
`;

interface Asked {
  readonly milliseconds: number;
  readonly turns: number;
  readonly seed: number;
  readonly parts: readonly Part[];
}
class UsageError extends Error {}

function asked(): Asked | null {
  const { values } = (() => {
    try {
      return parseArgs({ options: {
        minutes: { type: 'string', default: '30' }, turns: { type: 'string' }, seed: { type: 'string', default: '1' },
        parts: { type: 'string', default: PARTS.join(',') }, help: { type: 'boolean', default: false },
      } });
    } catch (error) {
      throw new UsageError((error as Error).message, { cause: error });
    }
  })();
  if (values.help) return null;
  const number = (name: 'minutes' | 'turns' | 'seed', least: number): number => {
    const text = values[name];
    if (text === undefined) return Infinity;
    const value = Number(text);
    if (text.trim() === '' || !(value >= least)) throw new UsageError(`--${name} takes a number, not '${text}'`);
    return value;
  };
  const parts = values.parts.split(',');
  const unknown = parts.find((part) => !(PARTS as readonly string[]).includes(part));
  if (unknown !== undefined) throw new UsageError(`no part is called '${unknown}': ${PARTS.join(', ')}`);
  return { milliseconds: 60_000 * number('minutes', 0), turns: number('turns', 1), seed: number('seed', 0), parts: parts as Part[] };
}

/** The conformance suites of both engines in pieces of other lengths; what they print if they fail. */
function conformance(seed: number): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const suites = ['jit', 'interpreter'].map((name) => `packages/${name}/src/conformance.test.ts`);
    const child = spawn(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'unit', '--maxWorkers', '1', '--testTimeout', '600000', ...suites], {
      cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TALLY86_STRESS_SEED: String(seed), NO_COLOR: '1' },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => { text += part.toString(); });
    child.on('error', reject);
    child.on('close', (status) => resolve(status === 0 ? null : text));
  });
}

const done = { guests: 0, programs: 0, blocks: 0, conformance: 0 };
const totals = new Map<string, ExitTotals>();
let differ = 0;
function report(what: string, differences: readonly string[]): void {
  differ += differences.length;
  for (const difference of differences) process.stdout.write(`\n${what}, ${difference}\n`);
}

async function turn(t: number, seed: number, parts: readonly Part[], progress: () => void): Promise<void> {
  const styles = stressStyles(seed);
  if (parts.includes('conformance') && t % EVERY.conformance === 0) {
    done.conformance++;
    const failed = await conformance(seed);
    if (failed !== null) report(`conformance, seed ${seed}`, [failed]);
    progress();
  }
  if (parts.includes('guests')) {
    done.guests++;
    const name = GUESTS[t % GUESTS.length]!;
    report(`guest ${name}, seed ${seed}`, await stress(prebuilt(name), [], { root: 'sandbox', maxInstructions: MOST.guests, cpu: cpuOf(name) }, styles, totals));
    progress();
  }
  const present = PROGRAMS.filter(([program]) => existsSync(program));
  if (parts.includes('programs') && t % EVERY.programs === 0 && present.length > 0) {
    done.programs++;
    const [program, ...args] = present[(t / EVERY.programs) % present.length]!;
    report(`${program}, seed ${seed}`, await stress(program, args, { ...PROGRAM_OPTIONS, maxInstructions: MOST.programs }, styles, totals));
    progress();
  }
  if (parts.includes('blocks')) {
    const { programs, failures } = runBlocks({ programs: RANDOM_PROGRAMS, seed, onProgress: progress });
    done.blocks += programs;
    report('random programs', failures);
  }
}

/** Ways to leave translated code that no guest took, by style: the guests that ran forced less than they should. */
function untaken(): string[] {
  const rows = stressStyles(1).filter(({ translates }) => translates);
  return rows.flatMap(({ name }) => EXIT_KINDS.filter((kind) => (totals.get(name)?.[kind] ?? 0) === 0).map((kind) => `${name}: ${kind} were never taken`));
}

async function main(): Promise<number> {
  const ask = asked();
  if (ask === null) {
    process.stdout.write(HELP);
    return 0;
  }
  const { milliseconds, turns, seed, parts } = ask;
  const started = Date.now();
  const progress = createProgress({ total: turns, unit: 'turns', every: GUESTS.length });
  let t = 0;
  do {
    await turn(t, seed + t, parts, () => progress.at(t, differ));
    progress.at(++t, differ);
  } while (t < turns && Date.now() - started < milliseconds);
  progress.end();
  if (done.guests >= GUESTS.length) report('guests', untaken());
  process.stdout.write(`${t} turns from seed ${seed}: ${done.guests} guests and ${done.programs} programs of this machine in ${stressStyles(1).length} styles, `
    + `${done.blocks} random programs of ${Object.keys(MIXES).length} mixes in ${STYLES.length} styles, conformance suites ${done.conformance} times; ${differ} differ, ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  return differ > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`stress: ${error.message}\n`);
  process.exitCode = 2;
}
