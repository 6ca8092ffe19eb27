import { SI } from '@tally86/abi';
import type { Kernel, Process, Task } from '../kernel/types.ts';
import { isIgnored, signalBit } from '../signal/actions.ts';
import { sendSignal } from '../signal/send.ts';
import type { SignalInfo, SignalTimer } from '../signal/types.ts';
import { expiryOf, type TimerSetting, type TimerState } from './expiry.ts';
import { nextExpiry, processCpuTime } from './interval-timers.ts';
import type { Timer } from './timers.ts';

/** Whose CPU time a timer counts: of all threads, or of one. */
export interface CpuClock {
  readonly process: Process;
  readonly task: Task | null;
}

/** struct sigevent, as far as the kernel looks at it. `target` null: SIGEV_NONE. */
export interface TimerNotice {
  readonly target: Process | Task | null;
  readonly signal: number;
  readonly value: bigint;
}

/** A timer whose signal nobody would see looks again after so many nanoseconds at least (a tick of 250 Hz). */
const TICK = 4_000_000;
const MAX_OVERRUN = 0x7fff_ffff;

/** A timer of timer_create(2) (struct k_itimer). While its signal is pending it rests; the periods that pass are its overruns. */
export class PosixTimer implements Timer, SignalTimer {
  readonly id: number;
  readonly notice: TimerNotice;
  /** Of the timer queue. */
  deadline = Infinity;
  /** Overruns of the signal that was taken last. */
  overrun = 0;
  readonly #kernel: Kernel;
  readonly #clock: number;
  readonly #cpu: CpuClock | null;
  #interval = 0;
  /** The next expiration on the timer's clock; while the signal is pending, the one that it tells of. Infinity: disarmed. */
  #due = Infinity;
  #pending: SignalInfo | null = null;

  constructor(kernel: Kernel, id: number, clock: number, cpu: CpuClock | null, notice: TimerNotice) {
    this.#kernel = kernel;
    this.id = id;
    this.#clock = clock;
    this.#cpu = cpu;
    this.notice = notice;
  }

  #now(): number {
    if (this.#cpu === null) return this.#kernel.clock.monotonic();
    const { process, task } = this.#cpu;
    return task === null ? processCpuTime(process) : this.#kernel.cpuTime(task);
  }

  set({ value, interval }: TimerSetting, absolute: boolean): void {
    this.cancel();
    this.#interval = value === 0n ? 0 : interval;
    this.overrun = 0;
    if (value === 0n) return;
    if (this.#cpu === null) this.#start(expiryOf(this.#kernel, this.#clock, value, absolute));
    else this.#start((absolute ? 0 : this.#now()) + Number(value));
  }

  #start(due: number): void {
    this.#due = due;
    if (this.notice.target === null || due === Infinity) return;
    const now = this.#now();
    if (due <= now) this.fire();
    else if (this.#cpu === null) this.#kernel.timers.arm(this, due);
    else this.#cpu.process.posixTimers.cpuArmed.add(this);
  }

  /** Disarms, and takes back a signal that nobody has seen. */
  cancel(): void {
    this.#kernel.timers.cancel(this);
    this.#cpu?.process.posixTimers.cpuArmed.delete(this);
    if (this.#pending !== null) this.notice.target?.pending.remove(this.#pending);
    this.#pending = null;
    this.#due = Infinity;
  }

  get(): TimerState {
    const interval = this.#interval;
    if (this.#due === Infinity || (interval === 0 && this.#pending !== null)) return { value: 0, interval };
    const now = this.#now();
    const rests = this.notice.target === null || this.#pending !== null;
    const due = interval > 0 && rests && this.#due <= now ? nextExpiry(this.#due, interval, now) : this.#due;
    return { value: Math.max(this.notice.target === null ? 0 : 1, due - now), interval };
  }

  fire(): void {
    const { target, signal, value } = this.notice;
    if (target === null || ('tid' in target && target.state === 'dead')) return;
    const process = 'tid' in target ? target.process : target;
    if (process.exit !== null) return;
    const receivers = 'tid' in target ? [target] : process.tasks;
    if (isIgnored(process.signals, signal) && !receivers.every((task) => (task.signalMask & signalBit(signal)) !== 0n)) {
      this.dropped();
      return;
    }
    this.#pending = { signo: signal, errno: 0, code: SI.TIMER, pid: this.id, status: 0, value, timer: this };
    sendSignal(target, this.#pending);
  }

  taken(info: SignalInfo): SignalInfo {
    this.#pending = null;
    this.overrun = 0;
    if (this.#interval === 0) {
      this.#due = Infinity;
      return info;
    }
    const next = nextExpiry(this.#due, this.#interval, this.#now());
    this.overrun = Math.min(MAX_OVERRUN, Math.round((next - this.#due) / this.#interval) - 1);
    this.#start(next);
    return { ...info, status: this.overrun };
  }

  dropped(): void {
    this.#pending = null;
    if (this.#interval > 0) this.#start(nextExpiry(this.#due, this.#interval, this.#now() + TICK));
    else this.#due = Infinity;
  }

  /** CPU time until it expires if `task` runs on. */
  cpuTimeLeft(task: Task): number {
    return this.#cpu?.task === null || this.#cpu?.task === task ? this.#due - this.#now() : Infinity;
  }

  fireIfDue(): void {
    if (this.#due > this.#now()) return;
    this.#cpu?.process.posixTimers.cpuArmed.delete(this);
    this.fire();
  }
}

/** The timers of a process. */
export class PosixTimers {
  readonly #timers = new Map<number, PosixTimer>();
  /** Armed timers, of any process, that count this one's CPU time. */
  readonly cpuArmed = new Set<PosixTimer>();
  #nextId = 0;

  get size(): number {
    return this.#timers.size;
  }

  /** Numbers are not used again before all were (posix_timer_add). */
  takeId(): number {
    while (this.#timers.has(this.#nextId)) this.#nextId = (this.#nextId + 1) & 0x7fff_ffff;
    const id = this.#nextId;
    this.#nextId = (id + 1) & 0x7fff_ffff;
    return id;
  }
  add(timer: PosixTimer): void {
    this.#timers.set(timer.id, timer);
  }
  get(id: number): PosixTimer | undefined {
    return this.#timers.get(id);
  }
  delete(timer: PosixTimer): void {
    timer.cancel();
    this.#timers.delete(timer.id);
  }
  /** execve(2) and the end of the process. */
  clear(): void {
    for (const timer of [...this.#timers.values()]) this.delete(timer);
  }

  cpuTimeLeft(task: Task): number {
    let left = Infinity;
    for (const timer of this.cpuArmed) left = Math.min(left, timer.cpuTimeLeft(task));
    return left;
  }
  fireCpuTimers(): void {
    for (const timer of [...this.cpuArmed]) timer.fireIfDue();
  }
}
