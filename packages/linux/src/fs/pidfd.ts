import { E, POLL } from '@tally86/abi';
import type { Process } from '../kernel/types.ts';
import type { WaitQueue } from '../sched/wait.ts';
import type { FileOperations } from './open-file.ts';

/** A process as a file: readable once it has ended (kernel/fork.c, pidfd_fops). */
export class PidFile implements FileOperations {
  readonly seekable = false;
  readonly process: Process;
  readonly queues: readonly WaitQueue[];

  constructor(process: Process) {
    this.process = process;
    this.queues = [process.exitEvents];
  }

  read(): number {
    return -E.EINVAL;
  }
  write(): number {
    return -E.EINVAL;
  }
  poll(): number {
    return this.process.exit === null ? 0 : POLL.IN | POLL.RDNORM;
  }
  describe(): string {
    const { process } = this;
    const gone = process.kernel.processes.get(process.pid) !== process;
    return `Pid:\t${gone ? -1 : process.pid}\nNSpid:\t${gone ? -1 : process.pid}\n`;
  }
}
