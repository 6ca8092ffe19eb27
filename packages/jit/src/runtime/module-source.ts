/**
 * Where the bytes of a module come from that is the same at each start: `make` makes them, and whoever kept what the same version of this package made
 * under this name may return that.
 */
export type ModuleSource = (name: string, make: () => Uint8Array) => Uint8Array;

let source: ModuleSource = (_, make) => make();

/** From now on the engines of this process take modules that are the same at each start from there: making them takes as long as a small guest runs. */
export function takeModulesFrom(other: ModuleSource): void {
  source = other;
}

export function moduleBytes(name: string, make: () => Uint8Array): Uint8Array {
  return source(name, make);
}
