import v8 from 'node:v8';
import type { MachineCode } from '@tally86/jit';

/** Versions of V8 with which this was tried: those of Node 20, 22 and 24. In others its functions may be different, or end the process. */
const TRIED = /^(11\.3|12\.4|13\.6)\./;
/** Functions of V8's own, made for its tests: what Chromium does when it caches compiled WebAssembly has no other name here. */
const NATIVES = {
  save: ['module', '%SerializeWasmModule(module)'],
  restore: ['code, bytes', '%DeserializeWasmModule(code, bytes)'],
  isOptimized: ['f', '%IsTurboFanFunction(f)'],
} as const;
type Name = keyof typeof NATIVES;
type Native = (isReal: boolean, ...args: readonly unknown[]) => unknown;

/** V8 knows their syntax only while a flag says so; it compiles a function when that is called first. */
function compile(name: Name): Native {
  const [parameters, body] = NATIVES[name];
  v8.setFlagsFromString('--allow-natives-syntax');
  try {
    // oxlint-disable-next-line no-new-func -- V8 reads these words, and no file may have them
    const native = new Function('isReal', parameters, `if (isReal) return ${body}`) as Native;
    native(false);
    return native;
  } finally {
    v8.setFlagsFromString('--no-allow-natives-syntax');
  }
}

/**
 * A way to keep the machine code that V8 made of WebAssembly; null: this is no V8 that is known to have one. V8 refuses what another version of it made, or
 * one with other flags, or for another processor. It does not check the code, which is executed as it is.
 */
export function machineCodeOfV8(version: string = process.versions.v8): MachineCode | null {
  if (!TRIED.test(version)) return null;
  const compiled = new Map<Name, Native>();
  function call(name: Name, ...args: readonly unknown[]): unknown {
    const native = compiled.get(name);
    try {
      if (native !== undefined) return native(true, ...args);
    } catch (error) {
      // V8 throws away what it compiled if it is not called for some time
      if (!(error instanceof SyntaxError)) throw error;
    }
    const anew = compile(name);
    compiled.set(name, anew);
    return anew(true, ...args);
  }
  return {
    restore(code, bytes) {
      const module = call('restore', new Uint8Array(code).buffer, bytes);
      return module instanceof WebAssembly.Module ? module : null;
    },
    optimized: (functions) => functions.filter((f) => call('isOptimized', f) === true).length,
    save: (module) => new Uint8Array(call('save', module) as ArrayBuffer),
  };
}
