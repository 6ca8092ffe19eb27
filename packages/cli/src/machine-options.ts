import { InvalidArgumentError, Option, type Command } from 'commander';
import { CONVENTION_NAMES, type ConventionName } from '@tally86/counter';
import { DEFAULTS, NAMES } from '@tally86/runner';
import { parseMount, type MountOption } from './parse/mount.ts';
import { parseSize } from './parse/size.ts';

/** Options that `run` and `count` share, as commander gives them. */
export interface MachineOptions {
  readonly engine: string;
  readonly mmap: string;
  readonly pageTable: string;
  readonly cpu: string;
  readonly convention: ConventionName;
  readonly sysroot?: string;
  readonly mount: readonly MountOption[];
  readonly overlay?: true;
  readonly sandbox?: true;
  readonly env: readonly string[];
  readonly unset: readonly string[];
  readonly argv0?: string;
  readonly cwd?: string;
  readonly seed: number;
  readonly seedSchedule?: number;
  readonly clock: 'virtual' | 'host';
  readonly net: 'none' | 'loopback' | 'host';
  readonly strace?: true;
  readonly stats?: true;
  readonly mtrace?: string;
  readonly jitDump?: string;
  /** A directory; false: nothing is kept. Absent: the user's cache. */
  readonly jitCache?: string | false;
  readonly maxInstructions?: number;
  readonly maxMemory?: number;
  readonly maxTasks?: number;
  readonly maxFiles?: number;
  readonly maxWritten?: number;
}

const collect = <T>(parse: (text: string) => T) => (text: string, before: readonly T[]): readonly T[] => [...before, parse(text)];

function mount(text: string): MountOption {
  const parsed = parseMount(text);
  if (parsed === undefined) throw new InvalidArgumentError('it has the form SRC:/DST or SRC:/DST:ro');
  return parsed;
}
function size(text: string): number {
  const parsed = parseSize(text);
  if (parsed === undefined) throw new InvalidArgumentError('it is a number of bytes such as 512M or 2GiB');
  return parsed;
}
export function count(text: string): number {
  const n = Number(text.replaceAll('_', ''));
  if (!Number.isSafeInteger(n) || n < 0) throw new InvalidArgumentError('it is a whole number, 0 or more');
  return n;
}
function variable(text: string): string {
  if (!/^[^=]+=/.test(text)) throw new InvalidArgumentError('it has the form NAME=VALUE');
  return text;
}

/** Adds the shared options; `clock` and `net` are the defaults of --clock and --net. */
export function addMachineOptions(command: Command, { clock, net }: Pick<MachineOptions, 'clock' | 'net'>): Command {
  const named = (flags: string, text: string, names: readonly string[], standard: string): Option => new Option(flags, text).choices(names).default(standard);
  return command
    .argument('<program>', 'x86-64 Linux program')
    .argument('[args...]', 'its arguments')
    .passThroughOptions()
    .addOption(named('--engine <name>', 'what executes instructions', NAMES.engine, DEFAULTS.engine))
    .addOption(named('--mmap <name>', 'where mmap places areas', NAMES.mmap, DEFAULTS.mmap))
    .addOption(named('--page-table <name>', 'how page tables are kept', NAMES.pageTable, DEFAULTS.pageTable))
    .addOption(named('--cpu <name>', 'processor that cpuid shows', NAMES.cpu, DEFAULTS.cpu))
    .addOption(named('--convention <name>', 'what counts as one instruction', CONVENTION_NAMES, 'retired'))
    .option('-L, --sysroot <dir>', 'look for absolute paths below this directory first')
    .addOption(new Option('--mount <src:dst[:ro]>', 'show a host directory in the guest').argParser(collect(mount)).default([], 'none'))
    .option('--overlay', 'keep what the guest writes in memory, in mounts too: nothing of the host changes')
    .option('--sandbox', 'show nothing of the host but the program and what is mounted')
    .addOption(new Option('-E, --env <name=value>', 'set a variable of the guest').argParser(collect(variable)).default([], 'none'))
    .addOption(new Option('-U, --unset <name>', 'unset a variable of the guest').argParser(collect(String)).default([], 'none'))
    .option('-0, --argv0 <text>', 'what the program sees as its own name')
    .option('--cwd <dir>', 'working directory of the guest (default: this one, or / in a sandbox)')
    .addOption(new Option('--seed <n>', 'seed of all randomness').argParser(count).default(0))
    .addOption(new Option('--seed-schedule <n>', 'another interleaving of threads and processes, the same for the same seed').argParser(count))
    .addOption(named('--clock <kind>', 'virtual: time goes by instructions; host: real time', ['virtual', 'host'], clock))
    .addOption(named('--net <reach>', "none: the guest's processes reach each other; loopback: and programs on this machine; host: and the network", ['none', 'loopback', 'host'], net))
    .option('--strace', 'print system calls on stderr')
    .option('--stats', 'print engine and memory statistics on stderr at the end')
    .option('--mtrace <file>', 'log mappings, page-table growth and what was never released')
    .option('--jit-dump <dir>', 'write what the engine jit translates: assembly, IR and WebAssembly of each region, regions.json, perf.map')
    .option('--jit-cache <dir>', "keep what the engine jit translates for later runs of the program, here (default: the user's cache directory; with --sandbox: nowhere)")
    .option('--no-jit-cache', 'translate everything anew')
    .addOption(new Option('--max-instructions <n>', 'end the run after so many instructions').argParser(count))
    .addOption(new Option('--max-memory <size>', 'memory of the guest and its page tables together (default 2GiB)').argParser(size))
    .addOption(new Option('--max-tasks <n>', 'threads of all processes together (default 4096)').argParser(count))
    .addOption(new Option('--max-files <n>', 'open files of all processes together (default 1048576)').argParser(count))
    .addOption(new Option('--max-written <size>', 'end the run where more is written to files, standard streams and the network outside').argParser(size));
}
