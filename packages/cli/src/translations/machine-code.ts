import v8 from 'node:v8';
import type { MachineCode } from '@tally86/jit';

/** Versions of V8 with which this was tried: those of Node 20, 22 and 24. In others its functions may be different, or end the process. */
const TRIED = /^(11\.3|12\.4|13\.6)\./;
/** Functions of V8's own, made for its tests: what Chromium does when it caches compiled WebAssembly has no other name here. */
const NATIVES = {
  save: ['module', '%SerializeWasmModule(module)'],
  restore: ['code, bytes', '%DeserializeWasmModule(code, bytes)'],
  isOptimized: ['f', '%IsTurboFanFunction(f)'],
  hasTrapHandler: ['', '%IsWasmTrapHandlerEnabled()'],
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

/** Takes and gives the machine code of V8. */
export interface MachineCodeOfV8 extends MachineCode {
  /** Tells machine code apart that one V8 takes and another does not: by its version, its flags and the processor. */
  readonly id: string;
}

/**
 * A way to keep the machine code that V8 made of WebAssembly; null: this V8 is not known to have one, or may not compile what asks for it. V8 refuses what
 * another version of it made, or one with other flags, or for another processor. It does not check the code, which is executed as it is.
 */
export function machineCodeOfV8(version: string = process.versions.v8): MachineCodeOfV8 | null {
  if (!TRIED.test(version)) return null;
  const compiled = new Map<Name, Native>();
  try {
    for (const name of Object.keys(NATIVES) as Name[]) compiled.set(name, compile(name));
  } catch {
    // --disallow-code-generation-from-strings
    return null;
  }
  function call(name: Name, ...args: readonly unknown[]): unknown {
    try {
      return compiled.get(name)!(true, ...args);
    } catch (error) {
      // V8 throws away what it compiled if it is not called for some time
      if (!(error instanceof SyntaxError)) throw error;
    }
    const anew = compile(name);
    compiled.set(name, anew);
    return anew(true, ...args);
  }
  // code that counts on the handler has no checks of its own, and its flag is Node's: V8 does not compare it
  if (call('hasTrapHandler') !== true) return null;
  return {
    id: v8.cachedDataVersionTag().toString(16),
    restore(code, bytes) {
      const module = call('restore', new Uint8Array(code).buffer, bytes);
      return module instanceof WebAssembly.Module ? module : null;
    },
    optimized: (functions) => functions.filter((f) => call('isOptimized', f) === true).length,
    save: (module) => new Uint8Array(call('save', module) as ArrayBuffer),
  };
}

let here: MachineCodeOfV8 | null | undefined;
/** The same for this process, asked for when flags of V8 are as they stay. */
export function machineCodeHere(): MachineCodeOfV8 | null {
  if (here === undefined) here = machineCodeOfV8();
  return here;
}
