import { EmulatorError } from '@tally86/core';
import type { SyscallEntry, SyscallTable } from './types.ts';

/** A table of entries. Throws EmulatorError E_OPTION if two have one number. */
export function createSyscallTable(entries: Iterable<SyscallEntry>): SyscallTable {
  const byNumber: (SyscallEntry | undefined)[] = [];
  for (const entry of entries) {
    const other = byNumber[entry.number];
    if (other !== undefined) throw new EmulatorError('E_OPTION', `system call ${entry.number} is both ${other.name} and ${entry.name}`);
    byNumber[entry.number] = entry;
  }
  const list = byNumber.filter((entry) => entry !== undefined);
  const named = (name: string): SyscallEntry => {
    const entry = list.find((candidate) => candidate.name === name);
    if (entry === undefined) throw new EmulatorError('E_NOT_FOUND', `no system call named ${name} in this table`, { details: { name } });
    return entry;
  };
  const table: SyscallTable = {
    get: (number) => byNumber[number],
    entries: () => list,
    with(...more) {
      const numbers = new Set(more.map(({ number }) => number));
      return createSyscallTable([...list.filter(({ number }) => !numbers.has(number)), ...more]);
    },
    without(...names) {
      const gone = new Set(names.map(named));
      return createSyscallTable(list.filter((entry) => !gone.has(entry)));
    },
    wrap(name, wrapper) {
      const entry = named(name);
      return table.with({ ...entry, handler: wrapper(entry.handler) });
    },
  };
  return table;
}
