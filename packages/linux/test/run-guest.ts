import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import type { EngineFactory, HostStream } from '@tally86/core';
import { createDefaultSyscalls, createMachineFiles, type Exit } from '../src/index.ts';
import { toByteString } from '../src/mm/create-user-memory.ts';
import { createTestMachine, memoryRoot, spawn, TEST_MODEL } from './harness.ts';

const model = { ...TEST_MODEL, features: new Set(['sse3', 'ssse3', 'sse4.1', 'sse4.2', 'popcnt']) };
/** Nobody in particular, here and natively. */
const ID = 1000;

/** Runs a program with all system calls of ours in a tree of its own; what it wrote to standard output. */
export async function runGuest(engine: EngineFactory, path: string, argv: readonly string[] = [path]): Promise<{ exit: Exit; output: string; strace: readonly string[] }> {
  let output = '';
  const stdout: HostStream = {
    kind: 'pipe',
    read: () => 0,
    write(from) {
      output += toByteString(from);
      return from.length;
    },
    readable: () => true,
    wait: () => Promise.resolve(),
  };
  const test = createTestMachine(engine, { model, syscalls: createDefaultSyscalls() });
  const world = createMachineFiles({ root: memoryRoot({ [path]: readFileSync(path) }), credentials: { fsuid: ID, fsgid: ID, groups: [ID] }, stdout });
  world.bind(test.machine);
  spawn(test, {}, { path, argv, fs: world.fs, files: world.files });
  return { exit: await test.machine.run(), output, strace: test.strace };
}

/** Runs it under the kernel of this machine, as the same user if we may choose. */
export function runGuestNatively(path: string, argv: readonly string[] = [path]): { status: number | null; output: string } {
  const ids = process.getuid?.() === 0 ? { uid: ID, gid: ID } : {};
  const run = spawnSync(path, argv.slice(1), { env: {}, encoding: 'latin1', maxBuffer: 1 << 26, timeout: 20_000, ...ids });
  return { status: run.status, output: run.stdout };
}
