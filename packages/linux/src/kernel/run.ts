import { SIG, signalName } from '@tally86/abi';
import { CELL, type FaultInfo, PROT, type Stop, VECTOR } from '@tally86/core';
import { cellNumber } from '../sched/cpu-switch.ts';
import { deliverSignals } from '../signal/deliver.ts';
import { faultSignal } from '../signal/faults.ts';
import { forceSignal, hasSignal, retargetSignals } from '../signal/send.ts';
import type { Tracer } from '../strace/tracer.ts';
import { cpuTimersDue, instructionsUntilCpuTimer } from '../time/interval-timers.ts';
import { dispatchSyscall, resumeSyscall } from './dispatch.ts';
import { exitProcess } from './exit.ts';
import type { Kernel, Task } from './types.ts';

/** What a slice ended with. `blocked`: every task waits for the host, at most until `deadline` (monotonic ns of the guest's clock). */
export type SliceResult =
  | { readonly kind: 'running' }
  | { readonly kind: 'exited' }
  | { readonly kind: 'blocked'; readonly until: Promise<unknown> | null; readonly deadline: number };

export interface RunState {
  readonly kernel: Kernel;
  readonly tracer: Tracer | null;
  /** Instructions of all tasks that end the run; Infinity: none. */
  readonly maxInstructions: number;
  /** What string instructions that repeat very often were charged so far, in instructions: a budget has to end them too. */
  charged: number;
  /** Makes the task's registers the running state. */
  switchTo(task: Task): void;
  /** Signals from outside may still come: a machine where everything sleeps is no deadlock. */
  readonly hostSignals: () => boolean;
}

/** Charged for a run that ended within a string instruction, which was then repeated 2^20 times. */
const LONG_REPETITION = 1 << 14;
const RUNNING: SliceResult = { kind: 'running' };
const EXITED: SliceResult = { kind: 'exited' };

/** Runs at most `instructions` instructions in total (rep iterations may pass unnoticed), or until the end or a wait for the host. */
export function runSlice(state: RunState, instructions: number): SliceResult {
  const { kernel } = state;
  const end = kernel.totalRetired() + state.charged + instructions;
  while (kernel.exit === null) {
    const total = kernel.totalRetired() + state.charged;
    if (total >= state.maxInstructions) {
      exitProcess(kernel.init, { kind: 'budget', reason: `the budget of ${state.maxInstructions} instructions is spent` });
      break;
    }
    if (kernel.output.exceeded) {
      exitProcess(kernel.init, { kind: 'budget', reason: `the budget of ${kernel.output.limit} bytes written is spent` });
      break;
    }
    if (total >= end) return RUNNING;
    fireTimers(kernel);
    const task = kernel.scheduler.next();
    if (task === null) {
      const idle = sleep(state);
      if (idle !== null) return idle;
      continue;
    }
    state.switchTo(task);
    if (!prepare(state, task) || kernel.output.exceeded) continue;
    runTask(state, task, Math.min(end, state.maxInstructions) - total);
  }
  return EXITED;
}

/** Timers and time-outs that are due. Cheap if there are none. */
function fireTimers(kernel: Kernel): void {
  const deadline = Math.min(kernel.timers.next, kernel.scheduler.nextDeadline());
  if (deadline === Infinity) return;
  const now = kernel.clock.monotonic();
  if (deadline > now) return;
  kernel.timers.run(now);
  kernel.scheduler.expire(now);
}

/** Every task sleeps: virtual time jumps to the next deadline, the host is waited for, or nothing can ever happen. Null: go on. */
function sleep({ kernel, hostSignals }: RunState): SliceResult | null {
  const deadline = Math.min(kernel.timers.next, kernel.scheduler.nextDeadline());
  const host = kernel.scheduler.hostPromises();
  const waitsForHost = host.length > 0 || (kernel.clock.kind === 'host' && deadline !== Infinity) || (deadline === Infinity && hostSignals());
  if (waitsForHost) return { kind: 'blocked', until: host.length === 0 ? null : Promise.race(host), deadline };
  if (deadline !== Infinity) {
    kernel.clock.jumpTo(deadline);
    return null;
  }
  exitProcess(kernel.init, { kind: 'deadlock', reason: describeDeadlock(kernel) });
  return EXITED;
}

/** Sleepers that a report names. */
const MANY = 20;

function describeDeadlock(kernel: Kernel): string {
  const reasons: string[] = [];
  for (const process of kernel.processes.values()) {
    if (process.stopped !== 0) reasons.push(`process ${process.pid} is stopped by ${signalName(process.stopped)}`);
  }
  const sleepers = [...kernel.scheduler.sleepers()];
  for (const task of sleepers.slice(0, MANY)) reasons.push(`thread ${task.tid} waits for ${task.wait!.what}`);
  if (sleepers.length > MANY) reasons.push(`and ${sleepers.length - MANY} threads more`);
  return `nothing can wake the program: ${reasons.join('; ')}`;
}

/** Ends a sleeping call, delivers signals; false if the task cannot run now. */
function prepare(state: RunState, task: Task): boolean {
  if (task.wakeReason !== null) resumeSyscall(state.kernel, task, state.tracer);
  if (task.state !== 'running') return false;
  if (task.syscallNumber !== -1 || hasSignal(task)) deliverSignals(task);
  return task.state === 'running' && task.process.stopped === 0;
}

/** Runs the engine until the task's turn is over or something else must be looked at. */
function runTask(state: RunState, task: Task, limit: number): void {
  const { kernel, tracer } = state;
  const { scheduler, clock, timers } = kernel;
  let left = limit;
  for (;;) {
    const alone = scheduler.readyCount === 1;
    const deadline = Math.min(timers.next, scheduler.nextDeadline());
    let budget = alone ? left : Math.min(left, scheduler.turn);
    if (deadline !== Infinity) budget = Math.min(budget, Math.max(1, clock.instructionsUntil(deadline)));
    budget = Math.min(budget, instructionsUntilCpuTimer(task));
    const before = cellNumber(kernel.cpu, CELL.retired);
    // execve brings another engine
    const stop = kernel.engine.run(budget);
    const used = cellNumber(kernel.cpu, CELL.retired) - before;
    left -= used;
    const charged = used === 0 && stop.kind === 'budget' ? LONG_REPETITION : 0;
    left -= charged;
    state.charged += charged;
    if (!alone) scheduler.spend(used + charged);
    if (stop.kind === 'syscall') {
      dispatchSyscall(kernel, task, tracer);
      retargetSignals(task.process);
    }
    else if (stop.kind !== 'budget') raise(kernel, task, stop);
    cpuTimersDue(task);
    // a timer may have interrupted the very call that has just begun to sleep: its end comes first
    if (task.state !== 'running' || task.wakeReason !== null || kernel.exit !== null || kernel.output.exceeded || left <= 0) return;
    if (deadline !== Infinity && clock.monotonic() >= deadline) return;
    if (scheduler.next() !== task) return;
    if (task.syscallNumber !== -1 || hasSignal(task)) {
      deliverSignals(task);
      if (task.state !== 'running' || task.process.stopped !== 0) return;
    }
  }
}

/** An exception or another stop becomes a signal. */
function raise(kernel: Kernel, task: Task, stop: Exclude<Stop, { kind: 'syscall' | 'budget' }>): void {
  const fault = settleFetch(task, faultOf(stop));
  if (stop.kind === 'undefined') kernel.note(`unsupported instruction at 0x${stop.address.toString(16)}: ${stop.text}`);
  kernel.plugins.fault?.(fault, cellNumber(kernel.cpu, CELL.rip));
  const info = faultSignal(kernel.cpu, fault);
  if (info === 'kill') {
    const reason = 'the memory budget is spent';
    kernel.note(`out of memory: ${reason}`);
    exitProcess(task.process, { kind: 'signal', signal: SIG.KILL, reason });
    return;
  }
  if (info === null) {
    // A masked x87 exception that was reported late: the kernel does nothing but clear it.
    if (fault.vector === VECTOR.MF || fault.vector === VECTOR.XM) resetFpuExceptions(task);
    return;
  }
  // cr2 is written by page faults only, and stays.
  task.trap = { ...info.trap!, address: fault.vector === VECTOR.PF ? fault.address : task.trap.address };
  forceSignal(task, info);
}

const FETCH = 0x10, PRESENT = 1;

/**
 * A fetch from a page that is not there yet is a read to the kernel (arch/x86/mm/fault.c, access_error): the page is brought in,
 * and only the second fault, on a present page without execute permission, is the program's.
 */
function settleFetch({ process: { mm } }: Task, fault: FaultInfo): FaultInfo {
  if (fault.vector !== VECTOR.PF || (fault.errorCode & (FETCH | PRESENT)) !== FETCH || fault.reason !== 'protection') return fault;
  const address = Number(fault.address);
  if (mm.mmu.translate(address, PROT.READ) >= 0) return { ...fault, errorCode: fault.errorCode | PRESENT };
  const { reason } = mm.mmu.fault;
  return reason === 'bus' || reason === 'budget' ? { ...fault, reason } : fault;
}

function resetFpuExceptions({ cpu }: Task): void {
  cpu.u64[CELL.fsw] &= ~0x80ffn;
}

function faultOf(stop: Exclude<Stop, { kind: 'syscall' | 'budget' }>): FaultInfo {
  const plain = { errorCode: 0, address: 0n, reason: 'unmapped' } as const;
  switch (stop.kind) {
    case 'fault':
      return stop.fault;
    case 'undefined':
      return { ...plain, vector: VECTOR.UD };
    case 'breakpoint':
      return { ...plain, vector: VECTOR.BP };
    default:
      // hlt and its like are privileged.
      return { ...plain, vector: VECTOR.GP };
  }
}

