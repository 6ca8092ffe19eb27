import type { Region, RegionModule } from './regions.ts';

/** Compiles modules of regions when one of their functions is needed, with those that they call. */
export class Linker {
  readonly #imports: WebAssembly.Imports;
  readonly #absent: unknown;

  /** `absent`: in place of regions that are gone. */
  constructor(imports: WebAssembly.Imports, absent: unknown) {
    this.#imports = imports;
    this.#absent = absent;
  }
  functionOf({ module, exported }: Region): unknown {
    return (module.exports ?? this.#link(module))[exported];
  }

  #link(module: RegionModule): Readonly<Record<string, unknown>> {
    const needed = new Set([module]);
    for (const { imported } of needed) for (const region of imported) if (region !== null && region.module.exports === null) needed.add(region.module);
    // a module calls only what was there before it
    for (const each of [...needed].sort((a, b) => a.number - b.number)) {
      const regions = Object.fromEntries(each.imported.map((region, i) => [i, (region === null ? this.#absent : region.module.exports![region.exported]) as WebAssembly.ImportValue]));
      each.exports = new WebAssembly.Instance(new WebAssembly.Module(each.bytes as Uint8Array<ArrayBuffer>), { ...this.#imports, regions }).exports;
    }
    return module.exports!;
  }
}
