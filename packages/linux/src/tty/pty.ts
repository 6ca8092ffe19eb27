import { POLL, SIG, WINSIZE } from '@tally86/abi';
import type { Kernel } from '../kernel/types.ts';
import { createWaitQueue } from '../sched/wait.ts';
import { type ControllingTerminal, hangUp, signalGroup } from './controlling.ts';
import { type Line, LineDiscipline } from './line-discipline.ts';

/** Bytes on the way to the master, and typed ahead of what the line discipline holds (pty.c, tty_buffer_set_limit). */
const OUTPUT_LIMIT = 4095 + 8192;
const TYPED_LIMIT = 8192;

/** A pseudo-terminal: what is written to the master is typed at the slave (drivers/tty/pty.c). */
export class Pty implements ControllingTerminal, Line {
  readonly number: number;
  readonly device: number;
  session = 0;
  foregroundGroup = 0;
  readonly discipline = new LineDiscipline(this);
  readonly kernel: Kernel;
  size: Uint8Array = new Uint8Array(WINSIZE.size);
  /** TIOCSPTLCK: the slave cannot be opened. */
  locked = true;
  /** TIOCEXCL. */
  exclusive = false;
  /** The master is closed. */
  hungUp = false;
  /** Openings of the slave; `left`: there were some, and the last one is closed. */
  slaves = 0;
  left = false;
  /** Bytes for the master. */
  readonly out: number[] = [];
  readonly #typed: number[] = [];
  readonly slaveQueue = createWaitQueue();
  readonly masterQueue = createWaitQueue();

  constructor(kernel: Kernel, number: number, device: number) {
    this.kernel = kernel;
    this.number = number;
    this.device = device;
  }

  transmit(bytes: readonly number[]): void {
    this.out.push(...bytes);
    if (bytes.length > 0) this.masterQueue.wake(Infinity, POLL.IN | POLL.RDNORM);
  }
  room(): number {
    return OUTPUT_LIMIT - this.out.length;
  }
  signal(signo: number): void {
    signalGroup(this.kernel, this.foregroundGroup, signo);
  }
  changed(): void {
    this.slaveQueue.wake();
    this.masterQueue.wake();
  }

  /** Bytes of the master that fit. */
  get typedRoom(): number {
    return TYPED_LIMIT - this.#typed.length;
  }
  type(bytes: Uint8Array): void {
    this.#typed.push(...bytes);
    this.pump();
  }
  /** Moves on what was typed, as far as the discipline takes it. */
  pump(): void {
    let done = 0;
    for (; done < this.#typed.length && this.discipline.takesInput; done += 1) this.discipline.receive(this.#typed[done]);
    this.#typed.splice(0, done);
    this.discipline.flushEchoes();
    if (done > 0) this.masterQueue.wake(Infinity, POLL.OUT | POLL.WRNORM);
  }

  /** A reader of the slave, or of the master, took something. */
  inputTaken(): void {
    this.pump();
    this.slaveQueue.wake(0);
  }
  outputTaken(): void {
    this.discipline.flushEchoes();
    this.slaveQueue.wake(Infinity, POLL.OUT | POLL.WRNORM);
  }

  /** TCFLSH. */
  flushTyped(): void {
    this.#typed.length = 0;
    this.discipline.flushInput();
  }

  resize(size: Uint8Array): void {
    if (size.every((byte, index) => byte === this.size[index])) return;
    this.size = size;
    signalGroup(this.kernel, this.foregroundGroup, SIG.WINCH);
  }

  slaveOpened(): void {
    this.slaves += 1;
    this.left = false;
  }
  slaveClosed(): void {
    this.slaves -= 1;
    if (this.slaves > 0) return;
    this.left = true;
    this.exclusive = false;
    this.masterQueue.wake();
  }
  masterClosed(): void {
    this.hungUp = true;
    this.slaveQueue.wake();
    hangUp(this.kernel, this);
  }
}
