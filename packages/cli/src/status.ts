import type { EmulatorError } from '@tally86/core';
import type { RunResult } from '@tally86/runner';

/** Exit statuses of the CLI itself, as a shell has them; a guest's own status passes through. */
export const STATUS = {
  /** Wrong options. */
  usage: 2,
  /** A budget ended the run, as timeout(1) says it. */
  budget: 124,
  /** tally86 itself failed, or every task sleeps and nothing can wake one. */
  failure: 125,
  /** Found, but cannot be executed. */
  notExecutable: 126,
  notFound: 127,
  /** Plus the number of the signal. */
  signal: 128,
} as const;

export function statusOf(exit: RunResult['exit']): number {
  switch (exit.kind) {
    case 'exit': return exit.code;
    case 'signal': return STATUS.signal + exit.signal;
    case 'budget': return STATUS.budget;
    case 'deadlock': return STATUS.failure;
  }
}

export function statusOfError(error: EmulatorError): number {
  switch (error.code) {
    case 'E_NOT_FOUND': return STATUS.notFound;
    case 'E_ELF': return STATUS.notExecutable;
    case 'E_OPTION': return STATUS.usage;
    default: return STATUS.failure;
  }
}
