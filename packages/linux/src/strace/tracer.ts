import { E, errnoName, ERRNO_MESSAGES, RESTART, syscallName } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import type { SyscallEntry } from '../syscalls/types.ts';
import { formatArgument } from './format.ts';

/** Follows system calls for --strace: one line each, as strace(1) writes them. */
export interface Tracer {
  enter(task: Task, entry: SyscallEntry | undefined, number: number): void;
  /** `null`: the call does not return (exit, rt_sigreturn). */
  exit(task: Task, result: number | null): void;
}

interface Open {
  readonly name: string;
  readonly entry: SyscallEntry | undefined;
  /** Arguments that are known before the call; `undefined` ones are printed after it. */
  readonly args: (string | undefined)[];
}

const RESTART_NAMES: Readonly<Record<number, string>> = {
  [RESTART.ERESTARTSYS]: 'ERESTARTSYS', [RESTART.ERESTARTNOINTR]: 'ERESTARTNOINTR', [RESTART.ERESTARTNOHAND]: 'ERESTARTNOHAND',
  [RESTART.ERESTART_RESTARTBLOCK]: 'ERESTART_RESTARTBLOCK',
};

/** Writes lines without their newline to `write`; `threads`: with the thread's number in front. */
export function createTracer(write: (line: string) => void): Tracer {
  const open = new Map<Task, Open>();
  return {
    enter(task, entry, number) {
      const name = entry?.name ?? syscallName(number) ?? `syscall_${number}`;
      const formats = entry?.args ?? (['hex', 'hex', 'hex', 'hex', 'hex', 'hex'] as const);
      const args = formats.map((format, index) => (format.endsWith('@out') ? undefined : formatArgument(task, formats, index, null)));
      open.set(task, { name, entry, args });
    },
    exit(task, result) {
      const call = open.get(task);
      if (call === undefined) return;
      open.delete(task);
      const formats = call.entry?.args ?? [];
      const args = call.args.map((text, index) => text ?? formatArgument(task, formats, index, result));
      const prefix = task.process.tasks.length > 1 || task.process !== task.kernel.init ? `[${task.tid}] ` : '';
      write(`${prefix}${call.name}(${args.join(', ')}) = ${formatResult(result, call)}`);
    },
  };
}

function formatResult(result: number | null, call: Open): string {
  if (result === null) return '?';
  if (result <= -RESTART.ERESTARTSYS && result >= -RESTART.ERESTART_RESTARTBLOCK) return `? ${RESTART_NAMES[-result] ?? 'ERESTART'} (interrupted)`;
  if (result < 0 && result >= -4095) {
    const note = -result === E.ENOSYS && call.entry === undefined ? ' [unknown to tally86]' : '';
    return `-1 ${errnoName(-result)} (${ERRNO_MESSAGES[-result] ?? 'Unknown error'})${note}`;
  }
  return call.entry?.name === 'mmap' || call.entry?.name === 'brk' || call.entry?.name === 'mremap' ? `0x${result.toString(16)}` : String(result);
}
