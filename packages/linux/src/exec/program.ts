import { E, ERRNO_MESSAGES } from '@tally86/abi';
import { type ByteString, isEmulatorError } from '@tally86/core';
import { type ElfImage, parseElf } from '@tally86/elf';
import { bytesOf } from '@tally86/vfs';
import { toByteString } from '../mm/create-user-memory.ts';
import type { ImageFile } from '../kernel/file-seam.ts';
import type { Task } from '../kernel/types.ts';
import { parseShebang } from './script.ts';

export interface LoadedFile {
  readonly file: ImageFile;
  readonly elf: ElfImage;
}

/** What execve will run, found and checked before anything of the old image is given up. */
export interface Program {
  readonly main: LoadedFile;
  readonly interpreter: LoadedFile | null;
  /** As the new program sees them: with the interpreter of a script in front. */
  readonly argv: readonly ByteString[];
  /** The path as execve was given it: AT_EXECFN and comm. */
  readonly filename: ByteString;
}

/** Why there is no program, and which file it is that cannot be executed. */
export interface NoProgram {
  /** Positive. */
  readonly errno: number;
  readonly file: ByteString;
}

/** For a person: what is wrong with `path`, or with what it asks for. */
export function explain(path: ByteString, { errno, file }: NoProgram): string {
  const reason = ERRNO_MESSAGES[errno] ?? `error ${errno}`;
  return file === path ? reason : `its interpreter ${new TextDecoder().decode(bytesOf(file))}: ${reason}`;
}

const SHEBANG_BYTES = 256;
/** A script's interpreter may be a script, so deep (fs/exec.c, exec_binprm). */
const MAX_SCRIPTS = 5;

/** Finds the program behind a path. Throws E_ELF, with the reason, for a file that is no program. */
export function findProgram(task: Task, path: ByteString, argv: readonly ByteString[]): Program | NoProgram {
  let target = path;
  let args = argv;
  for (let depth = 0; depth <= MAX_SCRIPTS; depth += 1) {
    const file = task.fs.openImage(target);
    if (typeof file === 'number') return { errno: -file, file: target };
    const head = new Uint8Array(SHEBANG_BYTES);
    const read = file.read(0, head);
    const script = read >= 2 ? parseShebang(head.subarray(0, read)) : null;
    if (script === null) return findElf(task, file, args, path);
    file.release();
    if (typeof script === 'number') return { errno: -script, file: target };
    args = [script.interpreter, ...(script.argument === null ? [] : [script.argument]), target, ...args.slice(1)];
    target = script.interpreter;
  }
  return { errno: E.ELOOP, file: target };
}

function findElf(task: Task, file: ImageFile, argv: readonly ByteString[], filename: ByteString): Program | NoProgram {
  let elf: ElfImage;
  try {
    elf = parseElf(sourceOf(file));
  } catch (error) {
    file.release();
    throw error;
  }
  const main = { file, elf };
  if (elf.interpreter === null) return { main, interpreter: null, argv, filename };
  const path = toByteString(elf.interpreter);
  const interpreter = task.fs.openImage(path);
  if (typeof interpreter === 'number') {
    file.release();
    return { errno: -interpreter, file: path };
  }
  try {
    return { main, interpreter: { file: interpreter, elf: parseElf(sourceOf(interpreter), { asLoader: true }) }, argv, filename };
  } catch (error) {
    file.release();
    interpreter.release();
    if (isEmulatorError(error) && error.code === 'E_ELF') return { errno: E.ELIBBAD, file: path };
    throw error;
  }
}

/** Host errors while reading look like the end of the file. */
function sourceOf(file: ImageFile) {
  return { size: file.size(), read: (offset: number, into: Uint8Array) => Math.max(0, file.read(offset, into)) };
}
