import { E, POLL, TFD } from '@tally86/abi';
import type { Kernel } from '../kernel/types.ts';
import { createWaitQueue } from '../sched/wait.ts';
import { expiryOf, type TimerSetting, type TimerState } from '../time/expiry.ts';
import type { Timer } from '../time/timers.ts';
import type { Destination, FileOperations, OpenFile } from './open-file.ts';

const SIZE = 8;
const NS = 1_000_000_000;

/** A timer that is read (fs/timerfd.c). The clock cannot be set, so TFD_TIMER_CANCEL_ON_SET never cancels. */
export class TimerFile implements FileOperations, Timer {
  readonly seekable = false;
  readonly seek = (): number => 0;
  readonly #queue = createWaitQueue();
  readonly queues = [this.#queue];
  readonly #kernel: Kernel;
  readonly #clock: number;
  deadline = Infinity;
  /** The expiration that is waited for, and the one that fired and was not looked at since; Infinity: none. */
  #due = Infinity;
  #expired = Infinity;
  #interval = 0;
  #ticks = 0;
  #flags = 0;

  constructor(kernel: Kernel, clock: number) {
    this.#kernel = kernel;
    this.#clock = clock;
  }

  /** Arms it, or not; what was left before. */
  set({ value, interval }: TimerSetting, flags: number): TimerState {
    const old = this.get();
    this.#kernel.timers.cancel(this);
    this.#expired = Infinity;
    this.#ticks = 0;
    this.#interval = interval;
    this.#flags = flags;
    if (value > 0n) this.#arm(expiryOf(this.#kernel, this.#clock, value, (flags & TFD.TIMER_ABSTIME) !== 0));
    return old;
  }

  #arm(deadline: number): void {
    const { clock, timers } = this.#kernel;
    this.#due = deadline;
    timers.arm(this, deadline);
    const now = clock.monotonic();
    if (deadline <= now) timers.run(now);
  }

  fire(): void {
    this.#expired = this.#due;
    this.#ticks += 1;
    this.#queue.wake(Infinity, POLL.IN);
  }

  get(): TimerState {
    this.#goOn();
    return { value: this.deadline === Infinity ? 0 : Math.max(0, this.deadline - this.#kernel.clock.monotonic()), interval: this.#interval };
  }

  /** After an expiration the timer rests: what passed since is counted when somebody looks. */
  #goOn(): void {
    if (this.#expired === Infinity || this.#interval === 0) return;
    const periods = Math.floor((this.#kernel.clock.monotonic() - this.#expired) / this.#interval) + 1;
    const next = this.#expired + periods * this.#interval;
    this.#ticks += periods - 1;
    this.#expired = Infinity;
    this.#arm(next);
  }

  read(_file: OpenFile, to: Destination): number {
    if (to.remaining < SIZE) return -E.EINVAL;
    if (this.#ticks === 0) return -E.EAGAIN;
    this.#goOn();
    const bytes = new Uint8Array(BigUint64Array.of(BigInt(this.#ticks)).buffer);
    this.#ticks = 0;
    this.#expired = Infinity;
    return to.put(bytes) < SIZE ? -E.EFAULT : SIZE;
  }

  write(): number {
    return -E.EINVAL;
  }

  poll(): number {
    return this.#ticks > 0 ? POLL.IN : 0;
  }

  describe(): string {
    const { value, interval } = this.get();
    const pair = (time: number): string => `(${Math.floor(time / NS)}, ${Math.floor(time % NS)})`;
    return `clockid: ${this.#clock}\nticks: ${this.#ticks}\nsettime flags: 0${this.#flags.toString(8)}\nit_value: ${pair(value)}\nit_interval: ${pair(interval)}\n`;
  }

  release(): void {
    this.#kernel.timers.cancel(this);
  }
}
