import type { Plugin } from '@tally86/core';
import { markOf } from '@tally86/counter';
import { createEmulator, type Emulator } from '@tally86/runner';

/** What is run under every combination. */
export interface Workload {
  readonly program: string | Uint8Array;
  readonly args: readonly string[];
}

/** One combination's outcome. */
export interface ExperimentRow {
  readonly mmap: string;
  readonly pageTable: string;
  /** Contracts (stop marks) completed; without marks: calls of munmap. */
  readonly contracts: number;
  /** True if the memory budget ended it early. */
  readonly budgetSpent: boolean;
  /** Bytes of page table at the end and at the most. */
  readonly pageTableBytes: number;
  readonly pageTablePeakBytes: number;
  /** Page frames (4096 bytes) at the most. */
  readonly framesPeak: number;
  /** Milliseconds of wall time for each contract. */
  readonly millisecondsPerContract: number;
  readonly exit: string;
  /** Bytes of page table after each contract, thinned out evenly to at most a thousand points. */
  readonly samples: readonly { readonly contract: number; readonly pageTableBytes: number }[];
}

/** The budget of the experiment, in bytes. */
export const EXPERIMENT_BUDGET = 2 ** 31;
const SAMPLES = 1000;
const MUNMAP = 11;

export async function measureCombination({ program, args }: Workload, mmap: string, pageTable: string, onContract: (n: number) => void): Promise<ExperimentRow> {
  let emulator: Emulator | null = null;
  let marks = 0;
  let unmaps = 0;
  let outOfMemory = false;
  const all: { contract: number; pageTableBytes: number }[] = [];
  let every = 1;
  function sample(contract: number): void {
    onContract(contract);
    if (contract % every !== 0) return;
    all.push({ contract, pageTableBytes: emulator!.kernel.init.mm.mmu.stats().pageTableBytes });
    if (all.length >= 2 * SAMPLES) {
      every *= 2;
      all.splice(0, all.length, ...all.filter((s) => s.contract % every === 0));
    }
  }
  const watch: Plugin = {
    name: 'memory-experiment',
    syscallResult({ number, args: values }, result) {
      if (number === 0 && markOf(values[0]!) === 'stop') sample(++marks);
      else if (number === MUNMAP && result === 0) {
        unmaps++;
        if (marks === 0) sample(unmaps);
      }
      if (result === -12) outOfMemory = true;
    },
  };
  emulator = createEmulator({
    program, args, mmap, pageTable,
    root: typeof program === 'string' ? 'overlay' : 'sandbox',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    stdin: null, stdout: null, stderr: null,
    fixedAttributes: true, maxMemory: EXPERIMENT_BUDGET, plugins: [watch], stateHash: false,
  });
  const begin = performance.now();
  const result = await emulator.run();
  const elapsed = performance.now() - begin;
  const { exit, memory } = result;
  const failed = exit.kind !== 'exit' || exit.code !== 0;
  // the contract that ran out of memory set its stop mark, but is none
  const contracts = Math.max(0, (marks || unmaps) - (failed && outOfMemory && marks > 0 ? 1 : 0));
  return {
    mmap, pageTable, contracts,
    budgetSpent: outOfMemory || (exit.kind === 'signal' && exit.signal === 9),
    pageTableBytes: memory.pageTableBytes, pageTablePeakBytes: memory.pageTablePeakBytes, framesPeak: memory.framesPeak,
    millisecondsPerContract: contracts === 0 ? 0 : elapsed / contracts,
    exit: exit.kind === 'exit' ? `exit ${exit.code}` : exit.kind === 'signal' ? `signal ${exit.signal}` : exit.kind,
    samples: all.filter((s) => s.contract <= contracts),
  };
}
