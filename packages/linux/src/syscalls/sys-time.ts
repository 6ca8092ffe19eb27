import { CLOCK, E, ITIMER, ITIMERVAL, packStruct, RESTART, TIMER_ABSTIME, TMS, USER_HZ } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import type { SyscallResult, Wait } from '../sched/wait.ts';
import { readTimespec, readTimeval, writeTimespec, writeTimeval } from '../time/convert.ts';
import { processCpuTime } from '../time/interval-timers.ts';
import { fixed, full } from './define.ts';
import type { SyscallEntry, SyscallHandler } from './types.ts';

const TAI_OFFSET_NS = 0n;

/** A clock's time in nanoseconds; null: there is no such clock. */
export function readClock(task: Task, clock: number): number | bigint | null {
  const { kernel } = task;
  switch (clock) {
    case CLOCK.REALTIME:
    case CLOCK.REALTIME_COARSE:
    case CLOCK.REALTIME_ALARM:
      return kernel.clock.realtime();
    case CLOCK.TAI:
      return kernel.clock.realtime() + TAI_OFFSET_NS;
    case CLOCK.MONOTONIC:
    case CLOCK.MONOTONIC_RAW:
    case CLOCK.MONOTONIC_COARSE:
    case CLOCK.BOOTTIME:
    case CLOCK.BOOTTIME_ALARM:
      return kernel.clock.monotonic();
    case CLOCK.PROCESS_CPUTIME_ID:
      return processCpuTime(task.process);
    case CLOCK.THREAD_CPUTIME_ID:
      return kernel.cpuTime(task);
    default:
      return clock < 0 ? readCpuClock(task, clock) : null;
  }
}

/** clock_getcpuclockid: the process or thread is in the upper bits, complemented. */
function readCpuClock(task: Task, clock: number): number | null {
  const id = ~(clock >> 3);
  const perThread = (clock & 4) !== 0;
  if ((clock & 3) === 3) return null;
  if (perThread) {
    const thread = id === 0 ? task : task.process.tasks.find(({ tid }) => tid === id);
    return thread === undefined ? null : task.kernel.cpuTime(thread);
  }
  const process = id === 0 ? task.process : task.kernel.processes.get(id);
  return process === undefined ? null : processCpuTime(process);
}

const clockGettime: SyscallHandler = (task, args) => {
  const time = readClock(task, args.i32(0));
  if (time === null) return -E.EINVAL;
  return writeTimespec(task.user, args.ptr(1), time) ? 0 : -E.EFAULT;
};

/** The coarse clocks tick 250 times a second on Debian. */
const COARSE_NS = 4_000_000;
const clockGetres: SyscallHandler = (task, args) => {
  const clock = args.i32(0);
  if (readClock(task, clock) === null) return -E.EINVAL;
  const resolution = clock === CLOCK.REALTIME_COARSE || clock === CLOCK.MONOTONIC_COARSE ? COARSE_NS : 1;
  return args.isNull(1) || writeTimespec(task.user, args.ptr(1), resolution) ? 0 : -E.EFAULT;
};

/** Sleeps until `deadline`; interrupted, the rest goes to `remaining` and restart_syscall goes on (hrtimer_nanosleep). */
function sleepUntil(task: Task, deadline: number, remaining: number): SyscallResult {
  const { clock } = task.kernel;
  if (deadline <= clock.monotonic()) return 0;
  const wait: Wait = {
    kind: 'wait', what: 'time to pass', queues: [], deadline,
    wake: () => wait,
    interrupt() {
      if (remaining !== 0 && !writeTimespec(task.user, remaining, Math.max(0, deadline - clock.monotonic()))) return -E.EFAULT;
      task.restart = () => sleepUntil(task, deadline, remaining);
      return -RESTART.ERESTART_RESTARTBLOCK;
    },
  };
  return wait;
}

const nanosleep: SyscallHandler = (task, args) => {
  const time = readTimespec(task.user, args.ptr(0));
  if (time === null) return -E.EFAULT;
  if (time < 0) return -E.EINVAL;
  return sleepUntil(task, task.kernel.clock.monotonic() + time, args.isNull(1) ? 0 : args.ptr(1));
};

const SLEEP_CLOCKS: ReadonlySet<number> = new Set([CLOCK.REALTIME, CLOCK.MONOTONIC, CLOCK.BOOTTIME, CLOCK.TAI, CLOCK.PROCESS_CPUTIME_ID]);
const clockNanosleep: SyscallHandler = (task, args) => {
  const clock = args.i32(0);
  const now = readClock(task, clock);
  if (now === null) return -E.EINVAL;
  if (!SLEEP_CLOCKS.has(clock)) return -E.EOPNOTSUPP;
  const view = task.user.view(args.ptr(2), 16);
  if (view === null) return -E.EFAULT;
  const seconds = view.getBigInt64(0, true);
  const nanoseconds = view.getBigInt64(8, true);
  if (seconds < 0n || nanoseconds < 0n || nanoseconds >= 1_000_000_000n) return -E.EINVAL;
  const wanted = seconds * 1_000_000_000n + nanoseconds;
  const absolute = (args.i32(1) & TIMER_ABSTIME) !== 0;
  const distance = absolute ? wanted - (typeof now === 'bigint' ? now : BigInt(Math.floor(now))) : wanted;
  const monotonic = task.kernel.clock.monotonic();
  const deadline = distance > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : monotonic + Number(distance);
  if (!absolute) return sleepUntil(task, deadline, args.isNull(3) ? 0 : args.ptr(3));
  if (deadline <= monotonic) return 0;
  const wait: Wait = { kind: 'wait', what: 'time to pass', queues: [], deadline, wake: () => wait, interrupt: () => -RESTART.ERESTARTNOHAND };
  return wait;
};

const gettimeofday: SyscallHandler = (task, args) => {
  if (!args.isNull(0) && !writeTimeval(task.user, args.ptr(0), task.kernel.clock.realtime())) return -E.EFAULT;
  return args.isNull(1) || task.user.writeU64(args.ptr(1), 0) ? 0 : -E.EFAULT;
};

const time: SyscallHandler = (task, args) => {
  const seconds = Number(task.kernel.clock.realtime() / 1_000_000_000n);
  return args.isNull(0) || task.user.writeU64(args.ptr(0), seconds) ? seconds : -E.EFAULT;
};

const times: SyscallHandler = (task, args) => {
  const perTick = 1e9 / USER_HZ;
  if (!args.isNull(0)) {
    const bytes = packStruct(TMS, { tms_utime: Math.floor(processCpuTime(task.process) / perTick), tms_cutime: Math.floor(task.process.childrenTime / perTick) });
    if (!task.user.write(args.ptr(0), bytes)) return -E.EFAULT;
  }
  return Math.floor(task.kernel.clock.monotonic() / perTick);
};

interface Armed {
  readonly value: number;
  readonly interval: number;
}

/** What is left of an interval timer, and its period, in nanoseconds. */
function readTimer(task: Task, which: number): Armed {
  const { real, virtual, profile } = task.process.intervalTimers;
  const left = (deadline: number, now: number): number => (deadline === Infinity ? 0 : Math.max(1000, deadline - now));
  if (which === ITIMER.REAL) return { value: left(real.deadline, task.kernel.clock.monotonic()), interval: real.interval };
  const timer = which === ITIMER.VIRTUAL ? virtual : profile;
  return { value: left(timer.deadline, processCpuTime(task.process)), interval: timer.interval };
}

function setTimer(task: Task, which: number, { value, interval }: Armed): void {
  const { kernel, process } = task;
  const { real, virtual, profile } = process.intervalTimers;
  if (which === ITIMER.REAL) {
    real.set(value === 0 ? Infinity : kernel.clock.monotonic() + value, interval);
    return;
  }
  const timer = which === ITIMER.VIRTUAL ? virtual : profile;
  timer.deadline = value === 0 ? Infinity : processCpuTime(process) + value;
  timer.interval = interval;
}

const isTimer = (which: number): boolean => which === ITIMER.REAL || which === ITIMER.VIRTUAL || which === ITIMER.PROF;
const seconds = (ns: number): number => Math.floor(ns / 1e9);
const micros = (ns: number): number => Math.floor((ns % 1e9) / 1000);

function writeTimer(task: Task, address: number, { value, interval }: Armed): boolean {
  return task.user.write(address, packStruct(ITIMERVAL, {
    interval_sec: seconds(interval), interval_usec: micros(interval), value_sec: seconds(value), value_usec: micros(value),
  }));
}

const getitimer: SyscallHandler = (task, args) => {
  if (!isTimer(args.i32(0))) return -E.EINVAL;
  return writeTimer(task, args.ptr(1), readTimer(task, args.i32(0))) ? 0 : -E.EFAULT;
};

const setitimer: SyscallHandler = (task, args) => {
  const which = args.i32(0);
  let next: Armed = { value: 0, interval: 0 };
  if (!args.isNull(1)) {
    const interval = readTimeval(task.user, args.ptr(1));
    const value = readTimeval(task.user, args.ptr(1) + 16);
    if (interval === null || value === null) return -E.EFAULT;
    if (interval < 0 || value < 0) return -E.EINVAL;
    next = { value, interval };
  }
  if (!isTimer(which)) return -E.EINVAL;
  const old = readTimer(task, which);
  setTimer(task, which, next);
  return args.isNull(2) || writeTimer(task, args.ptr(2), old) ? 0 : -E.EFAULT;
};

/** alarm(2): the rest of the old one in seconds, rounded, never 0 for an armed one. */
const alarm: SyscallHandler = (task, args) => {
  const { value } = readTimer(task, ITIMER.REAL);
  setTimer(task, ITIMER.REAL, { value: args.u32(0) * 1e9, interval: 0 });
  if (value === 0) return 0;
  return Math.max(1, Math.round(value / 1e9));
};

/** kernel/time. */
export const timeSyscalls: readonly SyscallEntry[] = [
  full('clock_gettime', 'clock timespec@out', clockGettime),
  full('clock_getres', 'clock timespec@out', clockGetres),
  full('clock_nanosleep', 'clock int timespec ptr', clockNanosleep),
  full('nanosleep', 'timespec ptr', nanosleep),
  full('gettimeofday', 'timespec@out ptr', gettimeofday),
  full('time', 'ptr', time),
  full('times', 'ptr', times),
  full('alarm', 'uint', alarm),
  full('getitimer', 'int ptr', getitimer),
  full('setitimer', 'int ptr ptr', setitimer),
  fixed('settimeofday', 'ptr ptr', 'not privileged', -E.EPERM),
  fixed('clock_settime', 'clock ptr', 'not privileged', -E.EPERM),
  fixed('adjtimex', 'ptr', 'not privileged', -E.EPERM),
  fixed('clock_adjtime', 'clock ptr', 'not privileged', -E.EPERM),
];
