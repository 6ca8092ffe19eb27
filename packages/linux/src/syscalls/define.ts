import { E, SYS, type SyscallName } from '@tally86/abi';
import type { ArgFormat, SyscallEntry, SyscallHandler } from './types.ts';

const formats = (args: string): readonly ArgFormat[] => (args === '' ? [] : (args.split(' ') as ArgFormat[]));

/** An entry that does what the kernel does. `args`: ArgFormats, separated by blanks. */
export function full(name: SyscallName, args: string, handler: SyscallHandler): SyscallEntry {
  return { number: SYS[name], name, handler, support: 'full', note: '', args: formats(args) };
}

/** An entry where something is missing: the note says what. */
export function partial(name: SyscallName, args: string, note: string, handler: SyscallHandler): SyscallEntry {
  return { number: SYS[name], name, handler, support: 'partial', note, args: formats(args) };
}

/** An entry with a constant answer, as a kernel configured so would give it: 0 or a negative errno. */
export function fixed(name: SyscallName, args: string, note: string, answer: number | SyscallHandler): SyscallEntry {
  const handler = typeof answer === 'number' ? () => answer : answer;
  return { number: SYS[name], name, handler, support: 'fixed', note, args: formats(args) };
}

/** A call that is not there: ENOSYS, told by name. */
export function absent(name: SyscallName, note: string): SyscallEntry {
  const handler: SyscallHandler = (task) => {
    task.kernel.note(`system call ${name} is not supported: ENOSYS`);
    return -E.ENOSYS;
  };
  return { number: SYS[name], name, handler, support: 'none', note, args: formats('hex hex hex hex hex hex') };
}
