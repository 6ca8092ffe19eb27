import { CELL, EmulatorError, type InstructionCounts } from '@tally86/core';
import { execInitial } from '../exec/exec.ts';
import { createAddressSpace } from '../mm/create-address-space.ts';
import { cellNumber, loadState, savedCounters, saveState } from '../sched/cpu-switch.ts';
import { createFutexTable } from '../sched/futex.ts';
import { createScheduler } from '../sched/scheduler.ts';
import { roundRobin, seededTurns } from '../sched/turns.ts';
import { SI } from '@tally86/abi';
import { sendSignal } from '../signal/send.ts';
import { createTracer } from '../strace/tracer.ts';
import { createDefaultSyscalls } from '../syscalls/index.ts';
import { createHostClock, createVirtualClock } from '../time/clock.ts';
import { createSeededEntropy } from '../time/entropy.ts';
import { createTimerQueue } from '../time/timers.ts';
import { control } from '../tty/controlling.ts';
import { createProcess, createTask } from './create-task.ts';
import { createEngines } from './engines.ts';
import { createCredentials, DEFAULT_IDENTITY } from './identity.ts';
import { defaultLimits } from './limits.ts';
import type { KernelOptions, SpawnOptions } from './options.ts';
import { createOutputBudget } from './output-budget.ts';
import { createPidAllocator } from './pids.ts';
import { createPluginSet } from './plugins.ts';
import { type RunState, runSlice, type SliceResult } from './run.ts';
import { createCountLedger } from './thread-counts.ts';
import type { Exit, Kernel, Process, Task } from './types.ts';

/** A kernel that can be run from outside. */
export interface Machine extends Kernel {
  /** Loads the first process. Throws EmulatorError: E_NOT_FOUND, E_ELF, E_OPTION (arguments too long), E_STATE (there is one). */
  spawn(options: SpawnOptions): Process;
  /** Runs at most this many instructions. */
  step(instructions: number): SliceResult;
  /** Puts a task's registers into `cpu`, to look at them once the run has ended. */
  examine(task: Task): void;
  /** Runs to the end; waits for the host let Node's event loop run. `onSlice` is called about every 50 million instructions. */
  run(options?: { onSlice?: () => void }): Promise<Exit>;
}

const COUNTER_CELLS = [CELL.retired, CELL.repIterations, CELL.repCompleted, CELL.repEmpty, CELL.repExhausted];
const SLICE = 50_000_000;
/** The same with the host's network: how long its events wait for a guest that computes. */
const NETWORK_SLICE = 2_000_000;

/** A machine without a process. */
export function createKernel(options: KernelOptions): Machine {
  const { cpu, cpuAccess, model, addressSpace } = options;
  const plugins = createPluginSet(options.plugins ?? []);
  const processes = new Map<number, Process>();
  const tasks = new Map<number, Task>();
  const quantum = options.quantum ?? 100_000;
  const firstPid = options.pid ?? 1000;
  const notes = new Set<string>();
  let current: Task | null = null;
  let init: Process | null = null;
  // Total of all tasks = base + retired cell of the running state.
  let base = 0;
  const total = (): number => base + cellNumber(cpu, CELL.retired);
  const clock = options.clock === undefined || options.clock === 'virtual' ? createVirtualClock(total) : createHostClock(options.clock);
  const entropy = options.entropy ?? createSeededEntropy(0n);
  const number = new BigUint64Array(1);
  const engines = createEngines(addressSpace.mmu.port, (port) => options.engine.create({
    cpu, model, mmu: port, hooks: plugins.hooks,
    readTsc: (retired) => clock.tsc(base + retired),
    readRandom: () => {
      entropy.fill(new Uint8Array(number.buffer));
      return number[0];
    },
  }));

  const switchTo = (task: Task): void => {
    engines.enter(task.process.mm);
    if (task === current) return;
    base = total();
    if (current !== null) saveState(cpu, current.saved);
    loadState(cpu, task.saved);
    base -= cellNumber(cpu, CELL.retired);
    current = task;
  };
  const countersOf = (task: Task): number[] => (task === current ? COUNTER_CELLS.map((cell) => cellNumber(cpu, cell)) : savedCounters(task.saved));
  const ledger = createCountLedger(tasks, countersOf);
  const counts = (tid?: number): InstructionCounts => ledger.of(tid);

  const kernel: Machine = {
    cpu, cpuAccess, model, engines, clock, plugins, processes, tasks,
    maxTasks: options.maxTasks ?? 4096,
    maxFiles: options.maxFiles ?? 1_048_576,
    output: createOutputBudget(options.maxWritten ?? Infinity),
    ledger,
    pids: createPidAllocator(firstPid, tasks, processes),
    timers: createTimerQueue(),
    entropy,
    identity: options.identity ?? DEFAULT_IDENTITY,
    network: options.network ?? null,
    scheduler: createScheduler(options.seedSchedule === undefined ? roundRobin(quantum) : seededTurns(quantum, options.seedSchedule)),
    futexes: createFutexTable(),
    syscalls: options.syscalls ?? createDefaultSyscalls(),
    exit: null,
    get engine() {
      return engines.current;
    },
    adopt: (process) => void processes.set(process.pid, process),
    forget: (process) => void processes.delete(process.pid),
    get init() {
      if (init === null) throw new EmulatorError('E_STATE', 'the machine has no process yet: call spawn first');
      return init;
    },
    get current() {
      if (current === null) throw new EmulatorError('E_STATE', 'the machine has no process yet: call spawn first');
      return current;
    },
    totalRetired: total,
    counts,
    cpuTime: (task) => countersOf(task)[0],
    note(text) {
      if (notes.has(text)) return;
      notes.add(text);
      options.onNote?.(text);
    },
    sendSignal: (process, signal) => void sendSignal(process, { signo: signal, errno: 0, code: SI.USER, pid: 0, uid: 0 }),
    spawn(spawn) {
      if (init !== null) throw new EmulatorError('E_STATE', 'the machine has its process already');
      const pid = kernel.pids.next();
      const limits = spawn.limits ?? defaultLimits();
      const mm = createAddressSpace({ parts: addressSpace, limits, maxMapCount: options.maxMapCount ?? 65_530, minAddress: 65_536, onMapping: plugins.mapping });
      const process = createProcess(kernel, {
        pid, parent: null, processGroup: pid, session: pid - 1, mm, limits,
        credentials: spawn.credentials ?? createCredentials(1000, 1000),
      });
      const terminal = spawn.fs.hostTerminal ?? null;
      if (terminal !== null) control(process, terminal);
      init = process;
      processes.set(pid, process);
      const task = createTask(process, pid, '', spawn);
      current = task;
      engines.enter(mm);
      try {
        execInitial(task, spawn);
      } catch (error) {
        init = current = null;
        processes.clear();
        tasks.clear();
        throw error;
      }
      kernel.scheduler.add(task);
      return process;
    },
    step: (instructions) => runSlice(state, instructions),
    examine: switchTo,
    async run({ onSlice } = {}) {
      const { network } = kernel;
      let told = 0;
      for (;;) {
        const slice = runSlice(state, network === null ? SLICE : NETWORK_SLICE);
        if (total() - told >= SLICE || network === null) {
          told = total();
          onSlice?.();
        }
        if (slice.kind === 'exited') return kernel.exit!;
        // Time that is driven by instructions does not pass while the host is waited for: it is set.
        if (slice.kind === 'blocked' && (await waitForHost(kernel, slice.until, slice.deadline))) kernel.clock.jumpTo(slice.deadline);
        else if (network !== null) await network.turn();
      }
    },
  };
  const state: RunState = {
    kernel, switchTo,
    tracer: options.strace ? createTracer(options.strace) : null,
    maxInstructions: options.maxInstructions ?? Infinity,
    charged: 0,
    hostSignals: options.hostSignals ?? (() => false),
  };
  for (const plugin of plugins.plugins) {
    plugin.attach?.({
      counts,
      copyIn: (address, into) => kernel.current.process.mm.mmu.copyIn(address, into),
      copyOut: (address, from) => kernel.current.process.mm.mmu.copyOut(address, from),
      note: kernel.note,
    });
  }
  return kernel;
}

/** Sleeps until the host's promise settles, or the deadline of the guest's clock has passed: then it is true. */
async function waitForHost(kernel: Kernel, until: Promise<unknown> | null, deadline: number): Promise<boolean> {
  const milliseconds = Math.min(Math.max(0, Math.ceil((deadline - kernel.clock.monotonic()) / 1e6)), 0x7fff_ffff);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let passed = false;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      passed = Number.isFinite(deadline);
      resolve();
    }, Number.isFinite(deadline) ? milliseconds : 100);
  });
  await (until === null ? timeout : Promise.race([until.catch(() => undefined), ...(Number.isFinite(deadline) ? [timeout] : [])]));
  clearTimeout(timer);
  return passed;
}
