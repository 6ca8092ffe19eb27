import { EmulatorError, type HostNetwork, isEmulatorError } from '@tally86/core';
import { conventionByName, type ConventionName, createCounter, reconcile } from '@tally86/counter';
import { createCredentials, createMachineFiles, createSeededEntropy, type Machine, type SpawnOptions } from '@tally86/linux';
import { createVmaSet } from '@tally86/mmap';
import { createMmu } from '@tally86/mmu';
import { bytesOf, createOverlayFileSystem, type MountSpec, utf8 } from '@tally86/vfs';
import { compose } from '../compose.ts';
import { type HostFilesOptions, hostTime, hostTree, rootTree, sha256, streamOf } from './host-parts.ts';
import { createHostNetwork } from './network/host-network.ts';
import { placeProgram } from './program.ts';
import { cpuModelOf, DEFAULTS, engineOf, pageTableOf, placementOf } from '../names.ts';
import type { EmulatorOptions, HostMount, RunResult, ThreadCount } from '../options.ts';
import { hashMachine } from '../state-hash.ts';

const DEFAULT_MEMORY = 2 ** 31;
const DEFAULT_ID = 1000;
const ABOUT_THE_PROGRAM: ReadonlySet<string> = new Set(['E_NOT_FOUND', 'E_ELF', 'E_HOST_MEMORY']);

/** A machine with its program loaded, ready to run. */
export interface Emulator {
  readonly kernel: Machine;
  /** Runs the program to its end. Once. */
  run(): Promise<RunResult>;
}

/**
 * A machine with defaults for everything but the program.
 * @throws EmulatorError E_NOT_FOUND (program, named part), E_ELF (no program that can run), E_OPTION, E_HOST_MEMORY.
 */
export function createEmulator(options: EmulatorOptions): Emulator {
  const engine = engineOf(options.engine ?? DEFAULTS.engine);
  const placement = placementOf(options.mmap ?? DEFAULTS.mmap);
  const pageTable = pageTableOf(options.pageTable ?? DEFAULTS.pageTable);
  const model = cpuModelOf(options.cpu ?? DEFAULTS.cpu);
  const uid = options.uid ?? DEFAULT_ID;
  const gid = options.gid ?? uid;
  const counter = createCounter({ convention: options.convention ?? 'retired' });
  const credentials = createCredentials(uid, gid);

  let machine: Machine | null = null;
  const now = (): bigint => machine?.clock.realtime() ?? 0n;
  const hostOptions = { fixed: options.fixedAttributes ?? false, owner: { uid, gid }, now };
  const root = options.root ?? 'host';
  const tree = typeof root === 'string' ? rootTree(root, hostOptions) : root;
  const { path, mounts } = placeProgram(options.program, root, hostOptions);
  const machineFiles = createMachineFiles({
    root: tree,
    mounts: [...mounts, ...(options.mounts ?? []).map((mount) => mountOf(mount, hostOptions))],
    ...(options.sysroot === undefined ? {} : { sysroot: options.sysroot }),
    cwd: options.cwd ?? (root === 'host' || root === 'overlay' ? process.cwd() : '/'),
    ...streams(options),
    credentials,
  });

  const mmu = createMmu({ budgetBytes: options.maxMemory ?? DEFAULT_MEMORY, pageTable, ...(options.tlbEntries === undefined ? {} : { tlbEntries: options.tlbEntries }) });
  const composed = compose({
    engine, mmu, placement, model,
    vmas: createVmaSet(),
    plugins: [counter, ...(options.plugins ?? [])],
    kernel: {
      clock: options.clock === 'host' ? hostTime : 'virtual',
      ...networkOf(options.net),
      entropy: createSeededEntropy(BigInt(options.seed ?? 0)),
      strace: options.strace ?? null,
      ...(options.syscalls === undefined ? {} : { syscalls: options.syscalls }),
      ...(options.onNote === undefined ? {} : { onNote: options.onNote }),
      ...(options.maxInstructions === undefined ? {} : { maxInstructions: options.maxInstructions }),
      ...(options.seedSchedule === undefined ? {} : { seedSchedule: BigInt(options.seedSchedule) }),
      ...(options.maxTasks === undefined ? {} : { maxTasks: options.maxTasks }),
      ...(options.maxFiles === undefined ? {} : { maxFiles: options.maxFiles }),
      ...(options.maxWritten === undefined ? {} : { maxWritten: options.maxWritten }),
      ...(options.maxMappings === undefined ? {} : { maxMapCount: options.maxMappings }),
    },
  });
  machine = composed.kernel;
  if (machine.engine.name !== engine.name) options.onNote?.(`WebAssembly is not available here: the engine '${machine.engine.name}' runs instead of '${engine.name}'`);
  const { kernel } = composed;
  machineFiles.bind(kernel);
  spawn(kernel, typeof options.program === 'string' ? options.program : null, {
    path,
    argv: [options.argv0 ?? (typeof options.program === 'string' ? options.program : path), ...(options.args ?? [])].map(utf8),
    envp: Object.entries(options.env ?? {}).map(([name, value]) => utf8(`${name}=${value}`)),
    files: machineFiles.files, fs: machineFiles.fs, credentials,
  });

  let started = false;
  return {
    kernel,
    async run() {
      if (started) throw new EmulatorError('E_STATE', 'this emulator has run already: create another');
      started = true;
      const exit = await kernel.run({ onSlice: () => options.onProgress?.({ instructions: kernel.totalRetired() }) });
      const counts = kernel.counts();
      const result: RunResult = {
        exit, counts,
        total: counter.total(), convention: counter.convention, windows: counter.windows,
        reconciliation: reconcile(counts),
        threads: threadCounts(kernel, counter.convention),
        memory: { ...mmu.stats(), vmas: kernel.init.mm.vmas.size },
        engine: { name: kernel.engine.name, stats: kernel.engines.stats() },
        stateHash: options.stateHash === false ? null : hashMachine(kernel, sha256()),
        parts: { engine: engine.name, mmap: placement.name, pageTable: pageTable.name, cpu: model.name },
      };
      // What a WeakRef gave lives until the event loop turns: without this, machines run one after the other all stay in memory.
      await new Promise((resolve) => setImmediate(resolve));
      return result;
    },
  };
}

function threadCounts(kernel: Machine, convention: ConventionName): ThreadCount[] {
  const { of } = conventionByName(convention);
  const decoder = new TextDecoder();
  return kernel.ledger.threads().map(({ thread, process, name, counts }) => ({ thread, process, name: decoder.decode(bytesOf(name)), count: of(counts) }));
}

/** Starts the first process. What is wrong with the program is told with its name. */
function spawn(kernel: Machine, program: string | null, options: SpawnOptions): void {
  try {
    kernel.spawn(options);
  } catch (error) {
    if (program === null || !isEmulatorError(error) || !ABOUT_THE_PROGRAM.has(error.code)) throw error;
    throw new EmulatorError(error.code, `${program}: ${error.message}`, { cause: error, details: error.details });
  }
}

function mountOf({ source, target, readOnly = false, overlay = false }: HostMount, hostOptions: HostFilesOptions): MountSpec {
  const tree = hostTree(source, hostOptions);
  const fileSystem = overlay && !readOnly ? createOverlayFileSystem({ lower: tree, now: hostOptions.now }) : tree;
  // where on the host it lies is no part of the guest's world
  return { at: target, fileSystem, source: hostOptions.fixed ? 'host' : source, flags: { readOnly } };
}

function networkOf(net: EmulatorOptions['net']): { network?: HostNetwork } {
  if (net === undefined || net === 'none') return {};
  return { network: typeof net === 'string' ? createHostNetwork(net) : net };
}

function streams(options: EmulatorOptions) {
  const fixed = options.fixedAttributes ?? false;
  const stdin = streamOf(options.stdin, 0, fixed);
  const stdout = streamOf(options.stdout, 1, fixed);
  const stderr = streamOf(options.stderr, 2, fixed);
  return { ...(stdin && { stdin }), ...(stdout && { stdout }), ...(stderr && { stderr }) };
}
