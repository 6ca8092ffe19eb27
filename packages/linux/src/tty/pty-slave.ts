import { E, IOCTL, POLL, RESTART, SIG, TERMIOS, VCC } from '@tally86/abi';
import { CHUNK } from '../fs/user-io.ts';
import type { Destination, FileOperations, OpenFile, Source } from '../fs/open-file.ts';
import type { Task } from '../kernel/types.ts';
import type { Wait, WaitQueue } from '../sched/wait.ts';
import { checkForeground } from './controlling.ts';
import type { Pty } from './pty.ts';
import { terminalIoctl } from './terminal-ioctl.ts';

const READABLE = POLL.IN | POLL.RDNORM;
const WRITABLE = POLL.OUT | POLL.WRNORM;
/** VTIME counts tenths of a second. */
const TENTH = 100_000_000;

/** An opening of the slave: the terminal that programs see. */
export class PtySlave implements FileOperations {
  readonly seekable = false;
  readonly asynchronous = true;
  readonly raisesPipe = true;
  readonly queues: readonly WaitQueue[];
  readonly pty: Pty;

  constructor(pty: Pty) {
    this.pty = pty;
    this.queues = [pty.slaveQueue];
    pty.slaveOpened();
  }

  /** Bytes of one read that waits stay in `to`: −EAGAIN until there are as many as VMIN says. */
  read(_file: OpenFile, to: Destination, _offset: number, task: Task): number {
    const { pty } = this;
    const { discipline } = pty;
    if (pty.hungUp) return 0;
    const stopped = checkForeground(task, pty, SIG.TTIN);
    if (stopped < 0) return stopped;
    if (to.remaining === 0) return to.done;
    if (!discipline.hasInput()) return this.#minimum === 0 && this.#time === 0 ? to.done : -E.EAGAIN;
    const { bytes, used } = discipline.look(Math.min(to.remaining, CHUNK));
    const put = to.put(bytes);
    discipline.drop(put < bytes.length ? put : used);
    pty.inputTaken();
    const isEnough = discipline.isCanonical || to.done >= this.#minimum || to.remaining === 0 || to.faulted;
    return isEnough ? to.done : -E.EAGAIN;
  }

  get #minimum(): number {
    const { isCanonical, settings } = this.pty.discipline;
    return isCanonical ? 1 : settings.characters[VCC.VMIN];
  }
  get #time(): number {
    const { isCanonical, settings } = this.pty.discipline;
    return isCanonical ? 0 : settings.characters[VCC.VTIME] * TENTH;
  }

  /** The sleep of a read: with VMIN the time runs from each byte on, without it from the start (n_tty_read). */
  readWait(task: Task, to: Destination, attempt: () => number): Wait {
    const { pty } = this;
    const limited = this.#time > 0 && (this.#minimum === 0 || to.done > 0);
    const deadline = limited ? task.kernel.clock.monotonic() + this.#time : Infinity;
    const seen = to.done;
    const sleep = (until: number): Wait => ({
      kind: 'wait', what: `read of terminal ${pty.number}`, queues: this.queues, deadline: until,
      wake: () => {
        if (pty.hungUp) return to.done > 0 ? to.done : -E.EIO;
        const result = attempt();
        if (result !== -E.EAGAIN) return result;
        return to.done > seen ? this.readWait(task, to, attempt) : sleep(until);
      },
      timeout: () => to.done,
      interrupt: () => (to.done > 0 ? to.done : -RESTART.ERESTARTSYS),
    });
    return sleep(deadline);
  }

  write(_file: OpenFile, from: Source, _offset: number, task: Task): number {
    const { pty } = this;
    if (pty.hungUp) return -E.EIO;
    if (pty.discipline.local(TERMIOS.TOSTOP)) {
      const stopped = checkForeground(task, pty, SIG.TTOU);
      if (stopped < 0) return stopped;
    }
    if (from.remaining === 0) return 0;
    pty.discipline.flushEchoes();
    let done = 0;
    while (from.remaining > 0) {
      const bytes = from.take(CHUNK);
      let sent = 0;
      while (sent < bytes.length && pty.discipline.write(bytes[sent])) sent += 1;
      done += sent;
      from.giveBack(bytes.length - sent);
      if (sent < bytes.length || bytes.length === 0) break;
    }
    return done === 0 && !from.faulted ? -E.EAGAIN : done;
  }

  poll(): number {
    const { pty } = this;
    const { discipline } = pty;
    if (pty.hungUp) return READABLE | WRITABLE | POLL.ERR | POLL.HUP;
    const wanted = this.#time === 0 ? this.#minimum : 1;
    return (discipline.hasInput(wanted) ? READABLE : 0) | (pty.room() >= 8 && !discipline.holdsOutput ? WRITABLE : 0);
  }

  ioctl(file: OpenFile, request: number, argument: number, task: Task): number {
    const { pty } = this;
    if (pty.hungUp) return request === IOCTL.TIOCSPGRP ? -E.ENOTTY : -E.EIO;
    if (request === IOCTL.FIONREAD) return task.user.writeU32(argument, pty.discipline.readable) ? 0 : -E.EFAULT;
    return terminalIoctl(pty, { isMaster: false, readable: file.readable }, request, argument, task);
  }

  release(): void {
    this.pty.slaveClosed();
  }
}
