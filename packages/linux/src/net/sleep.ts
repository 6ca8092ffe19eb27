import { E, MSG, RESTART } from '@tally86/abi';
import type { OpenFile } from '../fs/open-file.ts';
import type { Task } from '../kernel/types.ts';
import type { SyscallResult, Wait, WaitQueue } from '../sched/wait.ts';
import type { Socket } from './socket.ts';

export interface Sleep {
  readonly what: string;
  readonly socket: Socket;
  /** Queues that may make it ready. */
  readonly queues: () => readonly WaitQueue[];
  /** −EAGAIN: sleep on. */
  readonly attempt: () => number;
  /** Nanoseconds; Infinity: as long as it takes. */
  readonly patience: number;
  /** What was reached when a signal or the time-out comes; 0: nothing. */
  readonly reached: () => number;
  /** The result of a time-out when nothing was reached. */
  readonly tooLate: number;
}

/** A call on a socket that sleeps until it has an answer. With a time-out it is not begun again after a signal (sock_intr_errno). */
export function sleepOnSocket(task: Task, { what, socket, queues, attempt, patience, reached, tooLate }: Sleep): SyscallResult {
  const first = attempt();
  if (first !== -E.EAGAIN) return first;
  const deadline = patience === Infinity ? Infinity : task.kernel.clock.monotonic() + patience;
  const sleep = (): Wait => {
    const { hostWait } = socket;
    return {
      kind: 'wait', what, deadline,
      queues: queues(),
      ...(hostWait === undefined ? {} : { host: hostWait() }),
      wake() {
        const result = attempt();
        return result === -E.EAGAIN ? sleep() : result;
      },
      timeout: () => reached() || tooLate,
      interrupt: () => reached() || (patience === Infinity ? -RESTART.ERESTARTSYS : -E.EINTR),
    };
  };
  return sleep();
}

/** Does a call on this file wait? */
export const waits = (file: OpenFile, flags = 0): boolean => !file.nonBlocking && (flags & MSG.DONTWAIT) === 0;
