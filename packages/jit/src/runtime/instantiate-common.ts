import { commonModule, instantiated } from './common-modules.ts';
import { fromSource } from './module-source.ts';

/** An instance of a module that is compiled once for all that have the same name. */
export function instantiateCommon(name: string, make: () => Uint8Array, imports: WebAssembly.Imports): WebAssembly.Instance {
  const module = commonModule(name, () => {
    const found = fromSource(name, make);
    return found instanceof Uint8Array ? new WebAssembly.Module(found as Uint8Array<ArrayBuffer>) : found;
  });
  const instance = new WebAssembly.Instance(module as WebAssembly.Module, imports);
  instantiated(name, instance.exports);
  return instance;
}
