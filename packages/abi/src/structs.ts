import { struct } from './layout.ts';

/** struct timespec, timeval: seconds, then nano- or microseconds. */
export const TIMESPEC = struct('timespec', { tv_sec: 'i64', tv_nsec: 'i64' });
export const TIMEVAL = struct('timeval', { tv_sec: 'i64', tv_usec: 'i64' });
export const ITIMERVAL = struct('itimerval', { interval_sec: 'i64', interval_usec: 'i64', value_sec: 'i64', value_usec: 'i64' });
export const ITIMERSPEC = struct('itimerspec', { interval_sec: 'i64', interval_nsec: 'i64', value_sec: 'i64', value_nsec: 'i64' });
export const TMS = struct('tms', { tms_utime: 'i64', tms_stime: 'i64', tms_cutime: 'i64', tms_cstime: 'i64' });

/** struct stat of x86-64 (asm/stat.h). */
export const STAT = struct('stat', {
  st_dev: 'u64', st_ino: 'u64', st_nlink: 'u64', st_mode: 'u32', st_uid: 'u32', st_gid: 'u32', pad0: 'u32', st_rdev: 'u64', st_size: 'i64',
  st_blksize: 'i64', st_blocks: 'i64', st_atime: 'u64', st_atime_nsec: 'u64', st_mtime: 'u64', st_mtime_nsec: 'u64', st_ctime: 'u64',
  st_ctime_nsec: 'u64', unused0: 'i64', unused1: 'i64', unused2: 'i64',
});
/** struct statx (linux/stat.h). */
export const STATX_STRUCT = struct('statx', {
  stx_mask: 'u32', stx_blksize: 'u32', stx_attributes: 'u64', stx_nlink: 'u32', stx_uid: 'u32', stx_gid: 'u32', stx_mode: 'u16', pad1: 'u16',
  stx_ino: 'u64', stx_size: 'u64', stx_blocks: 'u64', stx_attributes_mask: 'u64',
  stx_atime_sec: 'i64', stx_atime_nsec: 'u32', pad2: 'u32', stx_btime_sec: 'i64', stx_btime_nsec: 'u32', pad3: 'u32',
  stx_ctime_sec: 'i64', stx_ctime_nsec: 'u32', pad4: 'u32', stx_mtime_sec: 'i64', stx_mtime_nsec: 'u32', pad5: 'u32',
  stx_rdev_major: 'u32', stx_rdev_minor: 'u32', stx_dev_major: 'u32', stx_dev_minor: 'u32', stx_mnt_id: 'u64', stx_dio_mem_align: 'u32',
  stx_dio_offset_align: 'u32', spare: 'bytes96',
});
/** struct statfs (asm-generic/statfs.h). */
export const STATFS = struct('statfs', {
  f_type: 'i64', f_bsize: 'i64', f_blocks: 'u64', f_bfree: 'u64', f_bavail: 'u64', f_files: 'u64', f_ffree: 'u64', f_fsid: 'u64',
  f_namelen: 'i64', f_frsize: 'i64', f_flags: 'i64', spare: 'bytes32',
});
/** Head of struct linux_dirent64; the name follows. */
export const DIRENT64 = struct('linux_dirent64', { d_ino: 'u64', d_off: 'i64', d_reclen: 'u16', d_type: 'u8' });
export const FLOCK = struct('flock', { l_type: 'u16', l_whence: 'u16', l_start: 'i64', l_len: 'i64', l_pid: 'i32' });
export const POLLFD = struct('pollfd', { fd: 'i32', events: 'u16', revents: 'u16' });
export const IOVEC = struct('iovec', { iov_base: 'u64', iov_len: 'u64' });
export const OPEN_HOW = struct('open_how', { flags: 'u64', mode: 'u64', resolve: 'u64' });
export const WINSIZE = struct('winsize', { ws_row: 'u16', ws_col: 'u16', ws_xpixel: 'u16', ws_ypixel: 'u16' });
/** The kernel's struct termios (asm-generic/termbits.h): shorter than libc's. */
export const TERMIOS_STRUCT = struct('termios', { c_iflag: 'u32', c_oflag: 'u32', c_cflag: 'u32', c_lflag: 'u32', c_line: 'u8', c_cc: 'bytes19' });

export const RLIMIT_STRUCT = struct('rlimit', { rlim_cur: 'u64', rlim_max: 'u64' });
export const RUSAGE_STRUCT = struct('rusage', {
  ru_utime_sec: 'i64', ru_utime_usec: 'i64', ru_stime_sec: 'i64', ru_stime_usec: 'i64', ru_maxrss: 'i64', ru_ixrss: 'i64', ru_idrss: 'i64',
  ru_isrss: 'i64', ru_minflt: 'i64', ru_majflt: 'i64', ru_nswap: 'i64', ru_inblock: 'i64', ru_oublock: 'i64', ru_msgsnd: 'i64',
  ru_msgrcv: 'i64', ru_nsignals: 'i64', ru_nvcsw: 'i64', ru_nivcsw: 'i64',
});
export const SYSINFO = struct('sysinfo', {
  uptime: 'i64', load0: 'u64', load1: 'u64', load2: 'u64', totalram: 'u64', freeram: 'u64', sharedram: 'u64', bufferram: 'u64',
  totalswap: 'u64', freeswap: 'u64', procs: 'u16', pad: 'u16', totalhigh: 'u64', freehigh: 'u64', mem_unit: 'u32',
});
export const UTSNAME = struct('utsname', {
  sysname: 'bytes65', nodename: 'bytes65', release: 'bytes65', version: 'bytes65', machine: 'bytes65', domainname: 'bytes65',
});

/** struct kernel_sigaction as rt_sigaction(2) takes it on x86-64. */
export const SIGACTION = struct('sigaction', { handler: 'u64', flags: 'u64', restorer: 'u64', mask: 'u64' });
export const STACK_T = struct('stack_t', { ss_sp: 'u64', ss_flags: 'i32', ss_size: 'u64' });
/** struct sigevent, with the thread of SIGEV_THREAD_ID. */
export const SIGEVENT = struct('sigevent', { sigev_value: 'u64', sigev_signo: 'i32', sigev_notify: 'i32', sigev_notify_thread_id: 'i32', spare: 'bytes44' });
export const SIGINFO_SIZE = 128;
/** struct signalfd_siginfo (linux/signalfd.h). */
export const SIGNALFD_SIGINFO = struct('signalfd_siginfo', {
  ssi_signo: 'u32', ssi_errno: 'i32', ssi_code: 'i32', ssi_pid: 'u32', ssi_uid: 'u32', ssi_fd: 'i32', ssi_tid: 'u32', ssi_band: 'u32',
  ssi_overrun: 'u32', ssi_trapno: 'u32', ssi_status: 'i32', ssi_int: 'i32', ssi_ptr: 'u64', ssi_utime: 'u64', ssi_stime: 'u64', ssi_addr: 'u64',
  ssi_addr_lsb: 'u16', spare: 'bytes46',
});
/** struct sigcontext_64 (asm/sigcontext.h). */
export const SIGCONTEXT = struct('sigcontext', {
  r8: 'u64', r9: 'u64', r10: 'u64', r11: 'u64', r12: 'u64', r13: 'u64', r14: 'u64', r15: 'u64', rdi: 'u64', rsi: 'u64', rbp: 'u64', rbx: 'u64',
  rdx: 'u64', rax: 'u64', rcx: 'u64', rsp: 'u64', rip: 'u64', eflags: 'u64', cs: 'u16', gs: 'u16', fs: 'u16', ss: 'u16',
  err: 'u64', trapno: 'u64', oldmask: 'u64', cr2: 'u64', fpstate: 'u64', reserved: 'bytes64',
});
/** struct ucontext (asm-generic/ucontext.h): head, sigcontext, mask. */
export const UCONTEXT = struct('ucontext', {
  uc_flags: 'u64', uc_link: 'u64', ss_sp: 'u64', ss_flags: 'u32', pad: 'u32', ss_size: 'u64', uc_mcontext: 'bytes256', uc_sigmask: 'u64',
});
export const SCHED_PARAM = struct('sched_param', { sched_priority: 'i32' });
/** struct sched_attr (linux/sched/types.h); the first version ends in front of sched_util_min. */
export const SCHED_ATTR = struct('sched_attr', {
  size: 'u32', sched_policy: 'u32', sched_flags: 'u64', sched_nice: 'i32', sched_priority: 'u32', sched_runtime: 'u64', sched_deadline: 'u64',
  sched_period: 'u64', sched_util_min: 'u32', sched_util_max: 'u32',
});
/** struct clone_args (linux/sched.h) as of Linux 5.7; the first version ends in front of set_tid, the second in front of cgroup. */
export const CLONE_ARGS = struct('clone_args', {
  flags: 'u64', pidfd: 'u64', child_tid: 'u64', parent_tid: 'u64', exit_signal: 'u64', stack: 'u64', stack_size: 'u64', tls: 'u64', set_tid: 'u64',
  set_tid_size: 'u64', cgroup: 'u64',
});
