import { E, RLIMIT, SIG } from '@tally86/abi';
import { type ByteString, CELL, EmulatorError, isEmulatorError, REG, USER_END } from '@tally86/core';
import { becomeOnlyThread } from '../kernel/de-thread.ts';
import { exitProcess } from '../kernel/exit.ts';
import { softLimit } from '../kernel/limits.ts';
import type { SpawnOptions } from '../kernel/options.ts';
import type { Task } from '../kernel/types.ts';
import { unshareFiles } from '../kernel/shared-files.ts';
import { pageUp } from '../mm/address-space.ts';
import { clearAddressSpace } from '../mm/create-address-space.ts';
import { replaceAddressSpace } from '../mm/replace.ts';
import { resetRegisters, setCell } from '../sched/cpu-switch.ts';
import { NO_ALT_STACK } from '../signal/alt-stack.ts';
import { buildAuxv } from './auxv.ts';
import { mapElf } from './load-elf.ts';
import { explain, findProgram, type NoProgram, type Program } from './program.ts';
import { buildStack } from './stack.ts';

/** MAX_ARG_STRLEN: one argument with its NUL. */
export const MAX_ARGUMENT = 131_072;
const ARG_MAX = 131_072;
const STACK_LIMIT_SHARE = 6 * 1024 * 1024;
const COMM_LENGTH = 15;

/** Bytes that arguments, environment and their pointers may take (fs/exec.c, bprm_stack_limits). */
export function argumentLimit(task: Task): number {
  return Math.max(Math.min(Math.floor(softLimit(task.process.limits, RLIMIT.STACK) / 4), STACK_LIMIT_SHARE), ARG_MAX);
}

/** execve(2): 0 or −errno; after the point of no return a failure kills the process, as in the kernel. */
export function execve(task: Task, path: ByteString, argv: readonly ByteString[], envp: readonly ByteString[]): number {
  let program: Program | NoProgram;
  try {
    program = findProgram(task, path, argv.length === 0 ? [''] : argv);
  } catch (error) {
    if (isEmulatorError(error) && error.code === 'E_ELF') {
      task.kernel.note(`execve of ${path}: ${error.message}`);
      return -E.ENOEXEC;
    }
    throw error;
  }
  if ('errno' in program) return -program.errno;
  if (!fits(task, program, envp)) {
    release(program);
    return -E.E2BIG;
  }
  forgetOldImage(task, program.main.file.path);
  try {
    load(task, program, envp);
  } catch (error) {
    if (!isEmulatorError(error) || error.code === 'E_INTERNAL') throw error;
    exitProcess(task.process, { kind: 'signal', signal: error.code === 'E_HOST_MEMORY' ? SIG.KILL : SIG.SEGV, reason: `execve of ${path}: ${error.message}` });
  } finally {
    release(program);
  }
  return 0;
}

/** Loads the first program. Throws EmulatorError with a reason a person understands. */
export function execInitial(task: Task, { path, argv, envp }: SpawnOptions): void {
  const program = findProgram(task, path, argv.length === 0 ? [''] : argv);
  if ('errno' in program) {
    const { errno } = program;
    throw new EmulatorError(errno === E.ENOENT || errno === E.ENOTDIR ? 'E_NOT_FOUND' : 'E_ELF', explain(path, program), { details: { path, errno } });
  }
  try {
    if (!fits(task, program, envp)) throw new EmulatorError('E_OPTION', 'the arguments and the environment are too long', { details: { errno: E.E2BIG } });
    load(task, program, envp);
  } catch (error) {
    clearAddressSpace(task.process.mm);
    throw error;
  } finally {
    release(program);
  }
}

function release(program: Program): void {
  program.main.file.release();
  program.interpreter?.file.release();
}

function fits(task: Task, { argv, filename }: Program, envp: readonly ByteString[]): boolean {
  let bytes = filename.length + 1 + (argv.length + envp.length) * 8;
  for (const text of [...argv, ...envp]) {
    if (text.length + 1 > MAX_ARGUMENT) return false;
    bytes += text.length + 1;
  }
  return bytes <= argumentLimit(task);
}

/** begin_new_exec and setup_new_exec. */
function forgetOldImage(task: Task, program: string): void {
  const { process } = task;
  becomeOnlyThread(task, process.mm.users > 1);
  process.residentPeak = Math.max(process.residentPeak, process.mm.mmu.residentPeak);
  replaceAddressSpace(process, program);
  unshareFiles(task);
  process.signals.resetHandlers();
  task.files.closeOnExec();
  process.exitSignal = SIG.CHLD;
  process.posixTimers.clear();
  process.settings.keepCapabilities = false;
  task.altStack = NO_ALT_STACK;
  task.restart = null;
}

/** Throws E_HOST_MEMORY, or E_ELF for what only shows once it is in memory. */
function load(task: Task, program: Program, envp: readonly ByteString[]): void {
  const { process, kernel, cpu } = task;
  const { mm } = process;
  const { main, interpreter, argv, filename } = program;
  mm.program = main.file.path;
  const random = new Uint8Array(16);
  kernel.entropy.fill(random);
  const executable = mapElf(mm, main, interpreter === null ? 'static' : 'program');
  const loader = interpreter === null ? null : mapElf(mm, interpreter, 'interpreter');
  const { entry } = loader ?? executable;
  if (entry >= BigInt(USER_END)) throw new EmulatorError('E_ELF', `the entry point 0x${entry.toString(16)} lies outside of user space`);
  const interpreterBase = loader === null ? 0 : loader.bias;
  const stack = buildStack(mm, {
    argv, envp, filename, random,
    executable: main.elf.executableStack === true,
    auxv: (at) => buildAuxv(task, executable, main.elf.header.phnum, interpreterBase, at),
  });
  if (stack === null) throw new EmulatorError('E_HOST_MEMORY', 'the memory budget does not hold the stack of the program');
  mm.brkStart = mm.brk = pageUp(executable.end);
  mm.startData = executable.startData;
  mm.endData = executable.endData;
  process.image = {
    path: main.file.path,
    argStart: stack.argStart, argEnd: stack.argEnd, envStart: stack.envStart, envEnd: stack.envEnd, auxv: stack.auxv,
    startCode: executable.startCode, endCode: executable.endCode, startData: executable.startData, endData: executable.endData,
    startStack: stack.sp, entry: Number(executable.entry), bias: executable.bias, interpreterBase,
  };
  task.name = filename.slice(filename.lastIndexOf('/') + 1).slice(0, COMM_LENGTH);
  resetRegisters(cpu);
  cpu.u64[CELL.rip] = entry;
  setCell(cpu, REG.rsp, stack.sp);
}
