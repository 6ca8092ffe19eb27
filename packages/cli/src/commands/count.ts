import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { addMachineOptions, type MachineOptions } from '../machine-options.ts';
import { runProgram } from '../machine.ts';
import { tell } from '../message.ts';
import { countReport, countText } from '../report/count-report.ts';
import { statusOf } from '../status.ts';

interface CountOptions extends MachineOptions {
  readonly json?: string;
}

/** `tally86 count`: the same number on every run and every host. */
export function countCommand(): Command {
  return addMachineOptions(new Command('count'), { clock: 'virtual', net: 'none' })
    .description('Run a program in the deterministic profile and say exactly how many instructions it executed.')
    .option('--json <file>', 'write the result as JSON instead of text; - for stdout')
    .addHelpText('after', [
      '', 'The guest marks what matters by read(0xcafebabe, buffer, 8) and read(0xcafebabf, buffer, 8): see tally86.h.', '',
      'Examples:', '  tally86 count ./bench', '  tally86 count --json - --max-instructions 1000000000 ./contract input.bin', '  tally86 count --convention rep-iteration -E SEED=7 /usr/bin/lua5.4 script.lua',
    ].join('\n'))
    .action(async (program: string, args: string[], options: CountOptions) => {
      const result = await runProgram(program, args, options, { fixed: true, stateHash: options.json !== undefined });
      const report = countReport(result, optedOut(options));
      const json = `${JSON.stringify(report, null, 2)}\n`;
      if (options.json === undefined) tell(countText(report));
      else if (options.json === '-') writeFileSync(1, json);
      else writeFileSync(options.json, json);
      process.exitCode = statusOf(result.exit);
    });
}

/** Choices that let the outside in: what they make of a count is not the same in every run. */
function optedOut({ clock, net }: MachineOptions): string[] {
  return [...(clock === 'host' ? ['--clock host'] : []), ...(net === 'none' ? [] : [`--net ${net}`])];
}
