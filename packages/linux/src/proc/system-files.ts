import type { Inode } from '@tally86/core';
import type { Kernel } from '../kernel/types.ts';
import { MAX_USER_WATCHES as MAX_EPOLL_WATCHES } from '../fs/epoll-space.ts';
import { MAX_QUEUED_EVENTS } from '../fs/inotify.ts';
import { MAX_USER_INSTANCES, MAX_USER_WATCHES } from '../fs/notify.ts';
import type { ProcessFileContext } from '../fs/file-context.ts';
import { PIPE_MAX_SIZE } from '../fs/pipe.ts';
import { cpuinfoText } from './cpuinfo.ts';
import type { ProcContent, ProcDirectory } from './proc-inode.ts';

/** File systems as /proc/filesystems lists them. */
const FILE_SYSTEMS = 'nodev\tsysfs\nnodev\tproc\nnodev\ttmpfs\nnodev\tdevtmpfs\nnodev\tdevpts\nnodev\tpipefs\nnodev\toverlay\n\thost\n';

type Text = (kernel: Kernel) => string;
/** Files by name; nested records are directories. */
interface Tree {
  readonly [name: string]: Text | Tree;
}

const seconds = (nanoseconds: number): string => (Math.floor(nanoseconds / 1e7) / 100).toFixed(2);

/** Memory as the budget has it: the same wherever the machine runs. */
function meminfoText(kernel: Kernel): string {
  const { budgetBytes, frames, pageTableBytes, cacheFrames } = kernel.current.process.mm.mmu.stats();
  const total = Math.floor(budgetBytes / 1024);
  const free = Math.max(0, total - frames * 4 - Math.ceil(pageTableBytes / 1024));
  const rows: readonly (readonly [string, number])[] = [
    ['MemTotal', total], ['MemFree', free], ['MemAvailable', free], ['Buffers', 0], ['Cached', cacheFrames * 4], ['SwapCached', 0],
    ['Active', frames * 4], ['Inactive', 0], ['SwapTotal', 0], ['SwapFree', 0], ['Dirty', 0], ['Writeback', 0], ['AnonPages', (frames - cacheFrames) * 4],
    ['Mapped', cacheFrames * 4], ['Shmem', 0], ['PageTables', Math.ceil(pageTableBytes / 1024)], ['CommitLimit', total], ['Committed_AS', frames * 4],
    ['VmallocTotal', 34_359_738_367], ['HugePages_Total', 0], ['Hugepagesize', 2048],
  ];
  return rows.map(([name, value]) => `${`${name}:`.padEnd(16)}${String(value).padStart(8)}${name === 'HugePages_Total' ? '' : ' kB'}\n`).join('');
}

/** Pages, as far as there is something to tell. */
function vmstatText(kernel: Kernel): string {
  const { budgetBytes, frames, cacheFrames, pageTableBytes } = kernel.current.process.mm.mmu.stats();
  const tablePages = Math.ceil(pageTableBytes / 4096);
  const rows: readonly (readonly [string, number])[] = [
    ['nr_free_pages', Math.max(0, Math.floor(budgetBytes / 4096) - frames - tablePages)], ['nr_anon_pages', frames - cacheFrames], ['nr_mapped', cacheFrames],
    ['nr_file_pages', cacheFrames], ['nr_dirty', 0], ['nr_writeback', 0], ['nr_shmem', 0], ['nr_page_table_pages', tablePages], ['pgpgin', 0], ['pgpgout', 0],
    ['pswpin', 0], ['pswpout', 0], ['pgfault', 0], ['pgmajfault', 0], ['oom_kill', 0],
  ];
  return rows.map(([name, value]) => `${name} ${value}\n`).join('');
}

function statText(kernel: Kernel): string {
  const time = Math.floor(kernel.totalRetired() / 1e7);
  const boot = kernel.clock.realtime() / 1_000_000_000n - BigInt(Math.floor(kernel.clock.monotonic() / 1e9));
  const cpu = `${time} 0 0 ${Math.floor(kernel.clock.monotonic() / 1e7)} 0 0 0 0 0 0`;
  const running = kernel.scheduler.readyCount;
  return `cpu  ${cpu}\ncpu0 ${cpu}\nintr 0\nctxt 0\nbtime ${boot}\nprocesses ${kernel.processes.size}\nprocs_running ${running}\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n`;
}

/** A version-4 UUID from the machine's entropy. */
function uuidText(kernel: Kernel): string {
  const bytes = new Uint8Array(16);
  kernel.entropy.fill(bytes);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}\n`;
}

const boots = new WeakMap<Kernel, string>();

/** The same for as long as the machine lives. */
function bootId(kernel: Kernel): string {
  let id = boots.get(kernel);
  if (id === undefined) boots.set(kernel, (id = uuidText(kernel)));
  return id;
}

const constant = (value: string | number): Text => () => `${value}\n`;

/** Open files of all processes, none free, and the most there may be. */
function fileCounts({ current, maxFiles }: Kernel): string {
  return `${(current.fs as ProcessFileContext).world.openFiles.count}\t0\t${maxFiles}\n`;
}

const TREE: Tree = {
  cmdline: constant('quiet'),
  cpuinfo: (kernel) => cpuinfoText(kernel.model),
  filesystems: () => FILE_SYSTEMS,
  loadavg: (kernel) => `0.00 0.00 0.00 ${Math.max(1, kernel.scheduler.readyCount)}/${kernel.tasks.size} ${[...kernel.processes.keys()].at(-1) ?? 1}\n`,
  meminfo: meminfoText,
  devices: constant('Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/ptmx\n128 ptm\n136 pts\n\nBlock devices:'),
  diskstats: () => '',
  modules: () => '',
  partitions: constant('major minor  #blocks  name\n'),
  stat: statText,
  tty: { drivers: constant([
    '/dev/tty             /dev/tty        5       0 system:/dev/tty',
    '/dev/ptmx            /dev/ptmx       5       2 system',
    'pty_slave            /dev/pts      136 0-1048575 pty:slave',
    'pty_master           /dev/ptm      128 0-1048575 pty:master',
  ].join('\n')) },
  vmstat: vmstatText,
  swaps: constant('Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority'),
  uptime: (kernel) => `${seconds(kernel.clock.monotonic())} ${seconds(kernel.clock.monotonic())}\n`,
  version: ({ identity }) => `Linux version ${identity.release} (tally86) ${identity.version}\n`,
  sys: {
    fs: {
      'aio-max-nr': constant(65_536), 'aio-nr': constant(0), epoll: { max_user_watches: constant(MAX_EPOLL_WATCHES) },
      'file-max': ({ maxFiles }) => `${maxFiles}\n`, 'file-nr': fileCounts, nr_open: constant(1_048_576),
      'pipe-max-size': constant(PIPE_MAX_SIZE), 'pipe-user-pages-soft': constant(16_384),
      inotify: {
        max_queued_events: constant(MAX_QUEUED_EVENTS), max_user_instances: constant(MAX_USER_INSTANCES), max_user_watches: constant(MAX_USER_WATCHES),
      },
    },
    kernel: {
      cap_last_cap: constant(40),
      core_pattern: constant('core'), core_uses_pid: constant(0),
      dmesg_restrict: constant(1), kptr_restrict: constant(1), modules_disabled: constant(1), perf_event_paranoid: constant(3), tainted: constant(0),
      msgmax: constant(8192), msgmnb: constant(16_384), msgmni: constant(32_000), sem: constant('32000\t1024000000\t500\t32000'),
      shmall: constant('18446744073692774399'), shmmax: constant('18446744073692774399'), shmmni: constant(4096),
      sched_rt_period_us: constant(1_000_000), sched_rt_runtime_us: constant(950_000), unprivileged_bpf_disabled: constant(2),
      domainname: ({ identity }) => `${identity.domainname}\n`,
      hostname: ({ identity }) => `${identity.nodename}\n`,
      ngroups_max: constant(65_536),
      osrelease: ({ identity }) => `${identity.release}\n`,
      ostype: ({ identity }) => `${identity.sysname}\n`,
      overflowgid: constant(65_534),
      overflowuid: constant(65_534),
      pid_max: constant(4_194_304),
      random: { boot_id: bootId, entropy_avail: constant(256), poolsize: constant(256), uuid: uuidText },
      randomize_va_space: constant(0),
      'threads-max': constant(31_000),
      version: ({ identity }) => `${identity.version}\n`,
    },
    vm: {
      max_map_count: (kernel) => `${kernel.current.process.mm.maxMapCount}\n`,
      mmap_min_addr: (kernel) => `${kernel.current.process.mm.minAddress}\n`,
      admin_reserve_kbytes: constant(8192), dirty_background_ratio: constant(10), dirty_ratio: constant(20), drop_caches: constant(0),
      legacy_va_layout: constant(0), min_free_kbytes: constant(4096), nr_hugepages: constant(0), nr_overcommit_hugepages: constant(0),
      overcommit_kbytes: constant(0), 'page-cluster': constant(3), panic_on_oom: constant(0), vfs_cache_pressure: constant(100),
      overcommit_memory: constant(0),
      overcommit_ratio: constant(50),
      swappiness: constant(60),
    },
  },
};

function contentOf(tree: Tree): ProcContent {
  const entries: Record<string, (directory: ProcDirectory) => Inode> = {};
  for (const [name, part] of Object.entries(tree)) {
    entries[name] = typeof part === 'function' ? (d) => d.makeFile(() => part(d.fileSystem.kernel)) : (d) => d.makeDirectory(contentOf(part));
  }
  return { entries };
}

/** What /proc holds beside processes. */
export const SYSTEM_CONTENT: ProcContent = contentOf(TREE);
