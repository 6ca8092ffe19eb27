/** A WebAssembly.Module, by a name that who has no declarations of WebAssembly can read too. */
export type CompiledModule = object;

/**
 * Takes machine code that the host made of WebAssembly from one process to the next. No interface of the language does that, so whoever knows a way of
 * the host's own gives it (JitOptions.machineCode). Code that it takes back is executed as it is: it must come from where nobody else could change it.
 */
export interface MachineCode {
  /** A module from its bytes and the machine code that was saved of it; null: the host does not take that (it is another version, or has another processor). */
  restore(code: Uint8Array, bytes: Uint8Array): CompiledModule | null;
  /** Of these functions that modules export, how many the host has optimised. */
  optimized(functions: readonly unknown[]): number;
  /** Machine code of the optimised functions of a module; only asked where `optimized` counts some of its exports: V8 ends the process otherwise. */
  save(module: CompiledModule): Uint8Array;
}

/** Machine code of a module, and of how many functions. */
export interface KeptCode {
  readonly code: Uint8Array;
  readonly optimized: number;
}

export const NO_CODE: KeptCode = { code: new Uint8Array(), optimized: 0 };
