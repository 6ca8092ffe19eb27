import { createWriteStream, type WriteStream } from 'node:fs';
import { EmulatorError, type EngineFactory, type Plugin } from '@tally86/core';
import { createEmulator, jitEngine, type RunResult } from '@tally86/runner';
import { FIXED_ENVIRONMENT, FIXED_PATH, guestEnvironment } from './environment.ts';
import { findProgram } from './find-program.ts';
import { createJitDump, type JitDump } from './jit-dump/index.ts';
import type { MachineOptions } from './machine-options.ts';
import { cacheDirectory } from './launch/cache-directory.ts';
import { launcherPort } from './launch/port.ts';
import { BUILD } from './made.ts';
import { createMemoryTrace } from './memory-trace.ts';
import { tell, warn } from './message.ts';
import { createProgress } from './progress.ts';
import { printStatistics } from './report/statistics.ts';
import { machineCodeHere } from './translations/machine-code.ts';
import { openTranslations, type TranslationCache } from './translations/translation-cache.ts';

export interface Profile {
  /** Nothing of the host's user, clock, terminal or environment reaches the guest. */
  readonly fixed: boolean;
  /** Somebody reads the hash of the state at the end. */
  readonly stateHash: boolean;
}

/** Runs a program as the options say, and prints what they ask for. */
export async function runProgram(name: string, args: readonly string[], options: MachineOptions, { fixed, stateHash }: Profile): Promise<RunResult> {
  const hostPath = process.env.PATH ?? '';
  const program = findProgram(name, fixed ? `${FIXED_PATH}:${hostPath}` : hostPath);
  const progress = createProgress();
  const trace = options.mtrace === undefined ? null : createMemoryTrace();
  const dump = options.jitDump === undefined ? null : createDump(options.jitDump, options.engine);
  const translations = translationsOf(program, options);
  const plugins: Plugin[] = trace === null ? [] : [trace.plugin];
  const emulator = createEmulator({
    program, args,
    argv0: options.argv0 ?? name,
    env: guestEnvironment(fixed ? FIXED_ENVIRONMENT : process.env, options.env, options.unset),
    engine: engineFor(options, dump, translations), mmap: options.mmap, pageTable: options.pageTable, cpu: options.cpu, convention: options.convention,
    root: options.sandbox ? 'sandbox' : options.overlay ? 'overlay' : 'host',
    // nothing of the host changes, wherever it is shown
    mounts: options.mount.map((mount) => ({ ...mount, overlay: options.overlay ?? false })),
    fixedAttributes: fixed,
    clock: options.clock,
    net: options.net,
    seed: options.seed,
    plugins, stateHash,
    onProgress: ({ instructions }) => progress.update(instructions),
    onNote: (text) => {
      if (options.strace || text.startsWith('unsupported instruction') || text.startsWith('out of memory')) warn(text);
    },
    ...(fixed ? {} : { uid: process.getuid?.() ?? 1000, gid: process.getgid?.() ?? 1000 }),
    ...(options.strace ? { strace: (line: string) => tell(`${line}\n`) } : {}),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.sysroot === undefined ? {} : { sysroot: options.sysroot }),
    ...(options.maxInstructions === undefined ? {} : { maxInstructions: options.maxInstructions }),
    ...(options.seedSchedule === undefined ? {} : { seedSchedule: options.seedSchedule }),
    ...(options.maxTasks === undefined ? {} : { maxTasks: options.maxTasks }),
    ...(options.maxFiles === undefined ? {} : { maxFiles: options.maxFiles }),
    ...(options.maxWritten === undefined ? {} : { maxWritten: options.maxWritten }),
    ...(options.maxMemory === undefined ? {} : { maxMemory: options.maxMemory }),
  });
  trace?.watch(emulator.kernel);
  dump?.watch(emulator.kernel);
  const result = await emulator.run();
  progress.end();
  const [engine] = emulator.kernel.engines.all;
  if (engine !== undefined) translations?.keep(engine);
  if (result.exit.kind === 'budget' || result.exit.kind === 'deadlock') warn(result.exit.reason);
  if (trace !== null) await writeLines(options.mtrace!, trace.lines(result));
  dump?.finish();
  if (options.stats) await printStatistics(result);
  return result;
}

function createDump(directory: string, engine: string): JitDump {
  if (engine !== 'jit') throw new EmulatorError('E_OPTION', `--jit-dump needs the engine 'jit': '${engine}' translates nothing`);
  return createJitDump(directory);
}

/** Null: nothing is kept, or there is a reason not to. */
function translationsOf(program: string, { engine, sandbox, jitCache, jitDump, cpu, maxMemory }: MachineOptions): TranslationCache | null {
  // what a dump shows should not depend on earlier runs
  if (BUILD === null || engine !== 'jit' || jitCache === false || jitDump !== undefined) return null;
  const directory = jitCache ?? (sandbox ? null : cacheDirectory(process.env));
  return directory === null ? null : openTranslations(directory, { path: program, machine: `${cpu}-${maxMemory ?? ''}`, build: `${BUILD}-${machineCodeHere()?.id ?? ''}` });
}

/** The engine by name; the one that translates, with what the options want to know from it and what is known from earlier runs. */
function engineFor({ engine, stats }: MachineOptions, dump: JitDump | null, translations: TranslationCache | null): string | EngineFactory {
  if (engine !== 'jit' || (dump === null && !stats && translations === null)) return engine;
  const image = translations?.read();
  if (image !== undefined) launcherPort()?.found();
  const machineCode = translations === null ? null : machineCodeHere();
  return jitEngine({
    ...(dump === null ? {} : { observe: (region) => dump.observe(region) }),
    ...(stats ? { clock: () => performance.now() } : {}),
    ...(image === undefined ? {} : { image }),
    ...(machineCode === null ? {} : { machineCode }),
  });
}

function writeLines(file: string, lines: Iterable<string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const out: WriteStream = createWriteStream(file);
    out.on('error', reject).on('finish', resolve);
    for (const line of lines) out.write(`${line}\n`);
    out.end();
  });
}
