import { MAP, type SyscallName } from '@tally86/abi';
import { describe, expect, it } from 'vitest';
import { hasOracle } from '../../../../tools/oracle/src/index.ts';
import { runHere, runNatively, type Step } from '../../test/native.ts';

const DATA = 0x1000_0000, EDGE = DATA + 0x1ff8, NOWHERE = 0x10, KERNEL = -4096;
const POINTERS = [0, DATA, DATA + 0x800, EDGE, NOWHERE, KERNEL, -1];
/** Without 7, SCHED_EXT, which only newer kernels have. */
const POLICIES = [-1, 0, 1, 2, 3, 4, 5, 6, 8, 99];

/** Calls whose answer depends on nothing but the arguments; every combination is made. Memory at DATA is zero, its second half all ones. */
const rows: readonly (readonly [SyscallName, ...(readonly number[])[]])[] = [
  ['rt_sigaction', [0, 1, 9, 19, 10, 64, 65, -1], [0, DATA, NOWHERE, KERNEL], POINTERS, [8, 4]],
  ['rt_sigprocmask', [0, 1, 2, 3, -1], [0, DATA, NOWHERE], POINTERS, [8, 16]],
  ['rt_sigpending', POINTERS, [8, 4, 9]],
  ['sigaltstack', [0, DATA, DATA + 0x1000, EDGE, NOWHERE], POINTERS],
  ['rt_sigtimedwait', [DATA, NOWHERE, KERNEL], [0, DATA], [DATA, NOWHERE, DATA + 0x1000], [8, 4]],
  ['clock_gettime', [99, 16, -1], POINTERS],
  ['clock_getres', [0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 99, -1], [0, NOWHERE, KERNEL]],
  ['clock_nanosleep', [0, 1, 3, 4, 5, 99], [0, 1], [DATA, DATA + 0x1000, NOWHERE], [0]],
  ['nanosleep', [DATA, DATA + 0x1000, EDGE, NOWHERE, 0], [0, NOWHERE]],
  ['getitimer', [-1, 0, 1, 2, 3], POINTERS],
  ['setitimer', [-1, 0, 1, 2, 3], [0, DATA, DATA + 0x1000, NOWHERE], [0, DATA + 0x800, NOWHERE]],
  ['gettimeofday', [0, NOWHERE, KERNEL], [0, NOWHERE]],
  ['getrlimit', [0, 7, 15, 16, -1], POINTERS.slice(1)],
  ['prlimit64', [0, 0x3fff_0000], [7, 16, -1], [0, NOWHERE], [0, DATA + 0x800, NOWHERE]],
  ['getrusage', [0, 1, -1, 2, -2], [DATA + 0x800, NOWHERE, KERNEL]],
  ['uname', [DATA + 0x800, EDGE, NOWHERE, 0]],
  ['getrandom', [DATA + 0x800, EDGE, NOWHERE, KERNEL], [0, 1, 16], [0, 1, 2, 3, 4, 6, 8, -1]],
  ['sched_getscheduler', [-1, 0, 0x3fff_0000]],
  ['sched_getparam', [-1, 0, 0x3fff_0000], [DATA + 0x800, NOWHERE]],
  ['membarrier', [8, 1, 3, -1, 16, 8], [0, 1], [0]],
  ['sched_setparam', [-1, 0, 0x3fff_0000], [0, DATA, NOWHERE]],
  ['sched_setscheduler', [0, -1, 0x3fff_0000], [-1, 0, 3, 4, 5, 6, 8, 99], [0, DATA, NOWHERE]],
  ['sched_setattr', [0, -1, 0x3fff_0000], [0, DATA, DATA + 0x1000, EDGE, NOWHERE], [0, 1]],
  ['sched_getattr', [0, -1, 0x3fff_0000], [0, DATA, NOWHERE], [0, 47, 48, 56, 4096, 4097], [0, 1]],
  ['sched_rr_get_interval', [-1, 0x3fff_0000], [DATA, NOWHERE]],
  ['sched_getaffinity', [0, -1, 0x3fff_0000], [0, 7, 12], [DATA, NOWHERE]],
  ['sched_get_priority_max', POLICIES],
  ['sched_get_priority_min', POLICIES],
  ['getpriority', [-1, 3], [0, 0x3fff_0000]],
  ['setpriority', [-1, 3], [0], [0]],
  ['setpriority', [0, 1, 2], [0x3fff_0000], [0, -5]],
  ['setpriority', [0], [0], [1, 2, 100]],
  ['getpgid', [-1, 0x3fff_0000]],
  ['getsid', [-1, 0x3fff_0000]],
  ['setpgid', [-1, 0x3fff_0000], [-1, 0, 5]],
  ['kill', [0x3fff_0000], [-1, 0, 1, 65]],
  ['tkill', [-1, 0, 0x3fff_0000], [-1, 0, 1, 65]],
  ['tgkill', [-1, 0, 0x3fff_0000], [-1, 0, 1], [-1, 0, 1, 65]],
  ['rt_sigqueueinfo', [0x3fff_0000], [0, 1], [DATA + 0x1000, NOWHERE]],
  ['wait4', [-1, 0, 1, 0x3fff_0000], [0, DATA], [0, 1, 2, 16, -1], [0]],
  ['waitid', [-1, 0, 1, 2, 4], [0, 1], [0, DATA], [0, 1, 4, 5, 0x10], [0]],
  ['futex', [DATA, DATA + 1, NOWHERE, KERNEL], [1, 10, 3, 4, 129], [0, 1], [0], [DATA, DATA + 2, NOWHERE], [0, 1]],
  ['futex', [DATA, DATA + 1, NOWHERE, KERNEL], [0, 9, 128], [1], [0, DATA, DATA + 0x1000, NOWHERE], [0], [0, 1]],
  ['futex', [DATA, DATA + 1, DATA + 0x1000, NOWHERE, KERNEL], [6, 7, 8, 13, 6 | 256, 7 | 256, 13 | 256, 2, 14], [0], [0, DATA + 0x1000, NOWHERE], [0], [0]],
  ['futex', [DATA, DATA + 1, NOWHERE], [11, 11 | 256], [1], [0, DATA + 0x1000, NOWHERE], [DATA, DATA + 2, DATA + 8, NOWHERE], [0]],
  ['futex', [DATA, DATA + 1, NOWHERE], [12, 12 | 128], [0, 1, 2], [-1, 0, 1], [DATA, DATA + 2, DATA + 8, NOWHERE], [0, 1]],
  ['futex', [DATA, NOWHERE], [5], [1], [1], [DATA + 8, DATA + 9, NOWHERE], [0, 0x1000_0000, 0x4000_0000, 0x5000_0000, 0x0700_0000, -1]],
  ['futex_waitv', [0, DATA, DATA + 0x1000, NOWHERE, -1], [0, 1, 128, 129], [0, 1], [0, DATA + 0x1000, NOWHERE], [0, 1, 2]],
  ['arch_prctl', [0, 0x1001, 0x1002], [KERNEL, -1]],
  ['arch_prctl', [0x1003, 0x1004], [NOWHERE, KERNEL]],
  ['set_robust_list', [DATA], [0, 23, 25]],
  ['prctl', [3, 7, 13, 39, 30], [0], [0], [0], [0]],
  ['prctl', [16], [DATA + 0x800, NOWHERE], [0], [0], [0]],
  ['prctl', [4, 8, 38], [2, 99], [0], [0], [0]],
  ['prctl', [15], [NOWHERE, KERNEL], [0], [0], [0]],
  ['prctl', [99_999], [0], [0], [0], [0]],
  ['capget', [DATA, DATA + 0x1000, NOWHERE], [0, DATA + 0x800, NOWHERE]],
  ['getgroups', [-1], [DATA + 0x800]],
  ['mincore', [DATA, DATA + 1, DATA + 0x4000, KERNEL], [0, 1, 0x2000, 0x4000], [DATA + 0x800, NOWHERE]],
];

function combinations(row: (typeof rows)[number]): Step[] {
  const [name, ...choices] = row;
  let list: number[][] = [[]];
  for (const options of choices) list = list.flatMap((args) => options.map((option) => [...args, option]));
  return list.map((args) => ({ kind: 'call', name, args }));
}

const SETUP: readonly Step[] = [
  { kind: 'call', name: 'mmap', args: [DATA, 0x2000, 3, MAP.PRIVATE | MAP.ANONYMOUS | MAP.FIXED, -1, 0] },
  ...Array.from({ length: 64 }, (_, i): Step => ({ kind: 'put', address: DATA + 0x1000 + i, value: 0xff })),
];

describe.skipIf(!hasOracle('native', 'gcc'))('answers agree with the kernel of this machine', () => {
  it.each(rows.map((row, index) => [`${row[0]} (${index})`, row] as const))('%s', (_, row) => {
    // Memory is set again before each call: earlier answers may have been written over it.
    const steps = combinations(row).flatMap((step) => [...SETUP, step]);
    const [native, here] = [runNatively(steps), runHere(steps)];
    const calls = steps.filter(({ kind }) => kind === 'call');
    const differing = calls.flatMap((step, i) => (native[i] === here[i] ? [] : [`${JSON.stringify(step)}: ${here[i]} here, ${native[i]} natively`]));
    expect(differing).toEqual([]);
  });
});
