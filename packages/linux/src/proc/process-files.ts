import { E, O, S } from '@tally86/abi';
import { type ByteString, type Dentry, type Inode } from '@tally86/core';
import { byteString, pathOf } from '@tally86/vfs';
import { contextOf, tableOf, worldOf } from '../fs/access.ts';
import type { OpenFile } from '../fs/open-file.ts';
import type { Process, Task } from '../kernel/types.ts';
import { DEFAULT_TIMER_SLACK } from '../kernel/settings.ts';
import { processCpuTime } from '../time/interval-timers.ts';
import { mapsText, smapsRollupText, smapsText } from './maps.ts';
import { MemoryOfProcess } from './memory-file.ts';
import { mountInfoText, mountsText } from './mounts.ts';
import { netContent } from './net-files.ts';
import { ProcDirectory, type ProcContent } from './proc-inode.ts';
import {
  coreFilterText, ioText, oomAdjText, oomScoreText, writeCoreFilter, writeOomAdj, writeOomScoreAdjustment, writeTimerSlack,
} from './settings-files.ts';
import { limitsText, statmText, statText, statusText } from './status.ts';

/** Bytes that lie in the guest's memory at most; longer ranges are cut (a guest can move argEnd by prctl). */
const MAX_ARGUMENTS = 8 * 1024 * 1024;

function memoryText({ mm }: Process, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, Math.min(end - start, MAX_ARGUMENTS)));
  return bytes.subarray(0, mm.mmu.peek(start, bytes));
}

/** The leader, which stays in the list when it ends before the others; undefined before there is one. */
export const mainTask = (process: Process): Task | undefined => process.tasks.find((task) => task.tid === process.pid) ?? process.tasks[0];

/** /proc/PID and /proc/PID/task/TID. */
export function processContent(process: Process, task: Task, isThread = false): ProcContent {
  const world = worldOf(task);
  const place = (dentry: Dentry): ByteString => pathOf(dentry, contextOf(task).root);
  const entries: Record<string, (directory: ProcDirectory) => Inode> = {
    // No controllers are mounted: everything is in the root of the unified hierarchy.
    cgroup: (d) => d.makeFile(() => '0::/\n'),
    coredump_filter: (d) => d.makeFile(() => coreFilterText(process), 0o644, writeCoreFilter(process)),
    cpuset: (d) => d.makeFile(() => '/\n'),
    io: (d) => d.makeFile(() => ioText(process), 0o400),
    auxv: (d) => d.makeFile(() => process.image.auxv, 0o400),
    cmdline: (d) => d.makeFile(() => memoryText(process, process.image.argStart, process.image.argEnd)),
    comm: (d) => d.makeFile(() => `${task.name}\n`, 0o644, (bytes) => {
      const text = byteString(bytes.subarray(0, 64));
      task.name = text.replace(/\n.*$/s, '').slice(0, 15);
      return bytes.length;
    }),
    cwd: (d) => d.makeLink(() => place(contextOf(task).cwd), () => contextOf(task).cwd),
    environ: (d) => d.makeFile(() => memoryText(process, process.image.envStart, process.image.envEnd), 0o400),
    exe: (d) => d.makeLink(() => process.image.path, () => world.vfs.walk(contextOf(task).walkContext(SUPERUSER), process.image.path)),
    fd: (d) => d.makeDirectory(descriptors(task, (directory, fd) => descriptorLink(directory, task, fd), S.IFLNK)),
    fdinfo: (d) => d.makeDirectory(descriptors(task, (directory, fd) => directory.makeFile(() => fdinfoText(task, fd), 0o400), S.IFREG)),
    limits: (d) => d.makeFile(() => limitsText(process)),
    maps: (d) => d.makeFile(() => mapsText(process)),
    mountinfo: (d) => d.makeFile(() => mountInfoText(world.vfs)),
    mounts: (d) => d.makeFile(() => mountsText(world.vfs)),
    net: (d) => d.makeDirectory(netContent(world.net)),
    loginuid: (d) => d.makeFile(() => NOBODY_LOGGED_IN),
    mem: (d) => new MemoryOfProcess(d.fileSystem, process),
    oom_adj: (d) => d.makeFile(() => oomAdjText(process), 0o644, writeOomAdj(process)),
    oom_score: (d) => d.makeFile(() => oomScoreText(process)),
    oom_score_adj: (d) => d.makeFile(() => `${process.settings.oomScoreAdjustment}\n`, 0o644, writeOomScoreAdjustment(process)),
    personality: (d) => d.makeFile(() => `${(process.personality >>> 0).toString(16).padStart(8, '0')}\n`, 0o400),
    root: (d) => d.makeLink(() => place(contextOf(task).root), () => contextOf(task).root),
    schedstat: (d) => d.makeFile(() => `${isThread ? process.kernel.cpuTime(task) : processCpuTime(process)} 0 0\n`),
    sessionid: (d) => d.makeFile(() => NOBODY_LOGGED_IN),
    setgroups: (d) => d.makeFile(() => 'allow\n'),
    smaps: (d) => d.makeFile(() => smapsText(process)),
    smaps_rollup: (d) => d.makeFile(() => smapsRollupText(process)),
    stat: (d) => d.makeFile(() => statText(process, task, isThread)),
    timerslack_ns: (d) => d.makeFile(() => `${process.settings.timerSlack}\n`, 0o666, writeTimerSlack(process, DEFAULT_TIMER_SLACK)),
    statm: (d) => d.makeFile(() => statmText(process)),
    status: (d) => d.makeFile(() => statusText(process, task)),
    ...Object.fromEntries(['gid_map', 'projid_map', 'uid_map'].map((name) => [name, (d: ProcDirectory) => d.makeFile(() => ALL_IDS)])),
    wchan: (d) => d.makeFile(() => '0'),
  };
  if (!isThread) {
    entries.task = (d) => d.makeDirectory({
      names: () => process.tasks.map(({ tid }) => ({ name: String(tid), type: S.IFDIR })),
      find: (directory, name) => threadDirectory(directory, process, name),
    });
  }
  return { entries };
}

/** (uid_t) −1 without a newline. */
const NOBODY_LOGGED_IN = '4294967295';
/** The first user namespace. */
const ALL_IDS = '         0          0 4294967295\n';
const SUPERUSER = { fsuid: 0, fsgid: 0, groups: [] };
const made = new WeakMap<Task, ProcDirectory>();

function threadDirectory(directory: ProcDirectory, process: Process, name: ByteString): Inode | undefined {
  const task = process.tasks.find(({ tid }) => String(tid) === name);
  if (task === undefined) return undefined;
  let thread = made.get(task);
  if (thread === undefined) made.set(task, (thread = directory.makeDirectory(processContent(process, task, true))));
  return thread;
}

/** fd and fdinfo: one entry for each open descriptor. Inodes are kept for the description they show. */
function descriptors(task: Task, make: (directory: ProcDirectory, fd: number) => Inode, type: number): ProcContent {
  const known = new Map<number, { readonly file: OpenFile; readonly inode: Inode }>();
  return {
    names: () => [...tableOf(task).numbers()].map((fd) => ({ name: String(fd), type })),
    find(directory, name) {
      const fd = Number(name);
      const file = String(fd) === name ? tableOf(task).get(fd) : undefined;
      if (file === undefined) {
        known.delete(fd);
        return undefined;
      }
      let entry = known.get(fd);
      if (entry?.file !== file) known.set(fd, (entry = { file, inode: make(directory, fd) }));
      return entry.inode;
    },
  };
}

function descriptorLink(directory: ProcDirectory, task: Task, fd: number): Inode {
  const file = (): OpenFile | undefined => tableOf(task).get(fd);
  return directory.makeLink(
    () => {
      const open = file();
      return open === undefined ? -E.ENOENT : pathOf(open.dentry, contextOf(task).root);
    },
    () => file()?.dentry ?? -E.ENOENT,
  );
}

function fdinfoText(task: Task, fd: number): string | number {
  const file = tableOf(task).get(fd);
  if (file === undefined) return -E.ENOENT;
  const flags = file.flags | (tableOf(task).closesOnExec(fd) ? O.CLOEXEC : 0);
  return `pos:\t${file.position}\nflags:\t0${flags.toString(8)}\nmnt_id:\t${file.dentry.mount.id}\nino:\t${file.dentry.inode.ino}\n${file.operations.describe?.() ?? ''}`;
}
