import { interpreter } from '@tally86/interpreter';
import { jit, type JitOptions } from '@tally86/jit';
import { micro } from '../fuzz/engines.ts';
import { createRandom } from '../fuzz/random.ts';
import { generateProgram, kitOf, type Kit } from './generate.ts';
import type { Observing } from './observer.ts';
import type { Program } from './program.ts';
import { compareRuns, createTwins, describeProgram, minimise, type Mismatch, type Style, type Twins } from './twins.ts';

/** Families of instructions that programs are made of, in turn: integers mostly, as in real programs. */
export const MIXES: Readonly<Record<string, readonly string[]>> = {
  alu: ['alu', 'shift', 'bit'],
  int: ['alu', 'shift', 'bit', 'muldiv', 'atomic', 'stack', 'crc32', 'hint', 'string'],
  simd: ['alu', 'sse', 'sse2', 'sse3', 'ssse3', 'sse41', 'sse42', 'convert', 'pcmpstr', 'mmx'],
  fp: ['alu', 'x87', 'state', 'sse', 'sse2'],
  v3: ['alu', 'bmi', 'adx', 'avx', 'avx2', 'avxfloat', 'avxconvert', 'gather', 'fma', 'f16c', 'crypto', 'sse2'],
  numbers: ['alu', 'sse', 'sse2', 'sse3', 'convert'],
};

const style = (name: string, options: JitOptions, tlbEntries: number, piece: number): Style =>
  ({ name: `${name}, TLB of ${tlbEntries}, ${piece === 0 ? 'long runs' : `runs of 1 to ${piece}`}`, engine: jit(interpreter, options), tlbEntries, piece });

const observed = (observing: Observing, inner: Style): Style => ({ ...inner, name: `${inner.name}, a plugin that ${{ counts: 'counts', calls: 'is called', all: 'is called for everything' }[observing]}`, observing });

/** Ways to run a program that must not make a difference. */
export const STYLES: readonly Style[] = [
  style('at once, without micro-operations', { threshold: 1, batch: 1, micro: false }, 64, 0),
  style('at the second time', { threshold: 2, batch: 1 }, 64, 0),
  style('at the third time, in batches', { threshold: 3, batch: 3 }, 4, 0),
  style('at once, a block for each region', { threshold: 1, batch: 1, maxBlocks: 1 }, 64, 0),
  style('at once', { threshold: 1, batch: 1 }, 4, 20),
  style('at the second time, three blocks for each region', { threshold: 2, batch: 1, maxBlocks: 3 }, 64, 20),
  style('at the third time, without micro-operations', { threshold: 3, batch: 1, micro: false }, 64, 0),
  { name: 'micro-operations, TLB of 64, long runs', engine: micro, tlbEntries: 64, piece: 0 },
  { name: 'micro-operations, TLB of 4, runs of 1 to 20', engine: micro, tlbEntries: 4, piece: 20 },
  style('micro-operations, then at the third time', { threshold: 3, batch: 1 }, 64, 0),
  style('micro-operations, then at the fifth time, from twenty instructions on at the tenth', { threshold: 5, batch: 2, hesitateFrom: 20 }, 4, 50),
  style('at once, few instructions for each region', { threshold: 1, batch: 2, maxInstructions: 4 }, 64, 200),
  observed('counts', style('at once', { threshold: 1, batch: 1 }, 64, 0)),
  observed('counts', style('at the third time', { threshold: 3, batch: 2 }, 4, 20)),
  observed('counts', style('at the second time, without micro-operations', { threshold: 2, batch: 1, micro: false }, 64, 50)),
  observed('counts', { name: 'micro-operations, TLB of 4, runs of 1 to 20', engine: micro, tlbEntries: 4, piece: 20 }),
  observed('calls', style('at once', { threshold: 1, batch: 1 }, 64, 0)),
  observed('calls', style('at the third time', { threshold: 3, batch: 2 }, 4, 20)),
  observed('calls', style('at once, without micro-operations', { threshold: 1, batch: 1, micro: false }, 64, 0)),
  observed('calls', { name: 'micro-operations, TLB of 64, long runs', engine: micro, tlbEntries: 64, piece: 0 }),
  observed('all', { name: 'the interpreter itself, TLB of 4, runs of 1 to 20', engine: interpreter, tlbEntries: 4, piece: 20 }),
];
/** Programs that an engine runs before a new one takes over. */
const LIFE = 24;

export interface BlocksReport {
  readonly programs: number;
  readonly blocks: number;
  readonly instructions: number;
  /** What the engines did, summed: a campaign that translated nothing compares nothing. */
  readonly stats: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}
export interface BlocksOptions {
  readonly mixes?: readonly string[];
  readonly programs: number;
  readonly seed: number;
  readonly styles?: readonly Style[];
  /** Failures after which it ends. */
  readonly keep?: number;
  readonly onProgress?: (programs: number, failures: number) => void;
}

/** The program of a seed and a number: the same in every campaign. */
export function programOf(seed: number, i: number, mixes: readonly string[], kits = new Map<string, Kit>()): Program {
  const mix = mixes[i % mixes.length]!;
  let kit = kits.get(mix);
  if (kit === undefined) kits.set(mix, kit = kitOf(MIXES[mix]!, mix === 'numbers'));
  return generateProgram(createRandom(seed * 16_777_619 + i), kit);
}

/** Compares random programs under the JIT, in many styles, with the interpreter. */
export function runBlocks({ mixes = Object.keys(MIXES), programs, seed, styles = STYLES, keep = 3, onProgress }: BlocksOptions): BlocksReport {
  const kits = new Map<string, Kit>();
  const twins = styles.map((s) => createTwins(interpreter, s));
  const lives = styles.map(() => LIFE);
  const histories = styles.map((): number[] => []);
  const stats: Record<string, number> = {};
  const failures: string[] = [];
  let blocks = 0, instructions = 0, done = 0;
  const collect = (t: Twins): void => {
    for (const [name, value] of Object.entries(t.subject.stats)) stats[name] = (stats[name] ?? 0) + value;
  };
  const renew = (t: Twins): void => {
    collect(t);
    t.reference.renew();
    t.subject.renew();
  };
  const alone = (t: Twins, program: Program): Mismatch | null => {
    t.reference.renew();
    t.subject.renew();
    return compareRuns(t, program);
  };
  for (; done < programs && failures.length < keep; done++) {
    const k = Math.floor(done / mixes.length) % styles.length;
    const t = twins[k]!;
    if (--lives[k]! === 0) {
      lives[k] = LIFE;
      histories[k] = [];
      renew(t);
    }
    const program = programOf(seed, done, mixes, kits);
    histories[k]!.push(done);
    blocks += program.blocks.length;
    const wrong = compareRuns(t, program);
    instructions += Number(t.reference.cpu.u64[32]);
    if (wrong !== null) {
      const still = alone(t, program);
      const small = still === null ? program : minimise(program, (candidate) => alone(t, candidate)?.differences[0]?.split(':')[0] === still.differences[0]!.split(':')[0]);
      const shown = still === null ? wrong : alone(t, small)!;
      failures.push([
        `program ${done} of seed ${seed}, mix ${mixes[done % mixes.length]}, ${t.style.name}${still === null ? `; only after programs ${histories[k]!.join(' ')}` : ''}`,
        describeProgram(small), `after ${shown.retired} instructions: ${shown.differences.slice(0, 12).join('\n  ')}`,
      ].join('\n'));
      lives[k] = 1;
    }
    if (done % 64 === 0) onProgress?.(done, failures.length);
  }
  for (const t of twins) collect(t);
  return { programs: done, blocks, instructions, stats, failures };
}
