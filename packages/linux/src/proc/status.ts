import { RLIMIT, USER_HZ } from '@tally86/abi';
import { PAGE_SIZE } from '@tally86/core';
import type { Process, Task } from '../kernel/types.ts';
import { parentPid } from '../kernel/children.ts';
import { processCpuTime } from '../time/interval-timers.ts';
import { contextOf, tableOf } from '../fs/access.ts';
import { softLimit } from '../kernel/limits.ts';
import { isRealTime } from '../kernel/scheduling.ts';

/** Sizes of a process in bytes, as far as they are known. */
export function memorySizes({ mm, image }: Process): { total: number; resident: number; text: number; data: number; stack: number } {
  return {
    total: mm.mappedBytes,
    resident: mm.mmu.residentPages * PAGE_SIZE,
    text: image.endCode - image.startCode,
    data: mm.dataBytes,
    stack: stackBytes(mm),
  };
}

function stackBytes(mm: Process['mm']): number {
  let bytes = 0;
  for (const vma of mm.vmas.range(mm.mmapBase, Infinity)) if (vma.growsDown) bytes += vma.end - vma.start;
  return bytes;
}

const stateOf = (task: Task): string => (task.state === 'dead' ? 'Z' : task.process.stopped !== 0 ? 'T' : task.state === 'running' ? 'R' : 'S');
const ticks = (nanoseconds: number): number => Math.floor((nanoseconds * USER_HZ) / 1e9);

/** /proc/PID/stat (fs/proc/array.c, do_task_stat). */
export function statText(process: Process, task: Task, isThread: boolean): string {
  const { kernel, image } = process;
  const { policy, priority, nice } = task.scheduling;
  const { total, resident } = memorySizes(process);
  const time = ticks(isThread ? kernel.cpuTime(task) : processCpuTime(process));
  const mask = (set: bigint): string => String(set & 0x7fff_ffffn);
  const caught = signalSets(process);
  const fields = [
    task.tid, `(${task.name})`, stateOf(task), parentPid(process), process.processGroup, process.session, process.terminal?.device ?? 0, process.terminal?.foregroundGroup ?? -1, 0, 0, 0, 0, 0,
    time, 0, 0, 0, isRealTime(policy) ? -1 - priority : 20 + nice, nice, process.tasks.length, 0, ticks(process.startTime), total, resident / PAGE_SIZE, '18446744073709551615',
    image.startCode, image.endCode, image.startStack, 0, 0, mask(process.pending.set | task.pending.set), mask(task.signalMask),
    mask(caught.ignored), mask(caught.caught), 0, 0, 0, 17, 0, priority, policy, 0, 0, 0, image.startData, image.endData, process.mm.brkStart,
    image.argStart, image.argEnd, image.envStart, image.envEnd, 0,
  ];
  return `${fields.join(' ')}\n`;
}

function signalSets(process: Process): { ignored: bigint; caught: bigint } {
  let [ignored, caught] = [0n, 0n];
  for (let signal = 1; signal <= 64; signal += 1) {
    const { handler } = process.signals.get(signal);
    if (handler === 1n) ignored |= 1n << BigInt(signal - 1);
    else if (handler !== 0n) caught |= 1n << BigInt(signal - 1);
  }
  return { ignored, caught };
}

/** /proc/PID/statm, in pages. */
export function statmText(process: Process): string {
  const { total, resident, text, data } = memorySizes(process);
  const pages = (bytes: number): number => Math.ceil(bytes / PAGE_SIZE);
  return `${pages(total)} ${pages(resident)} 0 ${pages(text)} 0 ${pages(data)} 0\n`;
}

const STATES: Readonly<Record<string, string>> = { R: 'R (running)', S: 'S (sleeping)', T: 'T (stopped)', Z: 'Z (zombie)' };

/** /proc/PID/status. */
export function statusText(process: Process, task: Task): string {
  const { credentials: c, mm } = process;
  const { total, resident, text, data, stack } = memorySizes(process);
  const { ignored, caught } = signalSets(process);
  const kb = (bytes: number): string => `${String(Math.floor(bytes / 1024)).padStart(8)} kB`;
  const set = (value: bigint): string => value.toString(16).padStart(16, '0');
  const capabilities = set(c.euid === 0 ? 0x1ff_ffff_ffffn : 0n);
  const rows: readonly (readonly [string, string | number])[] = [
    ['Name', task.name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')],
    ['Umask', contextOf(task).umask.toString(8).padStart(4, '0')],
    ['State', STATES[stateOf(task)]!], ['Tgid', process.pid], ['Ngid', 0], ['Pid', task.tid], ['PPid', parentPid(process)],
    ['TracerPid', 0], ['Uid', [c.uid, c.euid, c.suid, c.fsuid].join('\t')], ['Gid', [c.gid, c.egid, c.sgid, c.fsgid].join('\t')],
    ['FDSize', Math.max(64, 2 ** Math.ceil(Math.log2(tableOf(task).last + 2)))], ['Groups', `${c.groups.join(' ')} `],
    ['NStgid', process.pid], ['NSpid', task.tid], ['NSpgid', process.processGroup], ['NSsid', process.session],
    ['VmPeak', kb(total)], ['VmSize', kb(total)], ['VmLck', kb(mm.lockedBytes)], ['VmPin', kb(0)], ['VmHWM', kb(mm.mmu.residentPeak * PAGE_SIZE)],
    ['VmRSS', kb(resident)], ['RssAnon', kb(resident)], ['RssFile', kb(0)], ['RssShmem', kb(0)], ['VmData', kb(data)], ['VmStk', kb(stack)],
    ['VmExe', kb(text)], ['VmLib', kb(0)], ['VmPTE', kb(mm.mmu.stats().pageTableBytes)], ['VmSwap', kb(0)], ['HugetlbPages', kb(0)],
    ['CoreDumping', 0], ['THP_enabled', 1], ['Threads', process.tasks.length], ['SigQ', `0/${softLimit(process.limits, RLIMIT.SIGPENDING)}`],
    ['SigPnd', set(task.pending.set)], ['ShdPnd', set(process.pending.set)], ['SigBlk', set(task.signalMask)], ['SigIgn', set(ignored)], ['SigCgt', set(caught)],
    ['CapInh', set(0n)], ['CapPrm', capabilities], ['CapEff', capabilities], ['CapBnd', set(0x1ff_ffff_ffffn)], ['CapAmb', set(0n)],
    ['NoNewPrivs', process.noNewPrivileges ? 1 : 0], ['Seccomp', 0], ['Seccomp_filters', 0], ['Speculation_Store_Bypass', 'not vulnerable'],
    ['Cpus_allowed', 1], ['Cpus_allowed_list', 0], ['Mems_allowed', 1], ['Mems_allowed_list', 0],
    ['voluntary_ctxt_switches', 0], ['nonvoluntary_ctxt_switches', 0],
  ];
  return rows.map(([name, value]) => `${name}:\t${value}\n`).join('');
}

const LIMIT_ROWS: readonly (readonly [string, keyof typeof RLIMIT, string])[] = [
  ['Max cpu time', 'CPU', 'seconds'], ['Max file size', 'FSIZE', 'bytes'], ['Max data size', 'DATA', 'bytes'], ['Max stack size', 'STACK', 'bytes'],
  ['Max core file size', 'CORE', 'bytes'], ['Max resident set', 'RSS', 'bytes'], ['Max processes', 'NPROC', 'processes'], ['Max open files', 'NOFILE', 'files'],
  ['Max locked memory', 'MEMLOCK', 'bytes'], ['Max address space', 'AS', 'bytes'], ['Max file locks', 'LOCKS', 'locks'],
  ['Max pending signals', 'SIGPENDING', 'signals'], ['Max msgqueue size', 'MSGQUEUE', 'bytes'], ['Max nice priority', 'NICE', ''],
  ['Max realtime priority', 'RTPRIO', ''], ['Max realtime timeout', 'RTTIME', 'us'],
];

/** /proc/PID/limits. */
export function limitsText({ limits }: Process): string {
  const show = (value: number | undefined): string => (value === undefined || value === Infinity ? 'unlimited' : String(value)).padEnd(20);
  const row = (name: string, soft: string, hard: string, units: string): string => `${name.padEnd(25)} ${soft} ${hard} ${units.padEnd(10)}\n`;
  const head = row('Limit', 'Soft Limit'.padEnd(20), 'Hard Limit'.padEnd(20), 'Units');
  return head + LIMIT_ROWS.map(([name, key, units]) => row(name, show(limits.values[RLIMIT[key]]?.[0]), show(limits.values[RLIMIT[key]]?.[1]), units)).join('');
}
