import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { CommonModule, CompiledModule, MachineCode } from '@tally86/jit';
import { readOwn, replaceOwn } from '../launch/own-file.ts';

/** The machine code of modules that are the same at each start, so that a start need not have them compiled. */
export interface ModuleCode {
  /** A module from its bytes, with the machine code that is kept of it. */
  compile(name: string, bytes: Uint8Array): CompiledModule;
  /** Keeps the machine code of those that `compile` made, if it is more than there was. Never throws: a cache may fail. */
  save(modules: readonly CommonModule[]): void;
}

const DIGEST = 32;
/** A process this old (in seconds) may look whether more was compiled than is kept; and by which share it has to be more. */
const OLD = 2;
const SHARE = 0.05;

const digestOf = (code: Uint8Array): Buffer => createHash('sha256').update(code).digest();

/** Files in a directory that only its owner can write to; `build`: of the modules, and of what makes machine code of them. */
export function openModuleCode(directory: string, build: string, machineCode: MachineCode): ModuleCode {
  /** Bytes of machine code that are kept of each module. */
  const kept = new Map<string, number>();
  const fileOf = (name: string): string => join(directory, `${name.split(',')[0]!}-${process.version}-${process.arch}-${createHash('sha256').update(`${build} ${name}`).digest('hex').slice(0, 16)}.bin`);

  function restore(name: string, bytes: Uint8Array): CompiledModule | null {
    const file = readOwn(fileOf(name));
    if (file === undefined) return null;
    const code = file.subarray(DIGEST);
    // V8 executes it as it is
    if (!digestOf(code).equals(file.subarray(0, DIGEST))) return null;
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
          replaceOwn(directory, fileOf(name), [digestOf(code), code]);
        } catch {
          // it is compiled again each time
        }
      }
    },
  };
}
