import { writeFileSync } from 'node:fs';
import { NAMES } from '@tally86/runner';
import { Command, InvalidArgumentError, Option } from 'commander';
import { findProgram } from '../find-program.ts';
import { CONTRACT_GUEST } from '../guests/contract.ts';
import { count } from '../machine-options.ts';
import { EXPERIMENT_BUDGET, measureCombination, type ExperimentRow, type Workload } from '../memory/experiment.ts';
import { experimentMarkdown, experimentTable } from '../memory/table.ts';
import { standardStream } from '../standard-stream.ts';

interface MemoryOptions {
  readonly iterations: number;
  readonly program?: true;
  readonly mmap?: readonly string[];
  readonly pageTable?: readonly string[];
  readonly json?: string;
  readonly plot?: string;
  readonly markdown?: string;
}

const several = (flags: string, text: string, names: readonly string[]): Option =>
  new Option(flags, `${text} (default: all)`).choices(names).argParser((value: string, before: readonly string[] | undefined) => {
    if (!names.includes(value)) throw new InvalidArgumentError(`it is none of ${names.join(', ')}`);
    return [...(before ?? []), value];
  });

/** `tally86 memory`: the experiment that shows which strategy leaks page tables. */
export function memoryCommand(): Command {
  return new Command('memory')
    .description('Run a guest that reserves and unmaps 6 GiB for each contract, under every placement strategy and page table, and show what they keep.')
    .argument('[program...]', 'with --program: the program to run instead, and its arguments')
    .passThroughOptions()
    .addOption(new Option('--iterations <n>', 'contracts').argParser(count).default(100))
    .option('--program', 'run the program named behind the options instead of the embedded guest')
    .addOption(several('--mmap <name>', 'only this strategy; may be repeated', NAMES.mmap))
    .addOption(several('--page-table <name>', 'only this page table; may be repeated', NAMES.pageTable))
    .option('--json <file>', 'write the results as JSON; - for stdout')
    .option('--plot <file.svg>', 'draw the page table over the contracts')
    .option('--markdown <file>', 'write the table as Markdown; - for stdout')
    .addHelpText('after', [
      '', 'Examples:', '  tally86 memory', '  tally86 memory --iterations 1000 --mmap linux-top-down --page-table lazy',
      '  tally86 memory --plot leak.svg --json leak.json', '  tally86 memory --mmap qemu-4.2 --page-table qemu-4.2 --program /usr/bin/python3 -c pass',
    ].join('\n'))
    .action(async (program: string[], options: MemoryOptions) => {
      const workload = workloadOf(program, options);
      const rows: ExperimentRow[] = [];
      const show = standardStream('stderr').isTTY;
      for (const mmap of options.mmap ?? NAMES.mmap) {
        for (const pageTable of options.pageTable ?? NAMES.pageTable) {
          let last = 0;
          rows.push(await measureCombination(workload, mmap, pageTable, (n) => {
            if (!show || performance.now() - last < 200) return;
            last = performance.now();
            standardStream('stderr').write(`\r\x1b[K${mmap} × ${pageTable}: contract ${n} …`);
          }));
        }
      }
      if (show) standardStream('stderr').write('\r\x1b[K');
      const json = `${JSON.stringify({ budgetBytes: EXPERIMENT_BUDGET, iterations: options.iterations, rows }, null, 2)}\n`;
      if (options.json !== '-' && options.markdown !== '-') standardStream('stdout').write(await experimentTable(rows));
      if (options.json !== undefined) writeFileSync(options.json === '-' ? 1 : options.json, json);
      if (options.markdown !== undefined) writeFileSync(options.markdown === '-' ? 1 : options.markdown, experimentMarkdown(rows));
      if (options.plot !== undefined) {
        const { experimentPlot } = await import('../memory/plot.ts');
        writeFileSync(options.plot, await experimentPlot(rows));
      }
    });
}

function workloadOf(program: readonly string[], { program: given, iterations }: MemoryOptions): Workload {
  const [name, ...args] = program;
  if (given && name !== undefined) return { program: findProgram(name), args };
  return { program: Uint8Array.from(atob(CONTRACT_GUEST), (c) => c.charCodeAt(0)), args: [String(iterations)] };
}
