import { E, POLL, POLLFD, RESTART, RLIMIT } from '@tally86/abi';
import { softLimit } from '../kernel/limits.ts';
import type { Task } from '../kernel/types.ts';
import type { SyscallResult, Wait, WaitQueue } from '../sched/wait.ts';
import { readTimespec, readTimeval, writeTimespec, writeTimeval } from '../time/convert.ts';
import { anyFileAt, fileAt } from '../fs/access.ts';
import { hostTells, type OpenFile } from '../fs/open-file.ts';
import { hasSignal } from '../signal/send.ts';
import { type RestoreMask, swapMask } from '../signal/temporary-mask.ts';
import { full } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

/** One descriptor that is watched. */
interface Watch {
  readonly fd: number;
  readonly events: number;
  /** null: not open, or opened with O_PATH: tells POLLNVAL. */
  readonly file: OpenFile | null;
}

const ALWAYS = POLL.ERR | POLL.HUP;

/** What is true of a descriptor now, of what was asked. */
function readiness({ file, events }: Watch): number {
  return file === null ? POLL.NVAL : file.operations.poll(file) & (events | ALWAYS);
}

function watch(task: Task, fd: number, events: number): Watch {
  const file = fileAt(task, fd);
  return { fd, events, file: typeof file === 'number' ? null : file };
}

interface Watching {
  readonly what: string;
  readonly watches: readonly Watch[];
  /** Monotonic nanoseconds; −Infinity: only look. */
  readonly deadline: number;
  /** Tells the guest; the result of the call. */
  tell(ready: readonly number[], count: number): number;
  /** After the call, however it ends: puts signal masks back, stores the time that is left. */
  done?(interrupted: boolean): void;
  /** What a signal makes of the call. Default: −ERESTARTNOHAND. */
  interrupt?(): number;
}

/** poll and select alike: looks at all descriptors, and sleeps until one is ready. */
function watchAll(task: Task, call: Watching): SyscallResult {
  const look = (last: boolean): number | null => {
    const ready = call.watches.map(readiness);
    const count = ready.reduce((sum, mask) => sum + (mask === 0 ? 0 : 1), 0);
    return count > 0 || last ? call.tell(ready, count) : null;
  };
  const finish = (result: number, interrupted = false): number => {
    call.done?.(interrupted);
    return result;
  };
  const interrupted = (): number => finish(call.interrupt?.() ?? -RESTART.ERESTARTNOHAND, true);
  const first = look(false);
  if (first !== null) return finish(first);
  // Even a call that does not sleep looks for signals when nothing is ready.
  if (call.deadline === -Infinity) return hasSignal(task) ? interrupted() : finish(look(true) ?? 0);
  const open = call.watches.filter((each) => each.file !== null).map((each) => each.file!);
  const queues: WaitQueue[] = [...new Set(open.flatMap((file) => file.operations.queues))];
  // Only files of which the host can tell what is asked keep the machine waiting for it.
  const hosts = call.watches.filter(({ file, events }) => file !== null && hostTells(file, events));
  const sleep = (): Wait => ({
    kind: 'wait',
    what: call.what,
    queues,
    deadline: call.deadline,
    ...(hosts.length === 0 ? {} : { host: Promise.race(hosts.map(({ file }) => file!.operations.hostWait!())) }),
    wake() {
      const result = look(false);
      return result === null ? sleep() : finish(result);
    },
    timeout: () => finish(look(true) ?? 0),
    interrupt: interrupted,
  });
  return sleep();
}

/** Descriptors of poll(2), with what was read of them; −EFAULT, −EINVAL. */
function readPollFds(task: Task, address: number, count: number): readonly Watch[] | number {
  if (count > softLimit(task.process.limits, RLIMIT.NOFILE)) return -E.EINVAL;
  const bytes = new Uint8Array(count * POLLFD.size);
  if (count > 0 && !task.user.read(address, bytes)) return -E.EFAULT;
  const view = new DataView(bytes.buffer);
  return Array.from({ length: count }, (_, index) => {
    const fd = view.getInt32(index * POLLFD.size, true);
    const events = view.getUint16(index * POLLFD.size + 4, true);
    return watch(task, fd, events);
  });
}

function pollDescriptors(task: Task, args: SyscallArgs, deadline: number, { done, interrupt }: Pick<Watching, 'done' | 'interrupt'>): SyscallResult {
  const watches = readPollFds(task, args.ptr(0), args.u32(1));
  if (typeof watches === 'number') {
    done?.(false);
    return watches;
  }
  // A negative descriptor is left out.
  const shown = watches.map((each) => (each.fd < 0 ? { ...each, file: SILENT } : each));
  return watchAll(task, {
    what: `poll of ${watches.length} descriptors`,
    watches: shown,
    deadline,
    tell(ready, count) {
      for (const [index, mask] of ready.entries()) {
        if (!task.user.writeU16(args.ptr(0) + index * POLLFD.size + 6, mask)) return -E.EFAULT;
      }
      return count;
    },
    ...(done === undefined ? {} : { done }),
    ...(interrupt === undefined ? {} : { interrupt }),
  });
}

/** Never ready. */
const SILENT = { readable: false, operations: { poll: () => 0, queues: [] } } as unknown as OpenFile;

function poll(task: Task, args: SyscallArgs): SyscallResult {
  const timeout = args.i32(2);
  const now = task.kernel.clock.monotonic();
  return pollUntil(task, args, timeout === 0 ? -Infinity : timeout < 0 ? Infinity : now + timeout * 1e6);
}

/** A signal without a handler leaves the deadline where it was (do_restart_poll). */
function pollUntil(task: Task, args: SyscallArgs, deadline: number): SyscallResult {
  return pollDescriptors(task, args, deadline, {
    interrupt() {
      task.restart = () => pollUntil(task, args, deadline);
      return -RESTART.ERESTART_RESTARTBLOCK;
    },
  });
}

/** A relative time-out as a deadline; −EFAULT, −EINVAL as negative numbers, but −Infinity: do not sleep. */
function deadlineOf(task: Task, duration: number | null): { deadline: number } | number {
  if (duration === null) return -E.EFAULT;
  if (duration < 0) return -E.EINVAL;
  return { deadline: duration === 0 ? -Infinity : task.kernel.clock.monotonic() + duration };
}

/** Stores the time that is left, as the kernel does for ppoll and select unless the personality says otherwise. */
function storeLeft(task: Task, deadline: number, write: (left: number) => boolean): void {
  if (deadline === Infinity) return;
  // A fault here is not told (fs/select.c, poll_select_finish).
  write(Math.max(0, deadline === -Infinity ? 0 : deadline - task.kernel.clock.monotonic()));
}

function ppoll(task: Task, args: SyscallArgs): SyscallResult {
  let deadline = Infinity;
  if (!args.isNull(2)) {
    const found = deadlineOf(task, readTimespec(task.user, args.ptr(2)));
    if (typeof found === 'number') return found;
    ({ deadline } = found);
  }
  const restore = args.isNull(3) ? null : swapMask(task, args.ptr(3), args.size(4));
  if (typeof restore === 'number') return restore;
  return pollDescriptors(task, args, deadline, {
    done(interrupted) {
      restore?.(interrupted);
      if (!args.isNull(2)) storeLeft(task, deadline, (left) => writeTimespec(task.user, args.ptr(2), left));
    },
  });
}

/** The three sets of select(2), and what makes a descriptor a member of each (fs/select.c). */
const SETS = [
  { argument: 1, ready: POLL.RDNORM | POLL.RDBAND | POLL.IN | POLL.HUP | POLL.ERR | POLL.NVAL, asks: POLL.RDNORM | POLL.RDBAND | POLL.IN },
  { argument: 2, ready: POLL.WRBAND | POLL.WRNORM | POLL.OUT | POLL.ERR | POLL.NVAL, asks: POLL.WRBAND | POLL.WRNORM | POLL.OUT },
  { argument: 3, ready: POLL.PRI | POLL.NVAL, asks: POLL.PRI },
] as const;

function selectDescriptors(task: Task, args: SyscallArgs, deadline: number, done: (interrupted: boolean) => void): SyscallResult {
  const refuse = (error: number): number => {
    done(false);
    return error;
  };
  const count = args.i32(0);
  if (count < 0) return refuse(-E.EINVAL);
  // More than could be open are not looked at.
  const limit = Math.min(count, Math.max(64, softLimit(task.process.limits, RLIMIT.NOFILE)));
  const bytes = Math.ceil(limit / 64) * 8;
  const sets = SETS.map(({ argument }) => (args.isNull(argument) ? null : new Uint8Array(bytes)));
  for (const [index, set] of sets.entries()) if (set !== null && !task.user.read(args.ptr(SETS[index]!.argument), set)) return refuse(-E.EFAULT);
  const isIn = (set: Uint8Array | null | undefined, fd: number): boolean => set !== null && set !== undefined && ((set[fd >> 3]! >> (fd & 7)) & 1) === 1;
  const watches: Watch[] = [];
  for (let fd = 0; fd < limit; fd += 1) {
    let events = 0;
    SETS.forEach(({ asks }, index) => (events |= isIn(sets[index], fd) ? asks : 0));
    if (events === 0) continue;
    const found = watch(task, fd, events);
    if (typeof anyFileAt(task, fd) === 'number') return refuse(-E.EBADF);
    watches.push(found);
  }
  return watchAll(task, {
    what: `select of ${watches.length} descriptors`,
    watches,
    deadline,
    done,
    tell(ready) {
      let total = 0;
      for (const [index, set] of sets.entries()) {
        if (set === null) continue;
        const result = new Uint8Array(bytes);
        watches.forEach(({ fd }, at) => {
          if (!isIn(set, fd) || (ready[at]! & SETS[index]!.ready) === 0) return;
          result[fd >> 3]! |= 1 << (fd & 7);
          total += 1;
        });
        if (!task.user.write(args.ptr(SETS[index]!.argument), result)) return -E.EFAULT;
      }
      return total;
    },
  });
}

function select(task: Task, args: SyscallArgs): SyscallResult {
  let deadline = Infinity;
  if (!args.isNull(4)) {
    const found = deadlineOf(task, readTimeval(task.user, args.ptr(4)));
    if (typeof found === 'number') return found;
    ({ deadline } = found);
  }
  return selectDescriptors(task, args, deadline, () => {
    if (!args.isNull(4)) storeLeft(task, deadline, (left) => writeTimeval(task.user, args.ptr(4), left));
  });
}

function pselect6(task: Task, args: SyscallArgs): SyscallResult {
  let deadline = Infinity;
  if (!args.isNull(4)) {
    const found = deadlineOf(task, readTimespec(task.user, args.ptr(4)));
    if (typeof found === 'number') return found;
    ({ deadline } = found);
  }
  let restore: RestoreMask | null = null;
  if (!args.isNull(5)) {
    // A pointer to a mask and its size.
    const [address, size] = [task.user.readPtr(args.ptr(5)), task.user.readSize(args.ptr(5) + 8)];
    if (address === null || size === null) return -E.EFAULT;
    if (address !== 0) {
      const swapped = swapMask(task, address, size);
      if (typeof swapped === 'number') return swapped;
      restore = swapped;
    }
  }
  return selectDescriptors(task, args, deadline, (interrupted) => {
    restore?.(interrupted);
    if (!args.isNull(4)) storeLeft(task, deadline, (left) => writeTimespec(task.user, args.ptr(4), left));
  });
}

export const pollSyscalls: readonly SyscallEntry[] = [
  full('poll', 'ptr uint int', poll),
  full('ppoll', 'ptr uint timespec sigset size', ppoll),
  full('select', 'int ptr ptr ptr ptr', select),
  full('pselect6', 'int ptr ptr ptr timespec ptr', pselect6),
];
