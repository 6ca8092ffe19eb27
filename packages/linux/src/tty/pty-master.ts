import { E, IOCTL, O, POLL } from '@tally86/abi';
import { tableOf, worldOf } from '../fs/access.ts';
import { operationsFor } from '../fs/open.ts';
import { type Destination, type FileOperations, OpenFile, type Source } from '../fs/open-file.ts';
import { CHUNK } from '../fs/user-io.ts';
import type { Task } from '../kernel/types.ts';
import type { WaitQueue } from '../sched/wait.ts';
import type { Pty } from './pty.ts';
import { terminalIoctl } from './terminal-ioctl.ts';

/** An opening of /dev/ptmx: the side of the terminal's emulator. */
export class PtyMaster implements FileOperations {
  readonly seekable = false;
  readonly asynchronous = true;
  readonly raisesPipe = true;
  readonly queues: readonly WaitQueue[];
  readonly #pty: Pty;
  readonly #remove: () => void;

  constructor(pty: Pty, remove: () => void) {
    this.#pty = pty;
    this.queues = [pty.masterQueue];
    this.#remove = remove;
  }

  read(_file: OpenFile, to: Destination): number {
    const { out } = this.#pty;
    if (to.remaining === 0) return 0;
    if (out.length === 0) return this.#pty.left ? -E.EIO : -E.EAGAIN;
    const count = to.put(Uint8Array.from(out.slice(0, to.remaining)));
    out.splice(0, count);
    this.#pty.outputTaken();
    return count;
  }

  write(_file: OpenFile, from: Source): number {
    const pty = this.#pty;
    let done = 0;
    while (from.remaining > 0 && pty.typedRoom > 0) {
      const bytes = from.take(Math.min(pty.typedRoom, CHUNK));
      if (bytes.length === 0) break;
      pty.type(bytes);
      done += bytes.length;
    }
    return done === 0 && from.remaining > 0 && !from.faulted ? -E.EAGAIN : done;
  }

  poll(): number {
    const { out, left, typedRoom } = this.#pty;
    return (out.length > 0 ? POLL.IN | POLL.RDNORM : 0) | (left ? POLL.HUP : 0) | (typedRoom > 0 ? POLL.OUT | POLL.WRNORM : 0);
  }

  ioctl(file: OpenFile, request: number, argument: number, task: Task): number {
    const pty = this.#pty;
    const { user } = task;
    const put = (value: number): number => (user.writeU32(argument, value) ? 0 : -E.EFAULT);
    switch (request) {
      case IOCTL.TIOCGPTN: return put(pty.number);
      case IOCTL.TIOCGPTLCK: return put(pty.locked ? 1 : 0);
      case IOCTL.TIOCSPTLCK: {
        const value = user.readI32(argument);
        if (value === null) return -E.EFAULT;
        pty.locked = value !== 0;
        return 0;
      }
      case IOCTL.TIOCGPTPEER: return openPeer(task, pty, argument);
      case IOCTL.FIONREAD: return put(pty.out.length);
      default: return terminalIoctl(pty, { isMaster: true, readable: file.readable }, request, argument, task);
    }
  }

  release(): void {
    this.#remove();
    this.#pty.masterClosed();
  }
}

/** TIOCGPTPEER: the slave, wherever /dev/pts is for the caller. */
function openPeer(task: Task, pty: Pty, flags: number): number {
  const world = worldOf(task);
  const table = tableOf(task);
  const { limits } = task.process;
  const room = table.free(limits);
  if (room < 0) return room;
  const { root } = world.vfs;
  const dentry = world.vfs.walk({ root, cwd: root, who: { fsuid: 0, fsgid: 0, groups: [] } }, `dev/pts/${pty.number}`);
  if (typeof dentry === 'number') return dentry;
  const operations = operationsFor(world, dentry, flags);
  if (typeof operations === 'number') return operations;
  const file = new OpenFile(dentry, operations, (flags & (O.ACCMODE | O.NONBLOCK)) | O.LARGEFILE);
  return table.add(limits, file, (flags & O.CLOEXEC) !== 0);
}
