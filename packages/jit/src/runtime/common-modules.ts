/**
 * Where the bytes of a module come from that is the same at each start: `make` makes them, and whoever kept what the same version of this package made
 * under this name may return that.
 */
export type ModuleSource = (name: string, make: () => Uint8Array) => Uint8Array;

let source: ModuleSource = (_, make) => make();
const compiled = new Map<string, WebAssembly.Module>();

/** From now on the engines of this process take modules that are the same at each start from there: making them takes as long as a small guest runs. */
export function takeModulesFrom(other: ModuleSource): void {
  source = other;
}

/** A module that is the same for every machine for which the name is the same. */
export function commonModule(name: string, make: () => Uint8Array): WebAssembly.Module {
  let module = compiled.get(name);
  if (module === undefined) compiled.set(name, (module = new WebAssembly.Module(source(name, make) as Uint8Array<ArrayBuffer>)));
  return module;
}
