import { moduleBytes } from './module-source.ts';

const compiled = new Map<string, WebAssembly.Module>();

/** A module that is the same for every machine for which the name is the same. */
export function commonModule(name: string, make: () => Uint8Array): WebAssembly.Module {
  let module = compiled.get(name);
  if (module === undefined) compiled.set(name, (module = new WebAssembly.Module(moduleBytes(name, make) as Uint8Array<ArrayBuffer>)));
  return module;
}
