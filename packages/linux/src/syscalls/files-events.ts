import { CLOCK, E, EFD, ITIMERSPEC, SFD, TFD } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { UNBLOCKABLE } from '../signal/actions.ts';
import { packItimerspec, parseItimerspec } from '../time/expiry.ts';
import { fileAt, worldOf } from '../fs/access.ts';
import { openAnonymous } from '../fs/anonymous.ts';
import { EventFile } from '../fs/eventfd.ts';
import { SignalFile } from '../fs/signalfd.ts';
import { TimerFile } from '../fs/timerfd.ts';
import { full, partial } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

function eventfd(task: Task, initial: number, flags: number): number {
  if ((flags & ~(EFD.SEMAPHORE | EFD.CLOEXEC | EFD.NONBLOCK)) !== 0) return -E.EINVAL;
  const id = worldOf(task).nextEventId();
  return openAnonymous(task, '[eventfd]', new EventFile(id, initial, (flags & EFD.SEMAPHORE) !== 0), flags);
}

function signalfd(task: Task, args: SyscallArgs, flags: number): number {
  if (args.size(2) !== 8) return -E.EINVAL;
  const asked = task.user.readU64(args.ptr(1));
  if (asked === null) return -E.EFAULT;
  if ((flags & ~(SFD.CLOEXEC | SFD.NONBLOCK)) !== 0) return -E.EINVAL;
  const mask = asked & ~UNBLOCKABLE;
  const fd = args.i32(0);
  if (fd === -1) return openAnonymous(task, '[signalfd]', new SignalFile(task.kernel, mask), flags);
  const file = fileAt(task, fd);
  if (typeof file === 'number') return file;
  if (!(file.operations instanceof SignalFile)) return -E.EINVAL;
  file.operations.mask = mask;
  return fd;
}

const ALARMS: ReadonlySet<number> = new Set([CLOCK.REALTIME_ALARM, CLOCK.BOOTTIME_ALARM]);
const TIMER_CLOCKS: ReadonlySet<number> = new Set([CLOCK.REALTIME, CLOCK.MONOTONIC, CLOCK.BOOTTIME, ...ALARMS]);

function timerfdCreate(task: Task, args: SyscallArgs): number {
  const [clock, flags] = [args.i32(0), args.u32(1)];
  if ((flags & ~(TFD.CLOEXEC | TFD.NONBLOCK)) !== 0 || !TIMER_CLOCKS.has(clock)) return -E.EINVAL;
  // What wakes a machine that is suspended takes CAP_WAKE_ALARM.
  if (ALARMS.has(clock) && task.process.credentials.euid !== 0) return -E.EPERM;
  return openAnonymous(task, '[timerfd]', new TimerFile(task.kernel, clock), flags);
}

/** The timer behind a descriptor; −EBADF, −EINVAL. */
function timerAt(task: Task, fd: number): TimerFile | number {
  const file = fileAt(task, fd);
  if (typeof file === 'number') return file;
  return file.operations instanceof TimerFile ? file.operations : -E.EINVAL;
}

function timerfdSettime(task: Task, args: SyscallArgs): number {
  const flags = args.u32(1);
  const view = task.user.view(args.ptr(2), ITIMERSPEC.size);
  if (view === null) return -E.EFAULT;
  const setting = parseItimerspec(view);
  if ((flags & ~(TFD.TIMER_ABSTIME | TFD.TIMER_CANCEL_ON_SET)) !== 0 || setting === null) return -E.EINVAL;
  const timer = timerAt(task, args.i32(0));
  if (typeof timer === 'number') return timer;
  const old = timer.set(setting, flags);
  return args.isNull(3) || task.user.write(args.ptr(3), packItimerspec(old)) ? 0 : -E.EFAULT;
}

function timerfdGettime(task: Task, args: SyscallArgs): number {
  const timer = timerAt(task, args.i32(0));
  if (typeof timer === 'number') return timer;
  return task.user.write(args.ptr(1), packItimerspec(timer.get())) ? 0 : -E.EFAULT;
}

export const eventSyscalls: readonly SyscallEntry[] = [
  full('eventfd', 'uint', (task, args) => eventfd(task, args.u32(0), 0)),
  full('eventfd2', 'uint hex', (task, args) => eventfd(task, args.u32(0), args.u32(1))),
  full('signalfd', 'int sigset size', (task, args) => signalfd(task, args, 0)),
  full('signalfd4', 'int sigset size hex', (task, args) => signalfd(task, args, args.u32(3))),
  full('timerfd_create', 'clock hex', timerfdCreate),
  partial('timerfd_settime', 'fd hex ptr ptr', 'nobody sets the clock: TFD_TIMER_CANCEL_ON_SET never cancels', timerfdSettime),
  full('timerfd_gettime', 'fd ptr', timerfdGettime),
];
