import type { ArgFormat, SyscallSupport, SyscallTable } from './types.ts';

/** A row of the compatibility page. */
export interface CompatibilityRow {
  readonly number: number;
  readonly name: string;
  readonly support: SyscallSupport;
  readonly note: string;
  /** What the arguments are, as --strace prints them. */
  readonly args: readonly ArgFormat[];
}

/** What every system call does, in order of number: docs/system-calls.md is generated from it. */
export function compatibilityRows(table: SyscallTable): readonly CompatibilityRow[] {
  return table.entries().map(({ number, name, support, note, args }) => ({ number, name, support, note, args }));
}
