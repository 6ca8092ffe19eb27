import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, nativeSource } from './compile.ts';
import { runUnder, type RunOptions, type RunResult } from './run.ts';

/** Path of the plugin that counts executions as QEMU tells them. */
export const pluginPath = (): string => compile([nativeSource('qemu-count.c')], { flags: ['-O2', '-Wall', '-Wextra', '-shared', '-fPIC'] });

/** Runs a program under `qemu-x86_64` with the counting plugin: convention `qemu-plugin`, measured. Null if a signal ended the program. */
export async function qemuCount(program: string, args: readonly string[] = [], options: RunOptions = {}): Promise<RunResult & { readonly count: number | null }> {
  const directory = await mkdtemp(join(tmpdir(), 'tally86-qemu-'));
  try {
    const out = join(directory, 'count');
    const { qemu } = await runUnder({ qemu: ['qemu-x86_64', '-plugin', `${pluginPath()},out=${out}`] }, program, args, options);
    return { ...qemu, count: existsSync(out) ? Number(await readFile(out, 'utf8')) : null };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
