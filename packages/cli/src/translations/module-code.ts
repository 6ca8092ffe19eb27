import { join } from 'node:path';
import { checksum, type CommonModule, type CompiledModule, type MachineCode } from '@tally86/jit';
import { readOwn, replaceOwn } from '../launch/own-file.ts';

/** The machine code of modules that are the same at each start, so that a start need not have them compiled. */
export interface ModuleCode {
  /** A module from its bytes, with the machine code that is kept of it. */
  compile(name: string, bytes: Uint8Array): CompiledModule;
  /** Keeps the machine code of those that `compile` made, if it is more than there was. Never throws: a cache may fail. */
  save(modules: readonly CommonModule[]): void;
}

/** Before the code: its bytes, and the checksum of its words. */
const HEADER = 8;
/** A process this old (in seconds) may look whether more was compiled than is kept; and by which share it has to be more. */
const OLD = 2;
const SHARE = 0.05;

/** A file that holds code. The hash of a library would take longer to load than all the rest. */
function encode(code: Uint8Array): Uint8Array {
  const words = new Uint32Array(2 + Math.ceil(code.length / 4));
  new Uint8Array(words.buffer).set(code, HEADER);
  words[0] = code.length;
  words[1] = checksum(words.subarray(2));
  return new Uint8Array(words.buffer);
}
/** Null: it is damaged. */
function decode(file: Uint8Array): Uint8Array | null {
  if (file.length < HEADER || file.length % 4 !== 0) return null;
  // a view needs the alignment, as a file of more than some KiB has it
  const { buffer, byteOffset } = file.byteOffset % 4 === 0 ? file : Uint8Array.from(file);
  const words = new Uint32Array(buffer, byteOffset, file.length / 4);
  const [length, sum] = words as unknown as [number, number];
  return Math.ceil(length / 4) === words.length - 2 && sum === checksum(words.subarray(2)) ? new Uint8Array(buffer, byteOffset + HEADER, length) : null;
}

/** Files in a directory that only its owner can write to; `build`: of the modules, and of what makes machine code of them. */
export function openModuleCode(directory: string, build: string, machineCode: MachineCode): ModuleCode {
  /** Bytes of machine code that are kept of each module. */
  const kept = new Map<string, number>();
  const fileOf = (name: string): string => join(directory, `${name.replaceAll(',', '-')}-${process.version}-${process.arch}-${build}.bin`);

  function restore(name: string, bytes: Uint8Array): CompiledModule | null {
    const file = readOwn(fileOf(name));
    if (file === undefined) return null;
    // V8 executes it as it is
    const code = decode(file);
    if (code === null) return null;
    const module = machineCode.restore(code, bytes);
    if (module !== null) kept.set(name, code.length);
    return module;
  }
  return {
    compile(name, bytes) {
      kept.set(name, 0);
      return restore(name, bytes) ?? new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
    },
    save(modules) {
      for (const { name, module, exports } of modules) {
        const before = kept.get(name);
        if (before === undefined || (before > 0 && process.uptime() < OLD)) continue;
        try {
          if (machineCode.optimized(exports.filter((value) => typeof value === 'function')) === 0) continue;
          const code = machineCode.save(module);
          if (code.length <= before * (1 + SHARE)) continue;
          replaceOwn(directory, fileOf(name), [encode(code)]);
        } catch {
          // it is compiled again each time
        }
      }
    },
  };
}
