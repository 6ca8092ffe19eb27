import { moduleFrom } from './module-source.ts';

/** A module that is the same for every machine for which its name is the same. */
export interface CommonModule {
  readonly name: string;
  readonly module: WebAssembly.Module;
  /** What an instance of it exports, while there is one. */
  readonly exports: readonly unknown[];
}

interface Known {
  readonly module: WebAssembly.Module;
  /** An instance has the memory of a machine: it goes when that goes. */
  instance: WeakRef<WebAssembly.Instance> | null;
}
const known = new Map<string, Known>();

/** An instance of a module that is compiled once for all that have the same name. */
export function instantiateCommon(name: string, make: () => Uint8Array, imports: WebAssembly.Imports): WebAssembly.Instance {
  let common = known.get(name);
  if (common === undefined) known.set(name, (common = { module: moduleFrom(name, make), instance: null }));
  const instance = new WebAssembly.Instance(common.module, imports);
  common.instance = new WeakRef(instance);
  return instance;
}

/** The modules that engines of this process have used that are the same at each start. */
export function commonModules(): CommonModule[] {
  return [...known].map(([name, { module, instance }]) => ({ name, module, exports: Object.values(instance?.deref()?.exports ?? {}) }));
}
