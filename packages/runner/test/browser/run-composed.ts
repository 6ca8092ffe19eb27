import type { HostStream } from '@tally86/core';
import { createCounter } from '@tally86/counter';
import { cpuModels } from '@tally86/decoder';
import { interpreter } from '@tally86/interpreter';
import { jit } from '@tally86/jit';
import { createCredentials, createMachineFiles } from '@tally86/linux';
import { createPlacementStrategy, createVmaSet } from '@tally86/mmap';
import { createMmu, lazy } from '@tally86/mmu';
import { compose, hashMachine, type Hasher } from '@tally86/runner/compose';
import { createMemoryFileSystem } from '@tally86/vfs';

export interface Job {
  readonly guest: string;
  readonly engine: 'jit' | 'interpreter';
  readonly cpu: string;
  readonly maxInstructions: number;
}
export interface Outcome {
  readonly exit: unknown;
  readonly total: number;
  readonly engine: string;
  /** Instructions that regions of the JIT executed. */
  readonly translated: number;
  readonly output: string;
  readonly stateHash: string;
}

/** FNV-1a with 32 bits: SHA-256 is asynchronous in a browser. */
function fnv(): Hasher {
  let sum = 0x811c9dc5;
  return {
    update(bytes) {
      for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
    },
    hex: () => (sum >>> 0).toString(16),
  };
}
/** Fails loudly: the guest is small. */
function made<T>(value: T | number): T {
  if (typeof value === 'number') throw new Error(`errno ${-value}`);
  return value;
}

/** A guest in a machine put together from parts that need no Node. */
export async function runComposed({ engine, cpu, maxInstructions }: Job, elf: Uint8Array): Promise<Outcome> {
  const root = createMemoryFileSystem({ now: () => 0n });
  const file = made(made(root.root.create('guest', { mode: 0o100755, uid: 0, gid: 0 })).open(1));
  file.write(0, elf);
  file.close();
  const parts: string[] = [];
  const stdout: HostStream = {
    kind: 'pipe', read: () => 0, readable: () => true, wait: () => Promise.resolve(),
    write: (from) => (parts.push(new TextDecoder().decode(from.slice())), from.length),
  };
  const counter = createCounter({ convention: 'retired' });
  const { kernel } = compose({
    engine: engine === 'jit' ? jit(interpreter, { threshold: 200 }) : interpreter,
    mmu: createMmu({ budgetBytes: 2 ** 28, pageTable: lazy }),
    vmas: createVmaSet(), placement: createPlacementStrategy('linux-top-down'), model: cpuModels[cpu]!,
    plugins: [counter],
    kernel: { maxInstructions },
  });
  const credentials = createCredentials(1000, 1000);
  const files = createMachineFiles({ root, credentials, stdout, stderr: stdout });
  files.bind(kernel);
  kernel.spawn({ path: '/guest', argv: ['guest'], envp: [], files: files.files, fs: files.fs, credentials });
  const exit = await kernel.run();
  return {
    exit, total: counter.total(), engine: kernel.engine.name, translated: kernel.engines.stats().retiredHere ?? 0, output: parts.join(''), stateHash: hashMachine(kernel, fnv()),
  };
}
