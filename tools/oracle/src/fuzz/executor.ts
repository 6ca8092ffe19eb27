import { spawn, type ChildProcess } from 'node:child_process';
import { compile, nativeSource } from '../compile.ts';
import type { NativeResult, FuzzCase } from './case.ts';
import { decodeBatch, encodeBatch } from './protocol.ts';

const FLAGS = ['-O2', '-Wall', '-Wextra', '-ffreestanding', '-nostdlib', '-static-pie', '-fPIE', '-fno-stack-protector',
  '-fcf-protection=none', '-mgeneral-regs-only', '-fno-builtin', '-fno-tree-loop-distribute-patterns'];

/** Path of the executor, compiled if need be. */
export const executorPath = (): string => compile([nativeSource('executor.c')], { flags: FLAGS });

/** Runs cases on the CPU. `null` for a case that killed the executor: it is started again for the rest. */
export interface NativeExecutor {
  run(tests: readonly FuzzCase[]): Promise<(NativeResult | null)[]>;
  close(): void;
}

const BATCH = 1000;
const TIMEOUT_MS = 20_000;

/** `command` goes before the executor's path: `['qemu-x86_64']` makes QEMU the CPU. */
export function createNativeExecutor(command: readonly string[] = []): NativeExecutor {
  let child: ChildProcess | null = null;

  function start(): ChildProcess {
    // natively it starts itself again without ASLR; under an emulator that would leave the emulator
    const line = command.length > 0 ? [...command, executorPath(), 'again'] : [executorPath()];
    const started = spawn(line[0]!, line.slice(1), { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env.PATH ?? '' } });
    started.stdin!.on('error', () => {}); // seen as its death
    return started;
  }

  /** One batch; null if the executor died or hung on it. */
  function exchange(tests: readonly FuzzCase[]): Promise<NativeResult[] | null> {
    child ??= start();
    const current = child;
    return new Promise((resolve) => {
      const chunks: Uint8Array[] = [];
      let have = 0;
      let need = 8;
      const settle = (value: NativeResult[] | null): void => {
        clearTimeout(timer);
        current.stdout!.off('data', onData);
        current.off('close', onDeath);
        if (value === null) {
          current.kill('SIGKILL');
          child = null;
        }
        resolve(value);
      };
      const onDeath = (): void => settle(null);
      const onData = (chunk: Uint8Array): void => {
        chunks.push(chunk);
        have += chunk.length;
        if (need === 8 && have >= 8) {
          const head = Buffer.concat(chunks);
          chunks.splice(0, chunks.length, head);
          need = 8 + head.readUInt32LE(0);
        }
        if (have >= need && need > 8) settle(decodeBatch(Buffer.concat(chunks).subarray(8), tests));
      };
      const timer = setTimeout(onDeath, TIMEOUT_MS);
      current.stdout!.on('data', onData);
      current.on('close', onDeath);
      current.stdin!.write(encodeBatch(tests));
    });
  }

  async function run(tests: readonly FuzzCase[]): Promise<(NativeResult | null)[]> {
    if (tests.length === 0) return [];
    if (tests.length > BATCH) {
      const all: (NativeResult | null)[] = [];
      for (let i = 0; i < tests.length; i += BATCH) all.push(...await run(tests.slice(i, i + BATCH)));
      return all;
    }
    const results = await exchange(tests);
    if (results !== null) return results;
    if (tests.length === 1) return [null];
    const half = tests.length >> 1;
    return [...await run(tests.slice(0, half)), ...await run(tests.slice(half))];
  }

  return {
    run,
    close() {
      child?.stdin!.end();
      child = null;
    },
  };
}
