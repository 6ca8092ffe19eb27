import { type CompatibilityRow, compatibilityRows, createDefaultSyscalls, type SyscallSupport } from '@tally86/linux';

/** How the page calls each kind of entry, and what that means. */
const KINDS: Readonly<Record<SyscallSupport, readonly [name: string, meaning: string]>> = {
  full: ['full', 'as Linux does'],
  partial: ['partial', 'as Linux does but for what the note says'],
  fixed: ['fixed', 'a set answer, after the checks of its arguments, as a kernel gives that is configured so: the note says how'],
  none: ['ENOSYS', 'not there; `--strace` tells who asks for it'],
};

const cell = (text: string): string => text.replaceAll('|', '\\|');

function summary(rows: readonly CompatibilityRow[]): string[] {
  const kinds = Object.entries(KINDS) as [SyscallSupport, (typeof KINDS)[SyscallSupport]][];
  return kinds.map(([support, [name, meaning]]) => `| ${name} | ${rows.filter((row) => row.support === support).length} | ${meaning} |`);
}

const line = ({ number, name, support, note, args }: CompatibilityRow): string =>
  `| ${number} | \`${name}\` | ${support === 'none' ? '' : cell(args.join(', ').replaceAll('@', ' '))} | ${KINDS[support][0]} | ${cell(note)} |`;

/** docs/system-calls.md. */
export function systemCallsPage(): string {
  const rows = compatibilityRows(createDefaultSyscalls());
  return [
    '# System calls', '',
    `What each of the ${rows.length} system calls of x86-64 Linux does. \`npm run docs\` writes this page from the entries in`,
    '[packages/linux/src/syscalls](../packages/linux/src/syscalls); a test keeps it true.', '',
    '| | calls | |', '| --- | ---: | --- |', ...summary(rows), '',
    'Arguments are named as `--strace` prints them; `out` is memory that the call fills. A number that is not here is ENOSYS, too.', '',
    '| number | call | arguments | support | note |', '| ---: | --- | --- | --- | --- |', ...rows.map(line), '',
  ].join('\n');
}
