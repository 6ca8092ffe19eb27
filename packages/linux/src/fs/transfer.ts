import { E, O, RESTART, SEEK, SIG } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import type { SyscallResult, Wait, WaitQueue } from '../sched/wait.ts';
import { sendSignal } from '../signal/send.ts';
import { worldOf } from './access.ts';
import type { Destination, OpenFile, Source } from './open-file.ts';

/**
 * Asks `attempt` until it does not answer −EAGAIN any more, asleep in between. `finished` is what a signal makes of it: a count that was
 * reached, or nothing, and then the call is started again.
 */
export function sleepUntil(task: Task, file: OpenFile, what: string, attempt: () => number, finished: () => number = () => 0): SyscallResult {
  const first = attempt();
  if (first !== -E.EAGAIN) return first;
  return sleepOn(file.operations.queues, what, attempt, finished, file.operations.hostWait, deadlineOf(task, file, false));
}

/** When a sleeping read or write gives up, in monotonic nanoseconds. */
function deadlineOf(task: Task, { operations }: OpenFile, writing: boolean): number {
  return task.kernel.clock.monotonic() + (operations.patience?.(writing) ?? Infinity);
}

export function sleepOn(
  queues: readonly WaitQueue[], what: string, attempt: () => number, finished: () => number, hostWait?: () => Promise<unknown>, deadline = Infinity,
): Wait {
  const wait: Wait = {
    kind: 'wait',
    what,
    queues,
    deadline,
    ...(hostWait === undefined ? {} : { host: hostWait() }),
    wake() {
      const result = attempt();
      // A new wait: queues forget those they woke, and the host's promise is spent.
      return result === -E.EAGAIN ? sleepOn(queues, what, attempt, finished, hostWait, deadline) : result;
    },
    timeout: () => finished() || -E.EAGAIN,
    interrupt() {
      const count = finished();
      if (count > 0) return count;
      return deadline === Infinity ? -RESTART.ERESTARTSYS : -E.EINTR;
    },
  };
  return wait;
}

/** How preadv2(2) and pwritev2(2) want it done. */
export interface TransferFlags {
  /** Answers −EAGAIN where it would sleep. */
  readonly noWait?: boolean;
  /** Writes at the end. */
  readonly append?: boolean;
}

/** read(2) on an open file: at `offset`, or at its position for −1. */
export function readFile(task: Task, file: OpenFile, to: Destination, offset: number, { noWait = false }: TransferFlags = {}): SyscallResult {
  if (!file.readable) return -E.EBADF;
  const { operations } = file;
  if (offset >= 0 && !operations.seekable) return -E.ESPIPE;
  const attempt = (): number => {
    const at = offset >= 0 ? offset : operations.seekable ? file.position : -1;
    const count = operations.read(file, to, at, task);
    if (count > 0 && offset < 0 && operations.seekable) file.position = at + count;
    if (count > 0) {
      worldOf(task).notify.accessed(file);
      task.process.settings.io.readBytes += count;
    }
    return count === 0 && to.faulted ? -E.EFAULT : count;
  };
  task.process.settings.io.reads += 1;
  const { readWait } = operations;
  if (!noWait && !file.nonBlocking && readWait === undefined) return sleepUntil(task, file, `read of ${file.dentry.name || '/'}`, attempt);
  const first = attempt();
  if (first !== -E.EAGAIN) return first;
  // A terminal may have fewer bytes than it waits for.
  if (noWait || file.nonBlocking) return to.done > 0 ? to.done : first;
  return operations.readWait!(task, to, attempt);
}

/** write(2) on an open file: at `offset`, or at its position for −1. Sleeps until everything is written, as pipes do. */
export function writeFile(task: Task, file: OpenFile, from: Source, offset: number, { noWait = false, append = false }: TransferFlags = {}): SyscallResult {
  if (!file.writable) return -E.EBADF;
  const { operations } = file;
  if (offset >= 0 && !operations.seekable) return -E.ESPIPE;
  const wanted = from.remaining;
  let written = 0;
  const attempt = (): number => {
    const at = placeOf(file, offset, append);
    const count = operations.write(file, from, at, task);
    if (count === -E.EPIPE && operations.raisesPipe !== true) brokenPipe(task);
    if (count < 0) return count === -E.EAGAIN || written === 0 ? count : written;
    if (count > 0 && offset < 0 && operations.seekable) file.position = at + count;
    written += count;
    if (count > 0) {
      worldOf(task).notify.modified(file);
      task.process.settings.io.writtenBytes += count;
    }
    if (written === 0 && from.faulted) return -E.EFAULT;
    return written < wanted && !from.faulted && !operations.seekable ? -E.EAGAIN : written;
  };
  task.process.settings.io.writes += 1;
  const first = attempt();
  if (first !== -E.EAGAIN) return first;
  if (noWait || file.nonBlocking) return written > 0 ? written : first;
  return sleepOn(operations.queues, `write to ${file.dentry.name || '/'}`, attempt, () => written, operations.hostWait, deadlineOf(task, file, true));
}

function placeOf(file: OpenFile, offset: number, append: boolean): number {
  if (!file.operations.seekable) return -1;
  if (append || (file.flags & O.APPEND) !== 0) return file.operations.seek?.(file, 0, SEEK.END) ?? 0;
  return offset >= 0 ? offset : file.position;
}

export function brokenPipe(task: Task): void {
  const { process } = task;
  sendSignal(task, { signo: SIG.PIPE, errno: 0, code: 0, pid: process.pid, uid: process.credentials.uid });
}
