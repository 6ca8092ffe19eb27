import type { CompiledModule } from './machine-code.ts';

/** A module that is the same for every machine for which its name is the same. */
export interface CommonModule {
  readonly name: string;
  readonly module: CompiledModule;
  /** What an instance of it exports, while there is one. */
  readonly exports: readonly unknown[];
}

interface Known {
  readonly module: CompiledModule;
  /** What an instance exports, and with it the memory of a machine: it goes when that goes. */
  exports: WeakRef<object> | null;
}
const known = new Map<string, Known>();

/** The module of a name, which `compile` makes for the first who asks. */
export function commonModule(name: string, compile: () => CompiledModule): CompiledModule {
  let common = known.get(name);
  if (common === undefined) known.set(name, (common = { module: compile(), exports: null }));
  return common.module;
}
/** There is an instance of it. */
export function instantiated(name: string, exports: object): void {
  known.get(name)!.exports = new WeakRef(exports);
}

/** The modules that engines of this process have used that are the same at each start. */
export function commonModules(): CommonModule[] {
  return [...known].map(([name, { module, exports }]) => ({ name, module, exports: Object.values(exports?.deref() ?? {}) }));
}
