import { Command } from 'commander';
import { addMachineOptions, type MachineOptions } from '../machine-options.ts';
import { runProgram } from '../machine.ts';
import { statusOf } from '../status.ts';

/** `tally86 run`: as qemu-x86_64 runs a program. */
export function runCommand(): Command {
  return addMachineOptions(new Command('run'), { clock: 'host', net: 'host' })
    .description('Run a program with the host\'s environment, files, clock and network; its output and exit status pass through.')
    .addHelpText('after', '\nExamples:\n  tally86 run /bin/ls -l /\n  tally86 run --strace -E LANG=C /usr/bin/sort names.txt\n  tally86 run --sandbox --mount .:/data:ro ./parser /data/input')
    .action(async (program: string, args: string[], options: MachineOptions) => {
      const result = await runProgram(program, args, options, { fixed: false, stateHash: false });
      process.exitCode = statusOf(result.exit);
    });
}
