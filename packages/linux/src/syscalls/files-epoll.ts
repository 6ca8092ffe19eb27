import { E, EPOLL, EPOLL_EVENT_SIZE, O } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import type { SyscallResult, Wait } from '../sched/wait.ts';
import { type RestoreMask, swapMask } from '../signal/temporary-mask.ts';
import { readTimespec } from '../time/convert.ts';
import { fileAt, worldOf } from '../fs/access.ts';
import { openAnonymous } from '../fs/anonymous.ts';
import { Epoll, type EpollRequest } from '../fs/epoll.ts';
import type { OpenFile } from '../fs/open-file.ts';
import { full } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

/** Events that fit a buffer of INT_MAX bytes (fs/eventpoll.c, EP_MAX_EVENTS). */
const MAX_EVENTS = Math.floor(0x7fff_ffff / EPOLL_EVENT_SIZE);
const NO_EVENT: EpollRequest = { events: 0, data: 0n };

function create(task: Task, flags: number): number {
  if ((flags & ~O.CLOEXEC) !== 0) return -E.EINVAL;
  return openAnonymous(task, '[eventpoll]', new Epoll(worldOf(task).epollSpace), flags);
}

/** struct epoll_event; null at a fault. */
function readEvent(task: Task, address: number): EpollRequest | null {
  const view = task.user.view(address, EPOLL_EVENT_SIZE);
  // Nothing here ever sleeps: EPOLLWAKEUP is taken off, as for a process without CAP_BLOCK_SUSPEND.
  return view === null ? null : { events: view.getInt32(0, true) & ~EPOLL.WAKEUP, data: view.getBigUint64(4, true) };
}

function control(task: Task, args: SyscallArgs): number {
  const operation = args.i32(1);
  const event = operation === EPOLL.CTL_DEL ? NO_EVENT : readEvent(task, args.ptr(3));
  if (event === null) return -E.EFAULT;
  const self = fileAt(task, args.i32(0));
  if (typeof self === 'number') return self;
  const file = fileAt(task, args.i32(2));
  if (typeof file === 'number') return file;
  if (file.operations.pollable === false) return -E.EPERM;
  if (self === file || !(self.operations instanceof Epoll)) return -E.EINVAL;
  return self.operations.control(operation, self, file, args.i32(2), event);
}

/** The instance behind a descriptor, if the buffer may be one; −errno (ep_check_params). */
function instanceAt(task: Task, args: SyscallArgs): Epoll | number {
  const file: OpenFile | number = fileAt(task, args.i32(0));
  if (typeof file === 'number') return file;
  const limit = args.i32(2);
  if (limit <= 0 || limit > MAX_EVENTS) return -E.EINVAL;
  if (!task.user.inUserSpace(args.ptr(1), limit * EPOLL_EVENT_SIZE)) return -E.EFAULT;
  return file.operations instanceof Epoll ? file.operations : -E.EINVAL;
}

/** Sleeps until something is ready or the deadline (−Infinity: only looks) has passed. A signal ends it and never starts it again. */
function waitUntil(task: Task, args: SyscallArgs, deadline: number, restore: RestoreMask | null): SyscallResult {
  const finish = (result: number, interrupted = false): number => {
    restore?.(interrupted);
    return result;
  };
  const epoll = instanceAt(task, args);
  if (typeof epoll === 'number') return finish(epoll);
  const bytes = new Uint8Array(EPOLL_EVENT_SIZE);
  const view = new DataView(bytes.buffer);
  const put = (index: number, { events, data }: EpollRequest): boolean => {
    view.setInt32(0, events, true);
    view.setBigUint64(4, data, true);
    return task.user.write(args.ptr(1) + index * EPOLL_EVENT_SIZE, bytes);
  };
  const look = (): number => epoll.collect(args.i32(2), put);
  const first = look();
  if (first !== 0 || deadline <= task.kernel.clock.monotonic()) return finish(first);
  const sleep = (): Wait => {
    const host = epoll.hostWait;
    return {
      kind: 'wait',
      what: `events of epoll instance ${args.i32(0)}`,
      queues: epoll.queues,
      deadline,
      ...(host === undefined ? {} : { host: host() }),
      wake() {
        const count = look();
        return count === 0 ? sleep() : finish(count);
      },
      timeout: () => finish(look()),
      interrupt: () => finish(-E.EINTR, true),
    };
  };
  return sleep();
}

const deadlineAfter = (task: Task, milliseconds: number): number => {
  if (milliseconds === 0) return -Infinity;
  return milliseconds < 0 ? Infinity : task.kernel.clock.monotonic() + milliseconds * 1e6;
};

/** epoll_pwait and epoll_pwait2: the mask is looked at first. */
function waitMasked(task: Task, args: SyscallArgs, deadline: number): SyscallResult {
  const restore = args.isNull(4) ? null : swapMask(task, args.ptr(4), args.size(5));
  return typeof restore === 'number' ? restore : waitUntil(task, args, deadline, restore);
}

function pwait2(task: Task, args: SyscallArgs): SyscallResult {
  if (args.isNull(3)) return waitMasked(task, args, Infinity);
  const time = readTimespec(task.user, args.ptr(3));
  if (time === null) return -E.EFAULT;
  if (time < 0) return -E.EINVAL;
  return waitMasked(task, args, time === 0 ? -Infinity : task.kernel.clock.monotonic() + time);
}

export const epollSyscalls: readonly SyscallEntry[] = [
  full('epoll_create', 'int', (task, args) => (args.i32(0) <= 0 ? -E.EINVAL : create(task, 0))),
  full('epoll_create1', 'hex', (task, args) => create(task, args.u32(0))),
  full('epoll_ctl', 'fd int fd ptr', control),
  full('epoll_wait', 'fd ptr int int', (task, args) => waitUntil(task, args, deadlineAfter(task, args.i32(3)), null)),
  full('epoll_pwait', 'fd ptr int int sigset size', (task, args) => waitMasked(task, args, deadlineAfter(task, args.i32(3)))),
  full('epoll_pwait2', 'fd ptr int timespec sigset size', pwait2),
];
