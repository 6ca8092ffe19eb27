import { readFileSync } from 'node:fs';
import { isEmulatorError } from '@tally86/core';
import { Command, CommanderError } from 'commander';
import { countCommand } from './commands/count.ts';
import { memoryCommand } from './commands/memory.ts';
import { runCommand } from './commands/run.ts';
import { warn } from './message.ts';
import { standardStream } from './standard-stream.ts';
import { STATUS, statusOfError } from './status.ts';

const OUTPUT = {
  writeOut: (text: string): void => void standardStream('stdout').write(text),
  writeErr: (text: string): void => void standardStream('stderr').write(text),
};

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** The command line, not yet run. */
export function createProgram(): Command {
  const program = new Command('tally86')
    .description('Runs x86-64 Linux programs in user mode and says exactly how many instructions they executed.')
    .version(version())
    .enablePositionalOptions()
    .addHelpText('after', '\nExamples:\n  tally86 count /bin/true\n  tally86 run /bin/ls -l\n  tally86 memory --iterations 100\n  tally86 help count');
  for (const command of [runCommand(), countCommand(), memoryCommand()]) program.addCommand(command);
  // errors of usage are thrown, so that one place decides the exit status
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput(OUTPUT);
  return program;
}

/** Runs the command line; sets process.exitCode. Never throws for anything a user or guest does. */
export async function main(argv: readonly string[] = process.argv): Promise<void> {
  try {
    await createProgram().parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : STATUS.usage;
    } else if (isEmulatorError(error)) {
      warn(error.message);
      process.exitCode = statusOfError(error);
    } else if (isSystemError(error)) {
      warn(error.message);
      process.exitCode = STATUS.failure;
    } else {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      standardStream('stderr').write(`tally86: this is a bug in tally86, please report it: ${text}\n`);
      process.exitCode = STATUS.failure;
    }
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
