import { CLOCK, E, ITIMERSPEC, NSIG, RLIMIT, SIG, SIGEV, SIGEVENT, TIMER_ABSTIME } from '@tally86/abi';
import { softLimit } from '../kernel/limits.ts';
import type { Task } from '../kernel/types.ts';
import { packItimerspec, parseItimerspec } from '../time/expiry.ts';
import { type CpuClock, PosixTimer, type TimerNotice } from '../time/posix-timers.ts';
import { full } from './define.ts';
import { readClock } from './sys-time.ts';
import type { SyscallEntry, SyscallHandler } from './types.ts';

const WITH_TIMERS: ReadonlySet<number> = new Set([CLOCK.REALTIME, CLOCK.MONOTONIC, CLOCK.BOOTTIME, CLOCK.TAI]);
/** Timers at most, whatever RLIMIT_SIGPENDING says: what a hostile guest can make the host keep. */
const MAX_TIMERS = 65_536;

/** The process or thread whose time the clock counts; null: it counts another time; −EINVAL, −EOPNOTSUPP: there are no timers on it. */
function cpuClockOf(task: Task, clock: number): CpuClock | null | number {
  const { process, kernel } = task;
  if (clock === CLOCK.PROCESS_CPUTIME_ID) return { process, task: null };
  if (clock === CLOCK.THREAD_CPUTIME_ID) return { process, task };
  if (clock >= 0) {
    if (WITH_TIMERS.has(clock)) return null;
    return readClock(task, clock) === null ? -E.EINVAL : -E.EOPNOTSUPP;
  }
  if (readClock(task, clock) === null) return -E.EINVAL;
  const id = ~(clock >> 3);
  if ((clock & 4) !== 0) return { process, task: id === 0 ? task : (process.tasks.find(({ tid }) => tid === id) ?? task) };
  return { process: id === 0 ? process : (kernel.processes.get(id) ?? process), task: null };
}

/** What a struct sigevent asks for; −EINVAL (good_sigevent). */
function noticeOf(task: Task, event: DataView | null, id: number): TimerNotice | number {
  if (event === null) return { target: task.process, signal: SIG.ALRM, value: BigInt(id) };
  const value = event.getBigUint64(SIGEVENT.fields.sigev_value.offset, true);
  const signal = event.getInt32(SIGEVENT.fields.sigev_signo.offset, true);
  const notify = event.getInt32(SIGEVENT.fields.sigev_notify.offset, true);
  if (notify === SIGEV.NONE) return { target: null, signal, value };
  let target: TimerNotice['target'] = task.process;
  if (notify === (SIGEV.SIGNAL | SIGEV.THREAD_ID)) {
    const tid = event.getInt32(SIGEVENT.fields.sigev_notify_thread_id.offset, true);
    target = task.process.tasks.find((other) => other.tid === tid && other.state !== 'dead') ?? null;
  } else if (notify !== SIGEV.SIGNAL && notify !== SIGEV.THREAD) return -E.EINVAL;
  return target === null || signal <= 0 || signal > NSIG ? -E.EINVAL : { target, signal, value };
}

const create: SyscallHandler = (task, args) => {
  const event = args.isNull(1) ? null : task.user.view(args.ptr(1), SIGEVENT.size);
  if (event === null && !args.isNull(1)) return -E.EFAULT;
  const cpu = cpuClockOf(task, args.i32(0));
  if (typeof cpu === 'number') return cpu;
  const { posixTimers, limits } = task.process;
  if (posixTimers.size >= Math.min(MAX_TIMERS, softLimit(limits, RLIMIT.SIGPENDING))) return -E.EAGAIN;
  const id = posixTimers.takeId();
  const notice = noticeOf(task, event, id);
  if (typeof notice === 'number') return notice;
  if (!task.user.writeU32(args.ptr(2), id)) return -E.EFAULT;
  posixTimers.add(new PosixTimer(task.kernel, id, args.i32(0), cpu, notice));
  return 0;
};

const settime: SyscallHandler = (task, args) => {
  if (args.isNull(2)) return -E.EINVAL;
  const view = task.user.view(args.ptr(2), ITIMERSPEC.size);
  if (view === null) return -E.EFAULT;
  const setting = parseItimerspec(view);
  const timer = task.process.posixTimers.get(args.i32(0));
  if (setting === null || timer === undefined) return -E.EINVAL;
  const old = timer.get();
  timer.set(setting, (args.i32(1) & TIMER_ABSTIME) !== 0);
  return args.isNull(3) || task.user.write(args.ptr(3), packItimerspec(old)) ? 0 : -E.EFAULT;
};

/** A handler that needs its first argument to be a timer of the process. */
const onTimer = (handler: (task: Task, timer: PosixTimer, address: number) => number): SyscallHandler => (task, args) => {
  const timer = task.process.posixTimers.get(args.i32(0));
  return timer === undefined ? -E.EINVAL : handler(task, timer, args.ptr(1));
};

/** kernel/time/posix-timers.c, kernel/time/posix-cpu-timers.c. */
export const posixTimerSyscalls: readonly SyscallEntry[] = [
  full('timer_create', 'clock ptr ptr', create),
  full('timer_settime', 'int hex ptr ptr', settime),
  full('timer_gettime', 'int ptr', onTimer((task, timer, address) => (task.user.write(address, packItimerspec(timer.get())) ? 0 : -E.EFAULT))),
  full('timer_getoverrun', 'int', onTimer((_, timer) => timer.overrun)),
  full('timer_delete', 'int', onTimer((task, timer) => {
    task.process.posixTimers.delete(timer);
    return 0;
  })),
];
