import { RLIMIT, SIG } from '@tally86/abi';
import type { ByteString } from '@tally86/core';
import type { AddressSpace } from '../mm/address-space.ts';
import { SAVED_STATE_SIZE } from '../sched/cpu-switch.ts';
import { createWaitQueue } from '../sched/wait.ts';
import { createSignalActions } from '../signal/actions.ts';
import { NO_ALT_STACK } from '../signal/alt-stack.ts';
import { createSignalQueue } from '../signal/queue.ts';
import type { SignalActions } from '../signal/types.ts';
import { createArguments } from '../syscalls/args.ts';
import { createIntervalTimers } from '../time/interval-timers.ts';
import { PosixTimers } from '../time/posix-timers.ts';
import type { FileContext, FileTable } from './file-seam.ts';
import type { Credentials } from './identity.ts';
import { type Limits, softLimit } from './limits.ts';
import { DEFAULT_SCHEDULING } from './scheduling.ts';
import { createSettings, type ProcessSettings } from './settings.ts';
import type { Kernel, Process, ProcessImage, Task } from './types.ts';

export interface NewProcess {
  readonly pid: number;
  readonly parent: Process | null;
  readonly processGroup: number;
  readonly session: number;
  readonly mm: AddressSpace;
  readonly limits: Limits;
  readonly credentials: Credentials;
  /** Default: all defaults. */
  readonly signals?: SignalActions;
  readonly settings?: ProcessSettings;
}

const NO_IMAGE: ProcessImage = {
  path: '', argStart: 0, argEnd: 0, envStart: 0, envEnd: 0, auxv: new Uint8Array(), startCode: 0, endCode: 0, startData: 0, endData: 0,
  startStack: 0, entry: 0, bias: 0, interpreterBase: 0,
};

/** A process without tasks and image. */
export function createProcess(kernel: Kernel, from: NewProcess): Process {
  const process: Process = {
    ...from,
    kernel,
    tasks: [],
    endedTime: 0,
    groupExit: null,
    children: new Set(),
    childEvents: createWaitQueue(),
    exitEvents: createWaitQueue(),
    exitSignal: SIG.CHLD,
    change: null,
    terminal: null,
    childrenTime: 0, childrenPeak: 0, residentPeak: 0,
    signals: from.signals ?? createSignalActions(),
    pending: createSignalQueue(() => softLimit(from.limits, RLIMIT.SIGPENDING)),
    image: NO_IMAGE,
    startTime: kernel.clock.monotonic(),
    intervalTimers: createIntervalTimers(() => process),
    posixTimers: new PosixTimers(),
    stopped: 0,
    exit: null,
    personality: 0,
    dumpable: 1,
    noNewPrivileges: false,
    settings: from.settings ?? createSettings(undefined),
  };
  return process;
}

/** Descriptors and directories that a new task is to have. */
export interface TaskFiles {
  readonly files: FileTable;
  readonly fs: FileContext;
}

/** A task of the process, registers all 0. */
export function createTask(process: Process, tid: number, name: ByteString, { files, fs }: TaskFiles): Task {
  const { kernel } = process;
  const task: Task = {
    tid, process, kernel, name, files, fs,
    vforkDone: null,
    cpu: kernel.cpu,
    get user() {
      return process.mm.user;
    },
    state: 'running', wait: null, wakeReason: null,
    saved: new Uint8Array(SAVED_STATE_SIZE),
    args: createArguments(),
    syscallNumber: -1,
    restart: null,
    signalMask: 0n, savedSignalMask: null,
    pending: createSignalQueue(() => softLimit(process.limits, RLIMIT.SIGPENDING)),
    signalArrival: createWaitQueue(),
    altStack: NO_ALT_STACK,
    trap: { vector: 0, errorCode: 0, address: 0n },
    scheduling: DEFAULT_SCHEDULING,
    clearChildTid: 0, robustList: 0, parentDeathSignal: 0,
  };
  process.tasks.push(task);
  kernel.tasks.set(tid, task);
  kernel.plugins.task?.({ kind: 'create', thread: tid });
  return task;
}
