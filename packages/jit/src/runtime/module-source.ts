import type { CompiledModule } from './machine-code.ts';

/**
 * Where a module comes from that is the same at each start: `make` makes its bytes, and whoever kept what the same version of this package made under this
 * name may return that, compiled or not.
 */
export type ModuleSource = (name: string, make: () => Uint8Array) => Uint8Array | CompiledModule;

let source: ModuleSource = (_, make) => make();

/** From now on the engines of this process take modules that are the same at each start from there: making them takes as long as a small guest runs. */
export function takeModulesFrom(other: ModuleSource): void {
  source = other;
}

export function fromSource(name: string, make: () => Uint8Array): Uint8Array | CompiledModule {
  return source(name, make);
}
