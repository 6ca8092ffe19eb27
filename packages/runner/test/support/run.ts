import type { HostStream } from '@tally86/core';
import { createEmulator, type EmulatorOptions, type RunResult } from '../../src/index.ts';

/** A stream that keeps what is written. */
export function collector(): HostStream & { text(): string; bytes(): Uint8Array } {
  const parts: Uint8Array[] = [];
  const bytes = (): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
  return {
    kind: 'pipe',
    read: () => 0,
    write: (from) => (parts.push(from.slice()), from.length),
    readable: () => true,
    wait: () => Promise.resolve(),
    bytes,
    text: () => new TextDecoder().decode(bytes()),
  };
}

export interface Ran extends RunResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** All that a user or the guest can tell of a run. */
export const result = ({ exit, total, windows, counts, reconciliation, stdout, stderr, stateHash }: Ran): unknown =>
  ({ exit, total, windows, counts, reconciliation, stdout, stderr, stateHash });

/** Runs a program with its streams kept; standard input is empty. */
export async function emulate(program: string | Uint8Array, args: readonly string[] = [], options: Partial<EmulatorOptions> = {}): Promise<Ran> {
  const stdout = collector();
  const stderr = collector();
  const emulator = createEmulator({ program, args, stdin: null, stdout, stderr, ...options });
  const result = await emulator.run();
  return { ...result, stdout: stdout.text(), stderr: stderr.text() };
}
