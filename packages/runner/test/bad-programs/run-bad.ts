import { type FileSystem, type Inode, isEmulatorError } from '@tally86/core';
import { createMemoryFileSystem } from '@tally86/vfs';
import { expect } from 'vitest';
import { createEmulator, NAMES, type EmulatorOptions } from '../../src/index.ts';

/** Budgets of a bad program: what it may execute and hold, and the real time it may take on a busy machine. */
export const BUDGET = { instructions: 20_000, memory: 4 << 20, milliseconds: 10_000 } as const;

/** Errors that say something about the program, and none that says something about us. */
const REFUSALS: ReadonlySet<string> = new Set(['E_ELF', 'E_NOT_FOUND', 'E_HOST_MEMORY']);

/** A tree in memory with these files, all executable, in directories made as needed. */
export function treeOf(files: Readonly<Record<string, Uint8Array>>): FileSystem {
  const tree = createMemoryFileSystem({ maxBytes: 16 << 20 });
  const owner = { uid: 0, gid: 0 };
  for (const [path, bytes] of Object.entries(files)) {
    const parts = path.split('/').filter((part) => part !== '');
    let directory: Inode = tree.root;
    for (const part of parts.slice(0, -1)) {
      const known = directory.lookup(part);
      directory = typeof known === 'number' ? inode(directory.create(part, { mode: 0o040755, ...owner })) : known;
    }
    const node = inode(directory.create(parts.at(-1)!, { mode: 0o100755, ...owner })).open(2);
    if (typeof node === 'number') throw new Error(`${path}: errno ${-node}`);
    node.write(0, bytes);
    node.close();
  }
  return tree;
}

function inode(made: Inode | number): Inode {
  if (typeof made === 'number') throw new Error(`errno ${-made}`);
  return made;
}

export type BadOutcome =
  | { readonly kind: 'exit'; readonly code: number; readonly stdout: string }
  | { readonly kind: 'signal'; readonly signal: number }
  | { readonly kind: 'budget' | 'deadlock' }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string };

/** Runs /main of the files in a tree of their own under {@link BUDGET}, under each engine, to the same end. Whatever is no outcome of a guest is thrown. */
export async function runBad(files: Readonly<Record<string, Uint8Array>>, options: Partial<EmulatorOptions> = {}): Promise<BadOutcome> {
  const [first, ...others] = NAMES.engine;
  const outcome = await runOnce(files, { ...options, engine: first! });
  // what is refused never comes to an engine
  if (outcome.kind !== 'refused') for (const engine of others) expect(await runOnce(files, { ...options, engine }), engine).toEqual(outcome);
  return outcome;
}

async function runOnce(files: Readonly<Record<string, Uint8Array>>, options: Partial<EmulatorOptions>): Promise<BadOutcome> {
  let stdout = '';
  const started = performance.now();
  try {
    const emulator = createEmulator({
      program: '/main', root: treeOf(files), cwd: '/', stdin: null, stderr: null, maxInstructions: BUDGET.instructions, maxMemory: BUDGET.memory,
      stdout: { kind: 'pipe', read: () => 0, write: (from) => ((stdout += String.fromCharCode(...from.subarray(0, 4096))), from.length), readable: () => true, wait: () => Promise.resolve() },
      ...options,
    });
    const { exit, memory, counts } = await emulator.run();
    expect(memory.framesPeak * 4096 + memory.pageTablePeakBytes).toBeLessThanOrEqual(memory.budgetBytes);
    expect(counts.retired).toBeLessThanOrEqual(options.maxInstructions ?? BUDGET.instructions);
    return exit.kind === 'exit' ? { ...exit, stdout } : exit.kind === 'signal' ? { kind: 'signal', signal: exit.signal } : { kind: exit.kind };
  } catch (error) {
    if (!isEmulatorError(error) || !REFUSALS.has(error.code)) throw error;
    expect(error.message).toMatch(/^[^\n]+$/);
    return { kind: 'refused', code: error.code, reason: error.message };
  } finally {
    // machines that never ran are let go when the event loop turns
    await new Promise((resolve) => setImmediate(resolve));
    expect(performance.now() - started).toBeLessThan(BUDGET.milliseconds);
  }
}
