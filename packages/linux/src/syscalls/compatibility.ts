import type { SyscallSupport, SyscallTable } from './types.ts';

/** A row of the compatibility page. */
export interface CompatibilityRow {
  readonly number: number;
  readonly name: string;
  readonly support: SyscallSupport;
  readonly note: string;
}

/** What every system call does, in order of number: the documentation is generated from it. */
export function compatibilityRows(table: SyscallTable): readonly CompatibilityRow[] {
  return table.entries().map(({ number, name, support, note }) => ({ number, name, support, note }));
}
