import { SYS, type SyscallName } from '@tally86/abi';
import { absent } from './define.ts';
import { cloneSyscalls } from './sys-clone.ts';
import { fileSyscalls } from './files.ts';
import { futexSyscalls } from './sys-futex.ts';
import { identitySyscalls } from './sys-identity.ts';
import { memorySyscalls } from './sys-memory.ts';
import { netSyscalls } from './net.ts';
import { absentSyscalls } from './not-there.ts';
import { pidfdSyscalls } from './sys-pidfd.ts';
import { posixTimerSyscalls } from './sys-posix-timers.ts';
import { prctlSyscalls } from './sys-prctl.ts';
import { prioritySyscalls } from './sys-priority.ts';
import { processSyscalls } from './sys-process.ts';
import { schedSyscalls } from './sys-sched.ts';
import { signalSyscalls } from './sys-signal.ts';
import { systemSyscalls } from './sys-system.ts';
import { timeSyscalls } from './sys-time.ts';
import { waitSyscalls } from './sys-wait.ts';
import { createSyscallTable } from './table.ts';
import type { SyscallEntry, SyscallTable } from './types.ts';

/** Every group of system calls that is implemented. */
const GROUPS: readonly (readonly SyscallEntry[])[] = [
  memorySyscalls, processSyscalls, cloneSyscalls, waitSyscalls, pidfdSyscalls, signalSyscalls, timeSyscalls, posixTimerSyscalls, futexSyscalls, identitySyscalls, systemSyscalls,
  prctlSyscalls, schedSyscalls, prioritySyscalls, fileSyscalls, netSyscalls, absentSyscalls,
];

/** The whole table: every number that Linux assigns, implemented or ENOSYS by name. */
export function createDefaultSyscalls(): SyscallTable {
  const entries = GROUPS.flat();
  const known = new Set(entries.map(({ name }) => name));
  const missing = Object.keys(SYS).filter((name) => !known.has(name)).map((name) => absent(name as SyscallName, 'not implemented'));
  return createSyscallTable([...entries, ...missing]);
}
