import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile, hasOracle } from '../../../tools/oracle/src/index.ts';
import * as abi from './index.ts';

const HEADERS = [
  'errno.h', 'elf.h', 'signal.h', 'ucontext.h', 'poll.h', 'sched.h', 'stdio.h', 'stddef.h', 'string.h', 'time.h', 'unistd.h', 'fcntl.h', 'sys/mman.h', 'sys/auxv.h',
  'sys/epoll.h', 'sys/eventfd.h', 'sys/timerfd.h', 'sys/inotify.h', 'sys/signalfd.h', 'sys/file.h', 'sys/ioctl.h', 'sys/personality.h', 'sys/prctl.h', 'sys/random.h', 'sys/resource.h', 'sys/stat.h', 'sys/statfs.h',
  'sys/sysinfo.h', 'sys/syscall.h', 'sys/time.h', 'sys/times.h', 'sys/uio.h', 'sys/utsname.h', 'sys/vfs.h', 'sys/wait.h', 'dirent.h', 'termios.h', 'linux/futex.h',
  'linux/membarrier.h', 'linux/capability.h', 'asm/prctl.h', 'linux/openat2.h', 'sys/socket.h', 'sys/un.h', 'netinet/in.h', 'netinet/tcp.h', 'linux/sockios.h', 'net/if.h',
  'linux/netlink.h', 'linux/rtnetlink.h',
];

/** Prefix of the C names of a group, and what else they are called. */
const groups: readonly (readonly [string, Readonly<Record<string, number | bigint>>, string])[] = [
  ['errno', abi.E, ''],
  ['system calls', abi.SYS, '__NR_'],
  ['mmap flags', abi.MAP, 'MAP_'],
  ['mremap flags', abi.MREMAP, 'MREMAP_'],
  ['msync flags', abi.MS, 'MS_'],
  ['madvise', abi.MADV, 'MADV_'],
  ['signals', abi.SIG, 'SIG'],
  ['si_code', abi.SI, 'SI_'],
  ['sigaction flags', abi.SA, 'SA_'],
  ['sigevent', abi.SIGEV, 'SIGEV_'], ['ILL', abi.ILL, 'ILL_'], ['FPE', abi.FPE, 'FPE_'], ['SEGV', abi.SEGV, 'SEGV_'], ['BUS', abi.BUS, 'BUS_'], ['TRAP', abi.TRAP, 'TRAP_'], ['CLD', abi.CLD, 'CLD_'],
  ['auxv', abi.AT, 'AT_'],
  ['ELF types', abi.ET, 'ET_'], ['program headers', abi.PT, 'PT_'], ['segment flags', abi.PF, 'PF_'], ['sections', abi.SHT, 'SHT_'], ['symbol types', abi.STT, 'STT_'],
  ['clocks', abi.CLOCK, 'CLOCK_'], ['interval timers', abi.ITIMER, 'ITIMER_'],
  ['open flags', abi.O, 'O_'], ['fcntl', abi.F, 'F_'], ['flock', abi.LOCK, 'LOCK_'], ['seals', abi.F_SEAL, 'F_SEAL_'], ['owners', abi.F_OWNER, 'F_OWNER_'], ['seek', abi.SEEK, 'SEEK_'], ['modes', abi.S, 'S_'],
  ['renameat2', abi.RENAME, 'RENAME_'], ['statx', abi.STATX, 'STATX_'], ['poll', abi.POLL, 'POLL'], ['epoll', abi.EPOLL, 'EPOLL_'], ['eventfd', abi.EFD, 'EFD_'], ['timerfd', abi.TFD, 'TFD_'], ['inotify', abi.IN, 'IN_'],
  ['ioctl', abi.IOCTL, ''],
  ['terminal flags', abi.TERMIOS, ''], ['control characters', abi.VCC, ''],
  ['limits', abi.RLIMIT, 'RLIMIT_'], ['clone', abi.CLONE, 'CLONE_'], ['futex', abi.FUTEX, 'FUTEX_'], ['prctl', abi.PR, 'PR_'], ['arch_prctl', abi.ARCH, 'ARCH_'],
  ['getrandom', abi.GRND, 'GRND_'],
  ['address families', abi.AF, 'AF_'], ['socket types', abi.SOCK, 'SOCK_'], ['protocols', abi.IPPROTO, 'IPPROTO_'], ['shutdown', abi.SHUT, 'SHUT_'], ['message flags', abi.MSG, 'MSG_'],
  ['option levels', abi.SOL, 'SOL_'], ['socket options', abi.SO, 'SO_'], ['ancillary data', abi.SCM, 'SCM_'], ['TCP options', abi.TCP, 'TCP_'], ['IP options', abi.IP, 'IP_'],
  ['IPv6 options', abi.IPV6, 'IPV6_'], ['requests on sockets', abi.SIOC, 'SIOC'], ['interface flags', abi.IFF, 'IFF_'],
  ['netlink families', abi.NETLINK, 'NETLINK_'], ['netlink flags', abi.NLM_F, 'NLM_F_'], ['netlink messages', abi.NLMSG, 'NLMSG_'], ['rtnetlink messages', abi.RTM, 'RTM_'],
  ['link attributes', abi.IFLA, 'IFLA_'],
];

/** [layout, C type, fields that have other names in C] */
const layouts: readonly (readonly [abi.StructLayout, string, Readonly<Record<string, string | null>>?])[] = [
  [abi.TIMESPEC, 'struct timespec'], [abi.TIMEVAL, 'struct timeval'], [abi.TMS, 'struct tms'],
  [abi.STAT, 'struct stat', { pad0: '__pad0', st_atime: 'st_atim', st_atime_nsec: 'st_atim.tv_nsec', st_mtime: 'st_mtim', st_mtime_nsec: 'st_mtim.tv_nsec',
    st_ctime: 'st_ctim', st_ctime_nsec: 'st_ctim.tv_nsec', unused0: null, unused1: null, unused2: null }],
  [abi.STATFS, 'struct statfs', { spare: 'f_spare' }],
  [abi.FLOCK, 'struct flock'], [abi.POLLFD, 'struct pollfd'], [abi.IOVEC, 'struct iovec'], [abi.WINSIZE, 'struct winsize'], [abi.OPEN_HOW, 'struct open_how'],
  [abi.ITIMERSPEC, 'struct itimerspec', { interval_sec: 'it_interval.tv_sec', interval_nsec: 'it_interval.tv_nsec', value_sec: 'it_value.tv_sec', value_nsec: 'it_value.tv_nsec' }],
  [abi.INOTIFY_EVENT, 'struct inotify_event'],
  [abi.SIGEVENT, 'struct sigevent', { sigev_notify_thread_id: null, spare: null }],
  [abi.SIGNALFD_SIGINFO, 'struct signalfd_siginfo', { spare: null }],
  [abi.RLIMIT_STRUCT, 'struct rlimit'], [abi.STACK_T, 'stack_t'], [abi.UTSNAME, 'struct utsname'],
  [abi.SOCKADDR_IN, 'struct sockaddr_in'], [abi.SOCKADDR_IN6, 'struct sockaddr_in6'], [abi.MSGHDR, 'struct msghdr'], [abi.CMSGHDR, 'struct cmsghdr'], [abi.UCRED, 'struct ucred'],
  [abi.LINGER, 'struct linger'], [abi.SOCKADDR_NL, 'struct sockaddr_nl'], [abi.NLMSGHDR, 'struct nlmsghdr'], [abi.IFINFOMSG, 'struct ifinfomsg', { pad: '__ifi_pad' }],
  [abi.IFADDRMSG, 'struct ifaddrmsg'], [abi.RTMSG, 'struct rtmsg'],
  [abi.STATX_STRUCT, 'struct statx', Object.fromEntries(Object.keys(abi.STATX_STRUCT.fields).flatMap((name): [string, string | null][] => {
    const time = /^(stx_[abcm]time)_n?sec$/.exec(name);
    return time ? [[name, `${time[1]}.tv_${name.endsWith('nsec') ? 'nsec' : 'sec'}`]] : /pad|spare|mnt|dio/.test(name) ? [[name, null]] : [];
  }))],
];

/** Values of C expressions; undefined where the headers do not know a name. */
function evaluate(lines: readonly string[]): Map<string, string> {
  const directory = mkdtempSync(join(tmpdir(), 'abi-'));
  try {
    const path = join(directory, 'constants.c');
    writeFileSync(path, ['#define _GNU_SOURCE', ...HEADERS.map((header) => `#if __has_include(<${header}>)\n#include <${header}>\n#endif`), 'struct termios2 { char bytes[44]; };', 'int main(void) {', ...lines, 'return 0; }'].join('\n'));
    const output = execFileSync(compile([path], { flags: ['-O0', '-w'] }), { encoding: 'utf8' });
    return new Map(output.trim().split('\n').map((line) => line.split('=') as [string, string]));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Names that libc gives another value than the kernel. */
const LIBC_DIFFERS: ReadonlySet<string> = new Set(['O_LARGEFILE']);

/** Names that libc has as enumerators, which #ifdef does not see. */
const ENUMERATORS = /^F_OWNER_/;

describe.skipIf(!hasOracle('native', 'gcc'))('constants are those of the headers of this machine', () => {
  const names = groups.flatMap(([, group, prefix]) => Object.keys(group).map((name) => prefix + name)).filter((name) => /^\w+$/.test(name));
  const print = (name: string): string => `printf("${name}=%lld\\n", (long long)${name});`;
  const line = (name: string): string => (ENUMERATORS.test(name) ? print(name) : `#ifdef ${name}\n${print(name)}\n#endif`);
  const values = evaluate(names.map(line));
  it.each(groups.map((group) => [group[0], group] as const))('%s', (_, [, group, prefix]) => {
    const differing: string[] = [];
    let known = 0;
    for (const [name, value] of Object.entries(group)) {
      const real = values.get(prefix + name);
      if (real === undefined || LIBC_DIFFERS.has(prefix + name)) continue;
      known += 1;
      if (BigInt.asUintN(32, BigInt(real)) !== BigInt.asUintN(32, BigInt(value))) differing.push(`${prefix}${name}: ${value} here, ${real} in the headers`);
    }
    expect(differing).toEqual([]);
    expect(known).toBeGreaterThan(0);
  });

  const offsets = evaluate(layouts.flatMap(([layout, type, renamed = {}], index) => [
    `printf("${index}=%d\\n", (int)sizeof(${type}));`,
    ...Object.keys(layout.fields).filter((field) => renamed[field] !== null).map((field) => `printf("${index}.${field}=%d\\n", (int)offsetof(${type}, ${renamed[field] ?? field}));`),
  ]));
  it.each(layouts.map((entry, index) => [entry[1], entry[0], index] as const))('%s', (_, layout, index) => {
    expect(layout.size).toBe(Number(offsets.get(String(index))));
    for (const [field, { offset }] of Object.entries(layout.fields)) {
      const real = offsets.get(`${index}.${field}`);
      if (real !== undefined) expect([field, offset]).toEqual([field, Number(real)]);
    }
  });
});
